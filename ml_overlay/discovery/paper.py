"""The paper for whoever writes the rulebooks: what was found, in words, how steady it is, and what it cannot say. Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.records.case import HARDSHIP_LABELS
from engine.records.vocabulary import Vocabulary
from engine.rulebook.language.printer import to_japanese
from ml_overlay.discovery.drafts import Draft, Drafted
from ml_overlay.discovery.gathering import Material, Today
from ml_overlay.discovery.pairs import Flags
from ml_overlay.discovery.search import Finding
from ml_overlay.discovery.wording import SMALLEST, finding_lines, people, per_hundred

_POOLED = "そのほか・不明"
_MOST_DISTRICTS = 12


@dataclass(frozen=True)
class TypeResult:
    """What came of one type. `file`: where its drafts were written, None where there are none."""

    material: Material
    drafted: Drafted
    file: str | None


def write_paper(
    results: Mapping[str, TypeResult], without: Mapping[str, str], vocabulary: Vocabulary, as_of: date, city: str
) -> str:
    """The whole paper. Nobody can be told from it: counts below eight are not given, and there is no key of a child."""
    return "\n".join(_lines(results, without, vocabulary, as_of, city)) + "\n"


def _lines(
    results: Mapping[str, TypeResult], without: Mapping[str, str], vocabulary: Vocabulary, as_of: date, city: str
) -> Iterator[str]:
    yield f"# {city} シナリオの下書き — 記録から見つかった組み合わせ"
    yield ""
    yield f"基準日 {as_of.isoformat()}。ルールブックを書く方が、新しいシナリオを考えるときの材料です。会議やご家庭に示す資料ではありません。"
    yield ""
    yield "## はじめに読んでください"
    yield ""
    yield "- **判定には使われません。** ここにある下書きがあっても、だれの区分も、一覧も変わりません。使うかどうかは、人が読み、直し、承認して決めます。"
    yield (
        "- **原因ではありません。** 過去に似た記録のあったこどもで、あとで手助けが要ると分かることが多かった、というだけのことです。"
        "当たることは、困っている証拠ではありません。"
    )
    yield (
        "- **だれが気づかれてきたかを引き継いでいます。** 「あとで分かった」は、だれかが気づいて記録したということです。"
        "気づかれにくいご家庭のことは現れません。地区ごとの表で、かたよりを見てください。"
    )
    yield "- **支援の利用や、世帯の形は理由にしていません。** 「記録がない」ことも、期限のある健診などを除いて理由にしていません。"
    yield ""
    for kind in HARDSHIP_LABELS:
        if kind in results:
            yield from _type(kind, results[kind], vocabulary)
        elif kind in without:
            yield f"## {HARDSHIP_LABELS[kind]}"
            yield ""
            yield f"下書きはありません。{without[kind]}"
            yield ""
    yield "## 下書きの使いかた"
    yield ""
    yield "1. 下書きのファイルから、残したいシナリオを、その類型のルールブックの最後に写します。"
    yield "2. 名前・ねらい・出典・確認することを、ご自分たちのことばで書きます。「（ここに…）」が残っているうちは、判定に使えません。数の目安も見直します。"
    yield "3. `kizuki rules check`(書き方と食い違い)と `kizuki rules test`(例が思ったとおりか)で確かめます。"
    yield "4. `kizuki rules impact` で、だれが一覧に入るようになるかを見ます。"
    yield "5. `kizuki rules approve` で承認を受けます。それまで判定には使われません。"


def _type(kind: str, result: TypeResult, vocabulary: Vocabulary) -> Iterator[str]:
    material, evidence = result.material, result.material.evidence
    positives = int(evidence.label.sum())
    label = material.label
    yield f"## {HARDSHIP_LABELS[kind]}"
    yield ""
    yield (
        f"調べたこども: {people(len(evidence.label))}"
        f"({material.first_day.isoformat()}から{material.last_day.isoformat()}までの3か月ごとの時点の記録から、1人につき1つの時点)。"
        f"そのうち、{label.gap_months}か月おいたあとの{label.window_months}か月に「{label.text}」に当てはまったのは{people(positives)}"
        f"(100人あたり{per_hundred(positives / len(evidence.label))})。"
    )
    yield ""
    if result.file:
        yield f"下書き: {len(result.drafted.drafts)}件。ファイル {result.file}"
    else:
        yield "世帯を分け直しても変わらずに見つかり、いまのシナリオに加わるものは、ありませんでした。"
    yield ""
    for draft in result.drafted.drafts:
        yield from _draft(draft, material, vocabulary)
    if result.drafted.left_out:
        yield "### 下書きにしなかったもの"
        yield ""
        for finding, reason in result.drafted.left_out:
            yield f"- {_words(finding, material, vocabulary)} — {reason}"
        yield ""


def _draft(draft: Draft, material: Material, vocabulary: Vocabulary) -> Iterator[str]:
    yield f"### {draft.number} {_words(draft.finding, material, vocabulary)}"
    yield ""
    for line in finding_lines(material, draft.finding):
        yield f"- {line.strip()}"
    met = _met_today(draft.finding, material.today)
    new = int((met & ~material.today.already).sum())
    yield f"- いまの市では: {people(int(met.sum()))}が当たります。そのうち、この類型のどのシナリオにも当たっていないのは{people(new)}です。"
    if draft.finding.alike:
        alike = "」「".join(to_japanese(material.bank[index].sentence, vocabulary) for index in draft.finding.alike[:4])
        yield f"- ほぼ同じこどもに当たる文(書きかえてもよい): 「{alike}」"
    for note in draft.notes:
        yield f"- 確認で出る注意: {note}"
    yield ""
    yield from _districts(met, material.today)


def _words(finding: Finding, material: Material, vocabulary: Vocabulary) -> str:
    return " + ".join(f"「{to_japanese(material.bank[i].sentence, vocabulary)}」" for i in finding.sentences)


def _met_today(finding: Finding, today: Today) -> Flags:
    return np.asarray(today.met[:, list(finding.sentences)].all(axis=1))


def _districts(met: Flags, today: Today) -> Iterator[str]:
    """Where the children live whom it hits, beside where those live who are registered: whoever is noticed more is found more."""
    shown: dict[str, Flags] = {}
    order: Sequence[str] = sorted(
        {*today.districts.tolist()} - {""}, key=lambda one: (-int(((today.districts == one) & met).sum()), one)
    )
    for district in order[:_MOST_DISTRICTS]:
        of_district = today.districts == district
        if int((of_district & met).sum()) >= SMALLEST:
            shown[district] = of_district
    if len(shown) < 2:
        yield "地区ごとの人数は、どの地区も少ないため示しません。"
        yield ""
        return
    rest = np.ones(len(met), dtype=bool)
    for of_district in shown.values():
        rest &= ~of_district
    yield "| 地区 | 対象のこども | 当たるこども | 100人あたり | いま「あとで分かった」の文に当てはまるこども(100人あたり) |"
    yield "|---|---|---|---|---|"
    for district, rows in (*shown.items(), (_POOLED, rest)):
        children, found, labelled = int(rows.sum()), int((rows & met).sum()), int((rows & today.labelled).sum())
        if not children:
            continue
        known = per_hundred(labelled / children) if labelled >= SMALLEST or labelled == 0 else "少ないため示しません"
        share = per_hundred(found / children) if found >= SMALLEST else "少ないため示しません"
        yield f"| {district} | {people(children)} | {people(found)} | {share} | {known} |"
    yield ""
