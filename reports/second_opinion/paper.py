"""What engines said otherwise of whom, as a paper of tables for the administrator and the auditor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.evaluate.plan import Plan
from engine.kernel.dates import wareki
from engine.kernel.errors import Place, Problem
from engine.kernel.truth import Truth
from engine.replay.comparison import Difference
from engine.replay.second_opinion import SecondOpinion
from engine.rulebook.language.printer import to_japanese
from engine.rulebook.language.syntax import Sentence, sentences_of
from engine.store.tables import UsedDelivery
from reports.paper.book import write_paper
from reports.paper.tables import Column, PaperSheet, PaperTable, TablePaper

_MOST_ROWS = 2_000
"""What one can still read. Where more differ, something is wrong as a whole, and the summary says with what; the record holds all."""
_SCENARIOS_SHOWN = 3
_WHAT_TO_DO = (
    "会議の前に、この表を管理者(ルールと計算の担当)に渡してください。",
    "食い違いのあったこどもの世帯は、どの答えが正しいか分からないため、会議資料に載せていません。急ぎの心配があるときは、通常の手順で先に対応してください。",
    "一覧にないこどもに食い違いがあるときも、見落としのおそれがあります。同じシナリオに当たるこどもがほかにいないか確かめてください。",
)


def write_second_opinion(
    opinion: SecondOpinion,
    plan: Plan,
    deliveries: tuple[UsedDelivery, ...],
    path: Path,
    *,
    city: str,
    run_id: str,
) -> Path:
    """Write the error sheet. Raises KizukiError (E-REPORT-09) where it cannot be written."""
    paper = TablePaper(
        "再現の食い違い",
        f"{city}  実行 {run_id}  基準日 {wareki(plan.as_of)}",
        (f"再現：{opinion.verdict.value}",),
        tuple(_sheets(opinion, _Words(plan, deliveries))),
        handling="取扱注意",
        belongs_to=run_id,
        made_by="kizuki 再現の食い違い",
    )
    refusal = Problem(
        Place(path.name),
        "E-REPORT-09",
        "再現の食い違いの表を書き込めません。",
        "食い違いの中身を確かめられません。",
        "保存先のフォルダがあるか、同じ名前の表をExcelで開いたままでないかを確かめてください。",
    )
    return write_paper(paper, path, refusal)


def _sheets(opinion: SecondOpinion, words: _Words) -> Iterator[PaperSheet]:
    engines = tuple(dict.fromkeys(name for found in opinion.differences.values() for one in found for name in one.said))
    counted = Counter(
        subject for found in opinion.differences.values() for subject in dict.fromkeys(one.subject for one in found)
    )
    where = PaperTable(
        "どの文・シナリオで食い違ったか",
        (Column("文・シナリオ", 44), Column("シナリオ", 14), Column("こども", 6, True)),
        tuple((words.subject(subject), words.scenarios(subject), number) for subject, number in counted.most_common()),
    )
    yield PaperSheet("まとめ", (opinion.note(), *(_WHAT_TO_DO if opinion.differences else ())), (where,) if counted else ())
    if opinion.differences:
        yield PaperSheet("食い違い", (), (_differences(opinion, engines, words),))
    if opinion.not_replayed or opinion.left_out:
        children = PaperTable(
            "再計算できなかったこども",
            (Column("整理番号", 20), Column("会議の一覧", 8), Column("理由", 36)),
            tuple(
                (key, "載っている" if key in opinion.listed else "載っていない", reason)
                for key, reason in sorted(opinion.not_replayed.items())
            ),
        )
        scenarios = PaperTable(
            "再計算できなかったシナリオ",
            (Column("番号", 8), Column("理由", 56)),
            tuple(sorted(opinion.left_out.items())),
        )
        yield PaperSheet("再計算できなかったもの", (), tuple(table for table in (children, scenarios) if table.rows))


def _differences(opinion: SecondOpinion, engines: tuple[str, ...], words: _Words) -> PaperTable:
    # Answers before evidence, listed children before others: what may have put somebody on the list, or kept them off it.
    found = sorted(
        ((key, one) for key, all_of_child in opinion.differences.items() for one in all_of_child),
        key=lambda each: (each[1].point == "根拠", each[0] not in opinion.listed, each[0]),
    )
    rows = tuple(
        (
            key,
            "載るはず" if key in opinion.listed else "―",
            words.scenarios(one.subject, most=_SCENARIOS_SHOWN),
            words.subject(one.subject),
            one.point,
            *(words.said(one, name) for name in engines),
        )
        for key, one in found[:_MOST_ROWS]
    )
    columns = (
        Column("整理番号", 9),
        Column("一覧", 4),
        Column("シナリオ", 6),
        Column("文・シナリオ", 18),
        Column("何が", 4),
        *(Column(name, 9) for name in engines),
    )
    note = (
        "○ 該当  × 非該当  ? 不明。根拠は、その答えだけが決め手とした記録のファイルと行です。"
        "答えの列は、それぞれの仕組みの名前です(一括は一覧をつくった計算、基準は意味を定める計算、再現は別の仕組み)。"
        "シナリオは「まとめ」に全部あります。"
    )
    if len(found) > _MOST_ROWS:
        note += f"{len(found):,}件のうち{_MOST_ROWS:,}件を載せました。すべては実行の記録の replay.json にあります。"
    return PaperTable("こどもごとの食い違い", columns, rows, note)


class _Words:
    def __init__(self, plan: Plan, deliveries: tuple[UsedDelivery, ...]) -> None:
        self._plan = plan
        self._files: Mapping[int, str] = {delivery.file_no: delivery.file for delivery in deliveries}
        self._uses: dict[Sentence, dict[str, None]] = {}
        for planned in plan.scenarios:
            for part in (planned.requirement, *planned.scenario.cancels):
                for sentence in sentences_of(part):
                    self._uses.setdefault(sentence, {})[planned.id] = None

    def subject(self, subject: Sentence | str) -> str:
        if isinstance(subject, str):
            return f"{subject} {self._plan.by_id[subject].scenario.name}"
        return to_japanese(subject, self._plan.vocabulary)

    def scenarios(self, subject: Sentence | str, *, most: int | None = None) -> str:
        if isinstance(subject, str):
            return subject
        ids = list(self._uses.get(subject, ()))
        rest = len(ids[most:]) if most is not None else 0
        return "・".join(ids[:most]) + (f"ほか{rest}件" if rest else "")

    def said(self, difference: Difference, engine: str) -> str:
        said = difference.said.get(engine)
        if said is None:
            return "―"
        if isinstance(said, Truth):
            return said.mark
        others = [facts for name, facts in difference.said.items() if name != engine and isinstance(facts, frozenset)]
        own = said - frozenset.intersection(*others) if others else said
        return "、".join(map(self._fact, sorted(own))) or "(ほかの答えにある記録を挙げていない)"

    def _fact(self, fact: str) -> str:
        record, file_no, line = fact.split("/")
        kinds = self._plan.vocabulary.records
        label = kinds[record].label if record in kinds else record
        return f"{label} {self._files.get(int(file_no), '?')} {line}行目"
