"""Models on disk: every byte is checked before any of it is read, and a folder never changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.audit.canonical import canonical_json
from engine.kernel.errors import ExitStatus, KizukiError
from ml_overlay.learning.model import OverlayModel
from ml_overlay.register.files import CONTENTS_FILE, find_model, list_models, model_id_of, read_model, write_model
from ml_overlay.register.plain import MODEL_FILE, model_of, plain_model

EXTRA = {"evaluation.json": b'{"a":1}', "card.html": "説明書".encode()}


def codes(do: Callable[[], object]) -> list[str]:
    with pytest.raises(KizukiError) as caught:
        do()
    assert caught.value.exit_status is ExitStatus.MODEL
    return sorted({problem.code for problem in caught.value.problems})


def test_a_model_comes_back_as_it_was_written(tmp_path: Path, made_up_model: OverlayModel):
    """Boosters, calibration to the last bit, ranks, recipe and inputs; and what lies beside them."""
    written = write_model(tmp_path, made_up_model, EXTRA)
    stored = read_model(tmp_path, written.model_id, written.sha256)
    assert stored.model == made_up_model
    assert stored.extra == EXTRA
    assert stored.files == written == find_model(tmp_path, written.model_id)
    assert list_models(tmp_path) == (written.model_id,)


def test_whom_a_type_is_about_is_kept_and_part_of_the_number(tmp_path: Path, made_up_model: OverlayModel):
    """Ages come back as they were written; a model for other children is another model."""
    infants = replace(made_up_model.types["poverty"], ages=(0, 1))
    model = replace(made_up_model, types={**made_up_model.types, "poverty": infants})
    written = write_model(tmp_path, model)
    assert read_model(tmp_path, written.model_id, written.sha256).model.types["poverty"].ages == (0, 1)
    assert written.model_id != model_id_of(made_up_model)


def test_the_same_training_has_the_same_number(tmp_path: Path, made_up_model: OverlayModel):
    """Whatever order the types are held in, and wherever it is written; nothing of it is a clock or a counter."""
    turned = replace(made_up_model, types=dict(reversed(made_up_model.types.items())))
    one, other = write_model(tmp_path / "a", made_up_model, EXTRA), write_model(tmp_path / "b", turned, EXTRA)
    assert (one.model_id, one.sha256) == (other.model_id, other.sha256)
    assert one.model_id.startswith("M20261120-")


def test_writing_again_changes_nothing(tmp_path: Path, made_up_model: OverlayModel):
    """The same content may be written as often as one likes."""
    first = write_model(tmp_path, made_up_model, EXTRA)
    before = {path.name: path.stat().st_mtime_ns for path in first.folder.iterdir()}
    assert write_model(tmp_path, made_up_model, EXTRA) == first
    assert {path.name: path.stat().st_mtime_ns for path in first.folder.iterdir()} == before


def test_other_content_under_the_same_number_is_refused(tmp_path: Path, made_up_model: OverlayModel):
    """An approval points at the number: what lies there must stay what it was."""
    first = write_model(tmp_path, made_up_model, EXTRA)
    assert codes(lambda: write_model(tmp_path, made_up_model, {**EXTRA, "evaluation.json": b"{}"})) == ["E-MODEL-08"]
    assert read_model(tmp_path, first.model_id, first.sha256).extra == EXTRA


def test_another_model_has_another_number(made_up_model: OverlayModel):
    """One bit of the calibration is enough."""
    kind = made_up_model.types["poverty"]
    other = replace(kind, slope=kind.slope * (1 + 2**-52))
    assert model_id_of(replace(made_up_model, types={**made_up_model.types, "poverty": other})) != model_id_of(
        made_up_model
    )


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def _turn_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _link(path: Path) -> None:
    beside = path.parent.parent / path.name
    path.rename(beside)
    path.symlink_to(beside)


@pytest.mark.parametrize("name", ["model.json", "poverty.1.0.txt", "evaluation.json", "card.html"])
@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_cut, "E-MODEL-05"),
        (_lengthen, "E-MODEL-05"),
        (_turn_a_bit, "E-MODEL-05"),
        (Path.unlink, "E-MODEL-04"),
        (_link, "E-MODEL-04"),
    ],
)
def test_a_spoiled_file_is_refused(
    tmp_path: Path, made_up_model: OverlayModel, name: str, spoil: Callable[[Path], None], code: str
):
    """Shortened, lengthened, altered, gone or led elsewhere: the file is named, whichever of them it is."""
    written = write_model(tmp_path / "models", made_up_model, EXTRA)
    spoil(written.folder / name)
    assert codes(lambda: read_model(tmp_path / "models", written.model_id, written.sha256)) == [code]


def test_every_spoiled_file_is_told_at_once(tmp_path: Path, made_up_model: OverlayModel):
    """What is missing, altered and too many, together."""
    written = write_model(tmp_path, made_up_model, EXTRA)
    (written.folder / "model.json").unlink()
    _cut(written.folder / "card.html")
    (written.folder / "model.pkl").write_bytes(b"\x80\x04.")
    assert codes(lambda: read_model(tmp_path, written.model_id, written.sha256)) == [
        "E-MODEL-04",
        "E-MODEL-05",
        "E-MODEL-06",
    ]


def test_a_list_made_to_fit_is_not_what_was_approved(tmp_path: Path, made_up_model: OverlayModel):
    """Whoever alters a file and its hash in the list has made another model than the one that is approved."""
    written = write_model(tmp_path, made_up_model, EXTRA)
    listed = json.loads((written.folder / CONTENTS_FILE).read_bytes())
    (written.folder / "card.html").write_bytes(b"x")
    listed["files"]["card.html"] = [1, hashlib.sha256(b"x").hexdigest()]
    (written.folder / CONTENTS_FILE).write_bytes(canonical_json(listed))
    assert codes(lambda: read_model(tmp_path, written.model_id, written.sha256)) == ["E-MODEL-02"]


def test_no_list_no_model(tmp_path: Path, made_up_model: OverlayModel):
    """Without its list nothing says what belongs to a model; one of another size than any list is not even read."""
    written = write_model(tmp_path, made_up_model)
    path = written.folder / CONTENTS_FILE
    path.write_bytes(b" " * (2 * 1024**2))
    assert codes(lambda: find_model(tmp_path, written.model_id)) == ["E-MODEL-03"]
    path.unlink()
    assert codes(lambda: read_model(tmp_path, written.model_id, written.sha256)) == ["E-MODEL-03"]


@pytest.mark.parametrize("model_id", ["M20261120-000000000000", "", "..", "M20261120-3f9a0c41d2b7/../x"])
def test_a_number_that_nobody_gave(tmp_path: Path, made_up_model: OverlayModel, model_id: str):
    """A number that is none, or of no model here; the ones that are here are named."""
    written = write_model(tmp_path, made_up_model)
    assert codes(lambda: find_model(tmp_path, model_id)) == ["E-MODEL-01"]
    with pytest.raises(KizukiError, match=written.model_id):
        find_model(tmp_path, model_id)


@pytest.mark.parametrize("content", [b"[]", b"{}", b"\xff", b"{", b'{"format":2}', b"[" * 100_000], ids=str)
def test_a_list_that_is_none(tmp_path: Path, made_up_model: OverlayModel, content: bytes):
    """Even if its hash is the one asked for: another format, and what is no list at all."""
    written = write_model(tmp_path, made_up_model)
    (written.folder / CONTENTS_FILE).write_bytes(content)
    code = "E-MODEL-09" if content in (b"\xff", b"{", b"[]") or len(content) > 1000 else "E-MODEL-07"
    assert codes(lambda: read_model(tmp_path, written.model_id, hashlib.sha256(content).hexdigest())) == [code]


@pytest.mark.parametrize(
    "alter",
    [
        lambda said: said.pop("types"),
        lambda said: said.update(as_of="20.11.2026"),
        lambda said: said["types"]["poverty"].update(slope={"float": "0.5"}),
        lambda said: said["types"]["poverty"].update(slope={"float": "nan"}),
        lambda said: said["types"]["poverty"].update(slope={"float": "0x1.0p+9999"}),
        lambda said: said["types"]["poverty"].update(slope={"float": "-0x1.0p+0"}),
        lambda said: said["types"]["poverty"].update(slope={"float": "0x0.0p+0"}),
        lambda said: said["types"]["poverty"].update(ranks=["1"]),
        lambda said: said["types"]["poverty"].update(ranks=[10**30] * 201),
        lambda said: said["types"]["poverty"].update(ranks=[-1]),
        lambda said: said["types"]["poverty"].update(boosters=said["types"]["poverty"]["boosters"] * 101),
        lambda said: said["types"]["poverty"].update(
            features=[{**said["types"]["poverty"]["features"][0], "name": f"f{n}"} for n in range(5_001)]
        ),
        lambda said: said["types"]["poverty"].update(boosters=[]),
        lambda said: said["types"]["poverty"]["boosters"][0].pop(),
        lambda said: said["types"]["poverty"]["features"].append(said["types"]["poverty"]["features"][0]),
        lambda said: said["types"].update(wealth=said["types"]["poverty"]),
    ],
)
def test_what_is_no_model_is_refused(made_up_model: OverlayModel, alter: Callable[[dict], object]):
    """A model.json that says less, more or something else than a model does, although nobody tampered with the folder."""
    raw, texts = plain_model(made_up_model)
    said = json.loads(raw)
    alter(said)
    assert codes(lambda: model_of({**texts, MODEL_FILE: json.dumps(said).encode()}, "M20261120-3f9a0c41d2b7")) == [
        "E-MODEL-09"
    ]


def test_texts_that_cannot_be_written_are_refused(tmp_path: Path, made_up_model: OverlayModel):
    """Half a character in model.json, with every hash made to fit, is no model; nothing breaks off with a traceback."""
    written = write_model(tmp_path, made_up_model)
    raw = (written.folder / MODEL_FILE).read_bytes()
    said = json.loads(raw)
    said["without"]["abuse"] = "\ud800"
    forged = json.dumps(said).encode()
    (written.folder / MODEL_FILE).write_bytes(forged)
    listed = json.loads((written.folder / CONTENTS_FILE).read_bytes())
    listed["files"][MODEL_FILE] = [len(forged), hashlib.sha256(forged).hexdigest()]
    contents = canonical_json(listed)
    (written.folder / CONTENTS_FILE).write_bytes(contents)
    sha256 = hashlib.sha256(contents).hexdigest()
    assert codes(lambda: read_model(tmp_path, written.model_id, sha256)) == ["E-MODEL-09"]


_CELLS = st.none() | st.booleans() | st.integers() | st.text()


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.dictionaries(st.text(min_size=6), _CELLS | st.lists(_CELLS) | st.dictionaries(st.text(min_size=6), _CELLS)),
)
def test_numbers_keep_their_very_bits(made_up_model: OverlayModel, number: float, plain: object):
    """A calibration and a recipe come back exactly, and no float stands in the JSON."""
    kind = replace(made_up_model.types["poverty"], slope=abs(number) or 5e-324, intercept=-number)
    model = replace(made_up_model, types={"poverty": kind}, recipe={"learning_rate": number, "more": plain})
    raw, texts = plain_model(model)
    again = model_of({**texts, MODEL_FILE: raw}, "M20261120-3f9a0c41d2b7")
    assert again == model and again.types["poverty"].intercept.hex() == (-number).hex()
    json.loads(raw, parse_float=lambda text: pytest.fail(f"a float: {text}"))
