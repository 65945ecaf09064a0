"""`kizuki audit verify`: a record is confirmed by making it again, and whatever was changed since is named."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from rich.console import Console

from engine.audit.canonical import canonical_json, parquet_bytes, sealed, table_digest
from engine.audit.run_record import RunRecord
from engine.audit.runs import open_run
from engine.kernel.errors import ExitStatus, KizukiError
from engine.linkage.keyring import Keyring
from engine.rulebook.versions.approval import TO_BE_APPROVED
from kizuki.audit.command import show_verification
from kizuki.audit.inputs import check_files
from kizuki.audit.verify import Verification, verify_run
from kizuki.pipeline import run_week
from kizuki.progress import Stages
from kizuki.settings import Workspace, open_workspace

pytestmark = pytest.mark.xdist_group(name="audit")
WEEKS = (date(2026, 11, 13), date(2026, 11, 20))
REPOSITORY = Path(__file__).parents[2]
RULE_FILES = [
    *(f"rules/rulebooks/{name}" for name in (*TO_BE_APPROVED, "approvals.yaml")),
    *(f"rules/sources/{path.name}" for path in sorted((REPOSITORY / "sources").glob("*.yaml"))),
    "rules/kizuki.toml",
]
OWN_FILES = [
    *("decisions.parquet", "conditions.parquet", "scenarios.json", "cases.json", "conference.json", "replay.json"),
]
RECORD_FILES = [*OWN_FILES, *RULE_FILES]


def quiet() -> Console:
    return Console(quiet=True)


@pytest.fixture(scope="module")
def audited(city_maker: Callable[..., Workspace], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A small city after two weeks. Tests spoil it through `restored`, which puts every byte back."""
    folder = tmp_path_factory.mktemp("audited")
    workspace = city_maker(folder, people=1_500, sample=30)
    for day in WEEKS:
        run_week(folder, day, quiet())
    return workspace


@contextmanager
def restored(workspace: Workspace) -> Iterator[None]:
    """Put store, runs, deliveries and rulebooks back as they were."""
    folders = (workspace.store, workspace.runs, workspace.deliveries, workspace.rulebooks)
    before = {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}
    try:
        yield
    finally:
        for folder in folders:
            for path in [p for p in folder.rglob("*") if p.is_file() and p not in before]:
                path.unlink()
        for path, content in before.items():
            if not path.is_file() or path.read_bytes() != content:
                path.write_bytes(content)


def verified(workspace: Workspace, run_id: str | None = None) -> Verification:
    _, settings = open_workspace(workspace.root)
    return verify_run(workspace, settings, open_run(workspace.runs, run_id), Stages(quiet()))


def shown(workspace: Workspace, run_id: str | None = None, out: Path | None = None) -> tuple[bool, str]:
    screen = io.StringIO()
    confirmed = show_verification(workspace.root, run_id, out, Console(file=screen, width=400), date(2026, 12, 1))
    return confirmed, screen.getvalue()


def told(verification: Verification) -> list[tuple[str, str]]:
    return [(found.problem.code, found.problem.place.file) for found in verification.findings]


def rewrite(run: RunRecord, change: Callable[[dict[str, Any]], None], files: dict[str, bytes] | None = None) -> None:
    """What somebody would do who knows the record: new content, new hashes, a new seal."""
    manifest = json.loads((run.folder / "manifest.json").read_bytes())
    for name, content in (files or {}).items():
        (run.folder / name).write_bytes(content)
        manifest["outputs"][name] = hashlib.sha256(content).hexdigest()
    change(manifest)
    (run.folder / "manifest.json").write_bytes(canonical_json(sealed(manifest)))


def with_value(table: pa.Table, column: str, row: int, value: object) -> pa.Table:
    values = table[column].to_pylist()
    values[row] = value
    at = table.column_names.index(column)
    return table.set_column(at, table.schema.field(at), pa.array(values, table.schema.field(at).type))


def test_a_sound_record_is_confirmed_with_what_was_compared(audited: Workspace, tmp_path: Path):
    """The certificate tells run, day, how many answers were compared, hashes and versions; it can be kept as a file."""
    confirmed, text = shown(audited, out=tmp_path / "検証.txt")
    run = open_run(audited.runs)
    answers = run.conditions().num_rows * (run.conditions().num_columns - 1)
    assert confirmed and "検証できました" in text
    assert run.run_id in text and "2026-11-20" in text and f"{answers:,}個" in text and "バイトまで同じ" in text
    assert run.manifest["seal"] in text and "duckdb" in text and "×" not in text.replace("○×", "")
    assert (tmp_path / "検証.txt").read_text("utf-8-sig") in text
    assert (tmp_path / "検証.txt").stat().st_mode & 0o077 == 0  # it may name children by 整理番号


def test_an_earlier_week_is_confirmed_after_later_deliveries(audited: Workspace):
    """What was delivered since is as if it were not there."""
    verification = verified(audited, "R20261113-01")
    assert verification.confirmed, told(verification)


def test_no_such_run_is_a_message(audited: Workspace):
    """As everywhere: the numbers that exist are told."""
    with pytest.raises(KizukiError) as caught:
        shown(audited, "R20990101-01")
    assert caught.value.exit_status is ExitStatus.NOT_FOUND


@contextmanager
def one_byte_changed(path: Path) -> Iterator[None]:
    sound = path.read_bytes()
    content = bytearray(sound)
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    try:
        yield
    finally:
        path.write_bytes(sound)


@pytest.mark.parametrize("name", RECORD_FILES)
def test_one_changed_byte_is_named_with_its_file(audited: Workspace, name: str):
    """Whatever file of the record it is in."""
    run = open_run(audited.runs)
    with one_byte_changed(run.folder / name):
        found = check_files(run).findings
    assert [(f.problem.code, f.problem.place.file) for f in found] == [("E-AUDIT-01", f"runs/{run.run_id}/{name}")]


@pytest.mark.parametrize("name", [*OWN_FILES, "rules/rulebooks/abuse.yaml", "rules/kizuki.toml"])
def test_a_changed_file_hinders_only_what_rests_on_it(audited: Workspace, name: str):
    """The verification goes on to the end, and tells the changed file first and as the likeliest cause."""
    with one_byte_changed(open_run(audited.runs).folder / name):
        verification = verified(audited)
    assert not verification.confirmed
    assert told(verification)[0] == ("E-AUDIT-01", f"runs/{verification.run_id}/{name}")
    assert verification.causes()[0] == "記録が、作られた後に変わった"
    done = {check.name for check in verification.checks if check.holds}
    assert {"受領データ", "前後の実行との照合"} <= done
    assert name.startswith("rules/") or "判定" in done


def test_every_file_of_a_record_is_in_that_list(audited: Workspace):
    """The list above is the record: nothing that is kept goes unverified."""
    assert set(RECORD_FILES) == set(open_run(audited.runs).manifest["outputs"])


@pytest.mark.parametrize("share", [0.0, 0.21, 0.5, 0.83, 1.0])
def test_one_changed_byte_of_the_manifest_is_told(audited: Workspace, share: float):
    """Wherever in it: the seal does not fit any more."""
    with restored(audited):
        path = open_run(audited.runs).folder / "manifest.json"
        content = bytearray(path.read_bytes())
        content[int((len(content) - 1) * share)] ^= 1
        path.write_bytes(content)
        with pytest.raises(KizukiError) as caught:
            shown(audited)
    assert caught.value.exit_status is ExitStatus.NOT_CONFIRMED
    assert caught.value.problems[0].place.file.endswith("/manifest.json")


def test_a_missing_file_and_one_too_many_are_named(audited: Workspace):
    """Nothing can be taken out of a record, and nothing slipped in."""
    with restored(audited):
        folder = open_run(audited.runs).folder
        (folder / "rules" / "sources" / "12_water.yaml").unlink()
        (folder / "rules" / "rulebooks" / "more.yaml").write_bytes(b"x")
        verification = verified(audited)
    assert told(verification)[:2] == [
        ("E-AUDIT-02", f"runs/{verification.run_id}/rules/rulebooks/more.yaml"),
        ("E-AUDIT-01", f"runs/{verification.run_id}/rules/sources/12_water.yaml"),
    ]


def test_a_forged_tier_is_named_with_child_and_column(audited: Workspace):
    """Decisions, hashes and seal rewritten so that everything fits: only making them again tells."""
    with restored(audited):
        run = open_run(audited.runs)
        table = run.decisions()
        row = table["tier"].to_pylist().index(3)
        forged = with_value(table, "tier", row, 1)

        def rehash(manifest: dict[str, Any]) -> None:
            manifest["decisions_content"] = table_digest(forged)

        rewrite(run, rehash, {"decisions.parquet": parquet_bytes(forged)})
        confirmed, text = shown(audited)
        verification = verified(audited)
    key = table["child_key"][row].as_py()
    assert not confirmed
    assert told(verification)[0] == ("E-AUDIT-07", f"runs/{run.run_id}/decisions.parquet")
    assert f"整理番号 {key} の tier(区分)は、記録では「①」、計算し直すと「③」" in text
    assert "違いは、こども1人・1か所です" in text and "違いは全部で1か所です" in text
    assert "記録が(または記録と保管庫がいっしょに)、目録のハッシュごと書き換えられた" in text


def test_a_forged_answer_is_named_with_its_sentence(audited: Workspace):
    """A ○ turned into ？ in the table of sentences."""
    with restored(audited):
        run = open_run(audited.runs)
        table = run.conditions()
        row = table["c3"].to_pylist().index(0)
        forged = with_value(table, "c3", row, None)
        content = {"conditions.parquet": parquet_bytes(forged)}
        rewrite(run, lambda manifest: manifest.update(conditions_content=table_digest(forged)), content)
        _, text = shown(audited)
    assert f"整理番号 {table['child_key'][row].as_py()} の c3(文「" in text
    assert "記録では「不明」、計算し直すと「非該当」" in text


def test_a_child_taken_out_is_named(audited: Workspace):
    """A row that is missing, in both tables and with every hash rewritten."""
    with restored(audited):
        run = open_run(audited.runs)
        cut = {name: getattr(run, name)().slice(1) for name in ("decisions", "conditions")}

        def rehash(manifest: dict[str, Any]) -> None:
            manifest.update({f"{name}_content": table_digest(table) for name, table in cut.items()})

        gone = run.decisions()["child_key"][0].as_py()
        rewrite(run, rehash, {f"{name}.parquet": parquet_bytes(table) for name, table in cut.items()})
        _, text = shown(audited)
    assert f"整理番号 {gone} の行は、記録ではなし、計算し直すとあり" in text


def test_a_forged_case_is_named_without_telling_the_fact(audited: Workspace):
    """Another line for a fact is shown; another text of a fact is only said to differ."""
    with restored(audited):
        run = open_run(audited.runs)
        case = json.loads((run.folder / "cases.json").read_bytes())
        child, sentence = next(
            (child, sentence)
            for one in case["cases"]
            for child in one["children"]
            for result in child["results"]
            for sentence in result["sentences"]
            if sentence["facts"]
        )
        sentence["facts"][0]["text"] = "だれにも言えないこと"
        forged = json.dumps(case, ensure_ascii=False, separators=(",", ":")).encode()
        rewrite(run, lambda manifest: None, {"cases.json": forged})
        confirmed, text = shown(audited)
    assert not confirmed and "だれにも言えないこと" not in text
    assert f"こども {child['child_key']}" in text and f"文「{sentence['text']}」" in text
    assert "(値は示しません)" in text and "違いは1か所です" in text


def test_a_swapped_part_of_the_store_is_named(audited: Workspace):
    """Also where the catalogue was rewritten to fit: the manifest knows the hash of each part."""
    with restored(audited):
        catalogue = audited.store / "deliveries.jsonl"
        entries = [json.loads(line) for line in catalogue.read_text("utf-8").splitlines()]
        entry = next(entry for entry in entries if entry["source"] == "water")
        part = entry["parts"][0]
        other = next(p for e in entries if e["source"] == "school_attendance" for p in e["parts"])
        content = (audited.store / other["path"]).read_bytes()
        (audited.store / part["path"]).write_bytes(content)
        part["sha256"] = hashlib.sha256(content).hexdigest()
        catalogue.write_text("".join(json.dumps(e, ensure_ascii=False) + "\n" for e in entries), "utf-8")
        verification = verified(audited)
    assert told(verification)[0] == ("E-AUDIT-04", f"store/{part['path']}")
    assert "受領データ(保管庫)が変わったか、なくなった" in verification.causes()


def test_a_delivery_that_is_gone_from_the_store_is_named(audited: Workspace):
    """By its file; and it is said that nothing could be made again."""
    with restored(audited):
        catalogue = audited.store / "deliveries.jsonl"
        lines = catalogue.read_text("utf-8").splitlines(keepends=True)
        file = json.loads(lines[-1])["file"]
        catalogue.write_text("".join(lines[:-1]), "utf-8")
        verification = verified(audited)
    assert told(verification)[0] == ("E-AUDIT-03", f"deliveries/{file}")
    assert any(check.name == "判定" and check.not_done for check in verification.checks)


def test_delivered_files_are_held_against_their_hashes_while_they_are_there(audited: Workspace):
    """A changed CSV is named; CSV files that the city no longer keeps are no fault, and are counted."""
    with restored(audited):
        path = sorted(audited.deliveries.glob("2026-11-20/*.csv"))[0]
        path.write_bytes(path.read_bytes() + b"\r\n")
        assert told(verified(audited)) == [("E-AUDIT-05", f"deliveries/2026-11-20/{path.name}")]
        for file in audited.deliveries.glob("*/*.csv"):
            file.unlink()
        confirmed, text = shown(audited)
        assert confirmed and "deliveries にもうありません" in text


def test_a_rewritten_rule_is_named_though_every_hash_was_rewritten(audited: Workspace):
    """Nobody approved that text; and if the record's approval book is rewritten, too, the book of the workspace knows."""
    name = "rulebooks/young_carer.yaml"
    with restored(audited):
        run = open_run(audited.runs)
        text = run.text(name) + b"# a remark\n"
        digest, old = hashlib.sha256(text).hexdigest(), run.manifest["rulebooks"]["young_carer.yaml"]["sha256"]

        def rehash(manifest: dict[str, Any]) -> None:
            manifest["rulebooks"]["young_carer.yaml"]["sha256"] = digest

        rewrite(run, rehash, {f"rules/{name}": text})
        first = verified(audited)
        assert ("E-AUDIT-06", f"runs/{run.run_id}/rules/{name}") in told(first)
        assert "ルールが、記録のときと違う" in first.causes()
        book = run.text("rulebooks/approvals.yaml").replace(old.encode(), digest.encode())

        def rehash_the_book(manifest: dict[str, Any]) -> None:
            manifest["approvals"]["sha256"] = hashlib.sha256(book).hexdigest()

        rewrite(open_run(audited.runs), rehash_the_book, {"rules/rulebooks/approvals.yaml": book})
        assert ("E-AUDIT-06", f"runs/{run.run_id}/rules/rulebooks/approvals.yaml") in told(verified(audited))


def test_a_manifest_that_says_otherwise_is_named_with_its_key(audited: Workspace):
    """A count of a delivery, rewritten and sealed again, is not what the store says."""
    with restored(audited):
        run = open_run(audited.runs)
        used = run.manifest["deliveries"][0]["used"]
        rewrite(run, lambda manifest: manifest["deliveries"][0].update(used=used + 1))
        confirmed, text = shown(audited)
    assert not confirmed and "E-AUDIT-10" in text
    assert f"› used は、記録では「{used + 1}」、計算し直すと「{used}」" in text


def test_the_next_run_knows_the_manifest_of_the_run_before(audited: Workspace):
    """A record that was rewritten down to its seal is not the one that the week after saw."""
    with restored(audited):
        run = open_run(audited.runs, "R20261113-01")
        rewrite(run, lambda manifest: manifest["versions"].update(kizuki="9.9"))
        found = verified(audited, run.run_id)
        assert ("E-AUDIT-12", f"runs/{run.run_id}/manifest.json") in told(found)
        later = verified(audited)
        assert told(later)[0] == ("E-AUDIT-12", f"runs/{run.run_id}/manifest.json")


def test_verdicts_that_contradict_each_other_are_told(audited: Workspace):
    """replay.json, manifest and casebook say the same, or none of them is believed."""
    with restored(audited):
        run = open_run(audited.runs)
        replay = {**run.replay(), "verdict": "未確認"}
        rewrite(run, lambda manifest: None, {"replay.json": canonical_json(replay)})
        assert ("E-AUDIT-11", f"runs/{run.run_id}/replay.json") in told(verified(audited))


def test_a_child_hidden_behind_an_invented_disagreement_is_told(audited: Workspace):
    """Somebody takes a child off the list by writing that engines differed about it, everywhere: they are asked again, and do not."""
    with restored(audited):
        run = open_run(audited.runs)
        case = json.loads((run.folder / "cases.json").read_bytes())["cases"][0]
        key = case["children"][0]["child_key"]
        replay = {**run.replay(), "verdict": "不一致"}
        replay["differences"] = {key: [{"subject": "YC-01", "point": "答え", "said": {"一括": "○", "基準": "×"}}]}
        manifest = {"replay": "不一致", "evaluators_disagree_on": [key]}
        rewrite(run, lambda whole: whole.update(manifest), {"replay.json": canonical_json(replay)})
        confirmed, text = shown(audited)
    assert not confirmed and f"最初の違い: 食い違い({key}、ほか0)" in text


def test_without_the_week_before_the_list_cannot_be_made_again(audited: Workspace):
    """The decisions still can: it is said which part is unconfirmed, and why."""
    with restored(audited):
        for path in (audited.runs / "R20261113-01").rglob("*"):
            if path.is_file():
                path.unlink()
        verification = verified(audited)
    assert {check.name for check in verification.checks if check.name in ("判定", "条件の答え") and check.holds}
    assert "E-AUDIT-13" in [code for code, _ in told(verification)]


def test_a_household_protected_after_the_run_changes_nothing(audited: Workspace, tmp_path: Path, monkeypatch):
    """What the papers hid on their day stays hidden and confirmed; who is protected since is not asked at all."""
    copy = tmp_path / "city"
    shutil.copytree(audited.root, copy)
    household = open_run(audited.runs).casebook().cases[0].household_key
    real = Keyring.protected_households
    monkeypatch.setattr(Keyring, "protected_households", lambda self: real(self) | {household})
    run_week(copy, WEEKS[-1], quiet())
    monkeypatch.undo()
    workspace = Workspace(copy)
    case = open_run(workspace.runs).casebook().cases[0]
    assert case.protected and case.district is None
    confirmed, text = shown(workspace)
    assert confirmed and "1世帯は、基準日より後に支援措置の対象になった" in text
    assert verified(workspace, "R20261120-01").confirmed


def test_a_protection_that_the_record_lost_is_told(audited: Workspace):
    """A district may be hidden by the day of the papers, never shown: the other way round is no difference to accept."""
    with restored(audited):
        run = open_run(audited.runs)
        data = json.loads((run.folder / "cases.json").read_bytes())
        data["cases"][0]["district"] = "ほかの町"
        forged = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        rewrite(run, lambda manifest: None, {"cases.json": forged})
        confirmed, text = shown(audited)
    assert not confirmed and "案件01 › 町字" in text and "ほかの町" not in text


def test_a_record_of_an_older_kizuki_is_confirmed_as_far_as_it_goes(audited: Workspace):
    """Without seal, parts, totals, the list's inputs and what conferences decided there is less to compare, and that is said."""
    with restored(audited):
        for run_id in ("R20261113-01", "R20261120-01"):
            run = open_run(audited.runs, run_id)
            manifest = {k: v for k, v in run.manifest.items() if k not in ("seal", "list_inputs", "conditions_content")}
            manifest["versions"] = {**manifest["versions"], "code": "0" * 64}
            for delivery in manifest["deliveries"]:
                for key in ("parts", "totals", "subjects"):
                    del delivery[key]
            older = _older_cases(json.loads((run.folder / "cases.json").read_bytes()))
            (run.folder / "cases.json").write_bytes(older)
            (run.folder / "conference.json").unlink()
            outputs = {name: digest for name, digest in manifest["outputs"].items() if name != "conference.json"}
            manifest["outputs"] = {**outputs, "cases.json": hashlib.sha256(older).hexdigest()}
            (run.folder / "manifest.json").write_bytes(canonical_json(manifest))
        confirmed, text = shown(audited)
    assert confirmed and "封(seal)がありません" in text
    assert "記録の版の kizuki でなければ確かめられません" in text


def _older_cases(cases: dict[str, Any]) -> bytes:
    """As cases.json was before it told of conferences, weeks, the year and the draw."""
    for key in ("apart", "drawn", "drawn_from"):
        del cases[key]
    for case in cases["cases"]:
        for key in ("timeline", "timeline_left_out", "weeks", "decisions", "back_because"):
            del case[key]
        for member in case["members"]:
            del member["parents"]
    return json.dumps(cases, ensure_ascii=False, separators=(",", ":")).encode()


def test_a_forgery_behind_another_code_is_told(audited: Workspace):
    """Saying that other code made the record excuses words of the program, not those of the rulebook nor which facts decided."""
    with restored(audited):
        run = open_run(audited.runs)
        outlines = json.loads((run.folder / "scenarios.json").read_bytes())
        outlines[0]["name"] = "ほかの名前"
        casebook = json.loads((run.folder / "cases.json").read_bytes())
        sentence = next(
            sentence
            for child in casebook["cases"][0]["children"]
            for result in child["results"]
            for sentence in result["sentences"]
            if sentence["facts"]
        )
        del sentence["facts"]
        files = {"scenarios.json": outlines, "cases.json": casebook}
        content = {
            name: json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() for name, data in files.items()
        }
        rewrite(run, lambda manifest: manifest["versions"].update(code="0" * 64), content)
        found = [place for code, place in told(verified(audited)) if code == "E-AUDIT-09"]
    assert found == [f"runs/{run.run_id}/cases.json", f"runs/{run.run_id}/scenarios.json"]


def test_keys_that_the_manifest_does_not_know_or_lacks_are_named(audited: Workspace):
    """The same code writes the same keys: a remark that was slipped in is a difference, and so is a total that was taken out."""
    with restored(audited):
        run = open_run(audited.runs)

        def change(manifest: dict[str, Any]) -> None:
            manifest["remark"] = "監査済み"
            del manifest["deliveries"][0]["subjects"]

        rewrite(run, change)
        confirmed, text = shown(audited)
    assert not confirmed and "違いは全部で2か所です" in text and "› subjects は、記録では「なし」" in text


def test_a_line_written_twice_into_the_catalogue_is_named(audited: Workspace):
    """Not as a strange difference in the evidence, but as what it is."""
    with restored(audited):
        catalogue = audited.store / "deliveries.jsonl"
        lines = catalogue.read_text("utf-8").splitlines(keepends=True)
        catalogue.write_text("".join([*lines, lines[-1]]), "utf-8")
        file = json.loads(lines[-1])["file"]
        assert told(verified(audited))[0] == ("E-AUDIT-15", f"deliveries/{file}")


def test_a_record_without_its_manifest_is_not_said_to_be_no_record(audited: Workspace):
    """Nor is one whose manifest lacks what every manifest has: both are damage, by their file."""
    with restored(audited):
        run = open_run(audited.runs)
        rewrite(run, lambda manifest: manifest.pop("rulebooks"))
        for _ in range(2):
            with pytest.raises(KizukiError) as caught:
                shown(audited)
            assert caught.value.exit_status is ExitStatus.NOT_CONFIRMED
            assert caught.value.problems[0].place.file == f"runs/{run.run_id}/manifest.json"
            (run.folder / "manifest.json").unlink(missing_ok=True)
