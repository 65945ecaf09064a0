"""The book as one Markdown file, with the same content as the HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from engine.kernel.dates import wareki
from reports.manual import wording
from reports.manual.book import Book, Chapter, ConditionLine, RecordGroup, ScenarioEntry, SourcePart, ThresholdRow

_SPECIAL = re.compile(r"([\\`*_\[\]|~$#])")


def plain(text: str) -> str:
    r"""Text that means nothing to Markdown and stays on one line.

    >>> plain("a|b <script>\n# c")
    'a\\|b &lt;script&gt; \\# c'
    """
    escaped = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    inert = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # Many readers make a link of a bare address.
    return inert.replace("://", "&#58;//").replace("www.", "www&#46;")


def to_markdown(book: Book) -> str:
    """The whole book."""
    return "\n".join(_Pages(book).lines()) + "\n"


class _Pages:
    def __init__(self, book: Book) -> None:
        self._book = book

    def lines(self) -> Iterator[str]:
        yield from self._cover()
        yield from self._contents()
        yield from self._guide()
        yield from self._tiers()
        for chapter in self._book.chapters:
            yield from self._chapter(chapter)
        yield from self._items()
        if self._book.english:
            yield from self._english()

    def _cover(self) -> Iterator[str]:
        book = self._book
        yield f"# {plain(book.city)} 気づきのルールブック"
        yield from (
            "",
            f"{wording.subtitle(book)}。{wording.INTRODUCTION}",
            "",
        )
        yield from _table(
            ("ルールブック", "ファイル", "版", "担当", "承認(者・日)", "理由", "内容の指紋"),
            (
                (
                    plain(file.title),
                    plain(file.file),
                    plain(file.version),
                    plain(file.owner) or "―",
                    plain(wording.approval(file)),
                    plain(file.approval.reason) if file.approval else "",
                    file.sha256[:12],
                )
                for file in book.files
            ),
        )
        yield from (wording.run_note(book.run), "", wording.SMALL_NUMBERS, "")

    def _contents(self) -> Iterator[str]:
        yield from ("## 目次", "", "- [この冊子の読み方](#guide)", "- [①②③の決め方](#tiers)")
        for chapter in self._book.chapters:
            yield f"- [{chapter.label}](#t-{chapter.hardship_type})"
            yield from (f"  - [{one.id} {plain(one.name)}](#s-{one.id})" for one in chapter.scenarios)
        yield "- [使っているデータの索引](#items)"
        yield from ["- [English rendering](#english)"] if self._book.english else []
        yield ""

    def _guide(self) -> Iterator[str]:
        yield from (_anchor("guide"), "## この冊子の読み方", "", "### ○ × ? の意味", "")
        yield from _table(("しるし", "読み方", "意味"), wording.MARKS)
        yield from ("### シナリオの結果", "")
        yield from _table(("結果", "意味"), wording.OUTCOMES)
        yield from ("### 大切にしていること", "", *(f"- {promise}" for promise in wording.PROMISES), "")
        yield from ("### 出典のしるし", "")
        yield from _table(("しるし", "意味"), ((f"\\[{mark}\\]", meaning) for mark, meaning in wording.SOURCE_MARKS))
        yield from ("### 条件の読み方", "", wording.HOW_TO_READ, "")

    def _tiers(self) -> Iterator[str]:
        tiers = self._book.tiers
        yield from (_anchor("tiers"), "## ①②③の決め方", "")
        yield from _table(("区分", "意味"), wording.TIER_LABELS)
        yield from (wording.TIERS_ARE, "")
        yield from ("### 1. 類型ごとの段", "", wording.LEVELS_ARE, "")
        yield from _table(("段", "該当したシナリオ"), ((plain(name), plain(needs)) for name, needs in tiers.levels))
        yield from ("### 2. 段から区分へ", "", wording.MODEL_MAY, "")
        rows = ((plain(name), *marks) for name, marks in tiers.table)
        yield from _table(("段", *(f"モデルの帯: {band}" for band in tiers.bands)), rows)
        yield from ("### 3. 類型の重なり", "", plain(tiers.overlap), "", "### 4. 1件でも①にするシナリオ", "")
        names = self._book.names
        yield from (f"- {self._ref(id_)} {plain(names[id_])}" for id_ in tiers.always_active)
        yield from ["ありません。"] if not tiers.always_active else []
        yield from ("", "### 5. 同じ区分の中の順番", "")
        yield from (plain(wording.order(self._book)), "")

    def _chapter(self, chapter: Chapter) -> Iterator[str]:
        yield from (_anchor(f"t-{chapter.hardship_type}"), f"## {chapter.label}", "")
        yield f"{plain(chapter.title)} 版{plain(chapter.file.version)}・担当 {plain(chapter.file.owner)}・承認 {plain(wording.approval(chapter.file))}"
        yield from ("", "### 対象", "", *(self._nested(line) for line in chapter.target), "", "### 閾値", "")
        if chapter.thresholds:
            yield from _table(
                ("名前", "値", "単位", "出典", "いつから", "次の値", "使うシナリオ"),
                (self._threshold(row) for row in chapter.thresholds),
            )
        else:
            yield from (wording.NO_THRESHOLDS, "")
        for scenario in chapter.scenarios:
            yield from self._scenario(scenario)

    def _threshold(self, row: ThresholdRow) -> tuple[str, ...]:
        later = f"{plain(row.next_value or '')}({wareki(row.next_on)}から)" if row.next_on else "―"
        since = wareki(row.since) if row.since else "定めなし"
        used = self._refs(row.used_by) or "使われていません"
        return (plain(row.name), plain(row.value), plain(row.unit) or "―", _sources(row.source), since, later, used)

    def _scenario(self, scenario: ScenarioEntry) -> Iterator[str]:
        yield from (_anchor(f"s-{scenario.id}"), f"### {scenario.id} {plain(scenario.name)}", "")
        always = "・1件でも①" if scenario.always_active else ""
        resting = "" if scenario.in_force else f"・{wording.subtitle(self._book)}は有効期間の外です"
        yield from (f"**強さ {scenario.strength}{always}{resting}**", "", plain(scenario.purpose), "")
        for heading, lines in (
            ("対象", [line for line in scenario.lines if line.part == "対象"]),
            ("条件", scenario.conditions),
            (wording.CANCELS_ARE, scenario.cancels),
        ):
            if lines:
                yield from (f"**{heading}**", "", *(self._nested(line, numbered=True) for line in lines), "")
        yield from ("**例**", "")
        yield from _table(
            ("例", "結果", "内容", "行ごとの○×?"), (self._example(scenario, i) for i in range(len(scenario.examples)))
        )
        if scenario.ask:
            yield from ("**確認すること**", "", *(f"- {plain(text)}" for text in scenario.ask), "")
        yield f"- 出典: {_sources(scenario.source)}"
        yield f"- 有効期間: {wording.validity(scenario.valid_from, scenario.valid_to)}"
        if scenario.refers_to:
            yield f"- 参照しているシナリオ: {self._refs(scenario.refers_to)}"
        if scenario.referred_by:
            yield f"- 参照されている先: {self._refs(scenario.referred_by)}"
        yield f"- 使っているデータ: {plain(wording.data_used(scenario))}"
        yield f"- 前回の実行: {wording.counts(scenario, self._book.run)}"
        yield from (f"- 会議の判断: {wording.decisions(scenario)}", "")

    def _nested(self, line: ConditionLine, *, numbered: bool = False) -> str:
        number = f"({line.number}) " if numbered else ""
        name = self._book.names[line.refers] if line.refers else ""
        target = f"(→ {self._ref(line.refers)} {plain(name)})" if line.refers else ""
        return f"{'  ' * line.depth}- {number}{plain(line.text)}{target}"

    def _example(self, scenario: ScenarioEntry, index: int) -> tuple[str, ...]:
        example = scenario.examples[index]
        outcome = f"－(期待は{example.expected})" if example.outcome is None else example.outcome
        if example.outcome not in (None, example.expected):
            outcome += f"(期待は{example.expected})"
        marks = " ".join(f"{line.number}{line.marks[index]}" for line in scenario.lines)
        return f"例{example.number}", outcome, f"{plain(example.title)}<br>{plain(' / '.join(example.facts))}", marks

    def _items(self) -> Iterator[str]:
        yield from (_anchor("items"), "## 使っているデータの索引", "")
        yield from (wording.ITEMS_ARE, "")
        for record in self._book.records:
            yield from self._record(record)

    def _record(self, record: RecordGroup) -> Iterator[str]:
        yield from (f"### {plain(record.label)}({plain(record.source)})", "")
        yield f"所管 {plain(record.owner)}・目的 {plain(record.purpose)}・法的根拠 {plain(record.legal_basis)}・状態 {record.permission}・保存 {record.retention_years}年"
        yield ""
        rows = []
        for item in record.items:
            used = [self._refs(item.scenarios)] if item.scenarios else []
            used += [f"対象: {'・'.join(item.targets)}"] if item.targets else []
            label = plain(item.label) + ("(支援)" if item.support else "")
            rows.append((label, plain(item.id), item.kind, "。".join(used)))
        yield from _table(("項目", "id", "種類", "使っているシナリオ"), rows)

    def _english(self) -> Iterator[str]:
        yield from (_anchor("english"), "## English rendering", "", wording.ENGLISH_IS, "")
        for chapter in self._book.chapters:
            for scenario in chapter.scenarios:
                lines = [line for line in scenario.lines if not line.is_group]
                yield from (f"### {scenario.id} (English)", "")
                yield from _table(
                    ("行", "Japanese", "English"),
                    ((str(line.number), plain(line.text), plain(line.english)) for line in lines),
                )

    def _ref(self, id_: str) -> str:
        return f"[{id_}](#s-{id_})"

    def _refs(self, ids: Iterable[str]) -> str:
        return "、".join(map(self._ref, ids))


def _anchor(name: str) -> str:
    return f'<a id="{name}"></a>'


def _sources(parts: Sequence[SourcePart]) -> str:
    said = " ".join(f"\\[{part.mark}\\] {plain(part.text)}" if part.mark else plain(part.text) for part in parts)
    return said or "書かれていません"


def _table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heading)} |"
    yield f"|{' --- |' * len(heading)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""
