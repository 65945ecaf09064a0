"""What a model learns from, as a city writes it down: `rulebooks/model.yaml`, read and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from engine.kernel.errors import KizukiError, Problem
from engine.kernel.strict_yaml import StrictModel, YamlDocument, near_name, read_yaml, validate
from engine.records.case import HARDSHIP_LABELS, HardshipType
from engine.records.vocabulary import Vocabulary
from engine.rulebook.files.conditions import value_place
from engine.rulebook.language import syntax as s
from engine.rulebook.language.parsing import parse_sentence
from engine.rulebook.model import FileToApprove
from ml_overlay.features.ages import AGE_ITEM

MODEL_FILE = "model.yaml"


class _AgesText(StrictModel):
    from_: int = Field(default=0, alias="以上", ge=0, le=17)
    below: int = Field(default=18, alias="未満", ge=1, le=18)


class _LabelText(StrictModel):
    sentence: str = Field(alias="正例の文", min_length=1)
    gap_months: int = Field(alias="間隔月", ge=0, le=24)
    window_months: int = Field(alias="見る月数", ge=1, le=36)
    history_months: int = Field(alias="さかのぼる月数", ge=2, le=120)
    ages: _AgesText | None = Field(default=None, alias="対象の年齢")
    reference: str = Field(alias="出典", min_length=1)


class _ModelText(FileToApprove):
    version: str = Field(alias="版", min_length=1)
    hidden_records: tuple[str, ...] = Field(alias="見せない本人の記録")
    fewest_positives: int = Field(alias="最少の正例", ge=20, le=10_000)
    labels: dict[HardshipType, _LabelText] = Field(alias="類型")
    without: dict[HardshipType, str] = Field(default={}, alias="モデルをつくらない類型")


@dataclass(frozen=True)
class LabelDefinition:
    """How one hardship type shows afterwards: a sentence that comes true within `window_months` after a gap.

    The gap keeps out whom somebody had noticed by the cut-off day already. Cut-off days lie back at most
    `history_months`, all of the label's window included. `text` is the sentence as written, `reference` where it comes from.
    `ages`: full years on the cut-off day, from the first and below the second; all children if None. Where a label can come
    true only at an age, a model of all children would mostly learn who is of that age.
    """

    hardship_type: HardshipType
    sentence: s.ItemSentence | s.Members
    text: str
    gap_months: int
    window_months: int
    history_months: int
    reference: str
    ages: tuple[int, int] | None = None


@dataclass(frozen=True)
class ModelDefinition:
    """`model.yaml` as checked data, and the SHA-256 of its bytes.

    `hidden_records`: kinds of a child's own records that no feature may be made from. `without`: types for which the city
    makes no model, each with its reason. A type that is in neither has no model either.
    """

    version: str
    sha256: str
    hidden_records: frozenset[str]
    fewest_positives: int
    labels: Mapping[str, LabelDefinition]
    without: Mapping[str, str]


def load_definition(path: Path, vocabulary: Vocabulary, root: Path | None = None) -> ModelDefinition:
    """Read model.yaml. Raises KizukiError with every fault at its line; a sentence's at its word."""
    document = read_yaml(path, root)
    text = validate(document, _ModelText, kind="MODEL")
    problems = [*_unknown_records(document, text, vocabulary), *_both_with_and_without(document, text)]
    labels: dict[str, LabelDefinition] = {}
    for kind, label in text.labels.items():
        place = ("類型", kind, "正例の文")
        try:
            sentence = parse_sentence(label.sentence, vocabulary, value_place(document, place))
        except KizukiError as error:
            problems += error.problems
            continue
        problems += _of_label(document, kind, label, sentence, vocabulary)
        if not isinstance(sentence, s.Refers):
            labels[kind] = LabelDefinition(
                kind,
                sentence,
                label.sentence,
                label.gap_months,
                label.window_months,
                label.history_months,
                label.reference,
                (label.ages.from_, label.ages.below) if label.ages else None,
            )
    if problems:
        raise KizukiError(problems)
    without: dict[str, str] = dict(text.without.items())
    hidden = frozenset(text.hidden_records)
    return ModelDefinition(text.version, document.sha256, hidden, text.fewest_positives, labels, without)


def window_months(sentence: s.Sentence) -> int | None:
    """How many months a sentence looks back; None where it does not look at a stretch of months (a state, 最新の…)."""
    window = getattr(sentence, "window", None)
    if window is None or window.kind not in ("か月", "年"):
        return None
    return int(window.n) * (12 if window.kind == "年" else 1)


def _unknown_records(document: YamlDocument, text: _ModelText, vocabulary: Vocabulary) -> Iterator[Problem]:
    for index, record in enumerate(text.hidden_records):
        if record in vocabulary.records:
            continue
        near = near_name(record, vocabulary.records)
        yield Problem(
            document.place("見せない本人の記録", index),
            "E-MODEL-60",
            f"記録「{record}」は項目台帳にありません。",
            "登録の結果として生まれる記録が、そのままモデルに見えてしまいます。",
            f"「{near}」ではありませんか。" if near else "fields.yaml の「記録」にある名前を書いてください。",
        )


def _both_with_and_without(document: YamlDocument, text: _ModelText) -> Iterator[Problem]:
    for kind in text.without:
        if kind in text.labels:
            yield Problem(
                document.place("モデルをつくらない類型", kind),
                "E-MODEL-61",
                f"「{HARDSHIP_LABELS[kind]}」({kind})が、「類型」と「モデルをつくらない類型」の両方にあります。",
                "モデルをつくるのかどうかが決まりません。",
                "どちらか一方に書いてください。",
            )


def _of_label(
    document: YamlDocument, kind: HardshipType, label: _LabelText, sentence: s.Sentence, vocabulary: Vocabulary
) -> Iterator[Problem]:
    at = document.place("類型", kind, "正例の文")
    if isinstance(sentence, s.Refers):
        yield Problem(
            at,
            "E-MODEL-62",
            "正例の文が、シナリオの結果を使っています。",
            "ルールに当たったこどもを正例にすると、モデルはルールをまねるだけになります。",
            "あとから分かった事実(登録、判定、日数など)の文にしてください。",
        )
        return
    window = getattr(sentence, "window", None)
    months = window_months(sentence)
    if window is not None and months != label.window_months:
        looks = f"{months}か月" if months else "月数で区切らない期間"
        yield Problem(
            at,
            "E-MODEL-63",
            f"正例の文が見るのは{looks}ですが、「見る月数」は{label.window_months}か月です。",
            "期間が長いと、すでに気づかれていたことまで正例になります。短いと、途中で分かったこどもを「まだ分からない」と数えます。",
            f"文の期間を「直近{label.window_months}か月」にするか、「見る月数」を文に合わせてください。",
        )
    if label.history_months < label.gap_months + label.window_months:
        yield Problem(
            document.place("類型", kind, "さかのぼる月数"),
            "E-MODEL-64",
            f"「さかのぼる月数」{label.history_months}は、「間隔月」と「見る月数」の合計{label.gap_months + label.window_months}より短いです。",
            "結果まで見届けられる基準日が1日もなく、学べません。",
            f"{label.gap_months + label.window_months}以上にしてください。",
        )
    if label.ages is None:
        return
    if label.ages.from_ >= label.ages.below:
        yield Problem(
            document.place("類型", kind, "対象の年齢"),
            "E-MODEL-65",
            f"「対象の年齢」の{label.ages.from_}歳以上{label.ages.below}歳未満に入るこどもがいません。",
            "学ぶ相手も、点をつける相手もいなくなります。",
            "「未満」を「以上」より大きくしてください。",
        )
    if AGE_ITEM not in vocabulary.items or not vocabulary.is_permitted(AGE_ITEM):
        yield Problem(
            document.place("類型", kind, "対象の年齢"),
            "E-MODEL-66",
            f"「対象の年齢」で分けるのに、年齢の項目({AGE_ITEM})が項目台帳にないか、許可されていません。",
            "だれがこの年齢なのかが分かりません。",
            "fields.yaml に年齢の項目を戻すか、「対象の年齢」を消してください。",
        )
