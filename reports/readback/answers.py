"""What the blanks of one record say together: each by itself readable, and none against another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from engine.kernel.dates import wareki_short
from engine.kernel.errors import Problem
from reports.blanks import BLANKS
from reports.readback.records import SheetRecord
from reports.readback.spot import cell_name
from reports.readback.values import Answer, read_blank

_MOST_YEARS_AHEAD = 3
_NOT_READ = "書かれたことを間違えて取り込まないよう、読み取りません。"
ROLES = (1, 2, 3)


@dataclass(frozen=True)
class Answers:
    """One record's answers by blank, those that were given only. `warnings`: what may have been forgotten."""

    record: SheetRecord
    given: Mapping[str, Answer] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()

    def text(self, label: str) -> str:
        """What was written or chosen; empty for nothing."""
        answer = self.given.get(label)
        return answer if isinstance(answer, str) else ""

    def day(self, label: str) -> date | None:
        """The day that was written."""
        answer = self.given.get(label)
        return answer if isinstance(answer, date) else None

    def types(self, label: str) -> tuple[str, ...]:
        """The hardship types that were named, by id."""
        answer = self.given.get(label)
        return answer if isinstance(answer, tuple) else ()


@dataclass(frozen=True)
class Days:
    """What a day on a sheet is held against: as-of day of its list, day of its conference, day of reading."""

    as_of: date
    meeting_on: date
    today: date


def read_answers(record: SheetRecord, days: Days) -> tuple[Answers, list[Problem]]:
    """The answers of a record, and all that is wrong with them. Answers with a problem are not to be used."""
    given, problems = read_given(record)
    answers = Answers(record, given)
    if not problems:
        problems += _Checks(answers, days).all()
    warnings = tuple(_forgotten(answers)) if not problems else ()
    return Answers(record, given, warnings), problems


def read_given(record: SheetRecord) -> tuple[dict[str, Answer], list[Problem]]:
    """What each blank says by itself, and which cannot be read."""
    given: dict[str, Answer] = {}
    problems = [_lost(record, label) for label in record.missing_blanks]
    for blank in BLANKS[record.identity.kind]:
        cells = record.written.get(blank.label)
        if cells:
            answer, found = read_blank(blank, cells, record.spot, record.epoch)
            problems += found
            if answer is not None:
                given[blank.label] = answer
    return given, problems


@dataclass(frozen=True)
class _Checks:
    answers: Answers
    days: Days

    def all(self) -> Iterator[Problem]:
        kind = self.answers.record.identity.kind
        if kind == "無作為":
            yield from self._drawn()
            return
        if kind == "案件":
            yield from self._decision()
            yield from self._roles()
        yield from self._rightness()
        yield from self._outcome()
        yield from self._after("次回見直し", self.days.meeting_on, "会議の日")
        if kind == "台帳":
            yield from self._closing()

    def _decision(self) -> Iterator[Problem]:
        postponed = self.answers.text("判断") == "見送り"
        if postponed:
            yield from self._needs("見送り期限", "判断が「見送り」です", "いつまで見送るかを書いてください。")
        elif "見送り期限" in self.answers.given:
            what = "見送り期限がありますが、判断が「見送り」ではありません。"
            yield self._problem("判断", "E-READ-26", what, "判断を「見送り」にするか、期限を消してください。")
        yield from self._after("見送り期限", self.days.meeting_on, "会議の日")

    def _roles(self) -> Iterator[Problem]:
        for number in ROLES:
            day = f"役割{number}_いつまで"
            if day in self.answers.given and not {f"役割{number}_誰が", f"役割{number}_何を"} & set(self.answers.given):
                yield self._problem(day, "E-READ-25", "期限だけが書かれています。", "誰が何をするかを書いてください。")
            yield from self._between(day, self.days.meeting_on, "会議の日", _years_after(self.days.meeting_on), "3年後")

    def _rightness(self) -> Iterator[Problem]:
        right, why = self.answers.text("気づき"), self.answers.text("違った理由")
        if right == "一部合っていた" or why == "別の困難だった":
            yield from self._needs(
                "確かめた困難", "これだけでは、どの困難が確かめられたか分かりません", "類型を選んでください。"
            )
        if "確かめた困難" in self.answers.given and (not right or right == "まだ分からない"):
            what = "困難が確かめられていますが、「気づき」が空か「まだ分からない」です。"
            yield self._problem("気づき", "E-READ-26", what, "気づきが合っていたかどうかを選んでください。")
        if why and right not in ("違っていた", "一部合っていた"):
            what = "「違った理由」がありますが、「気づき」が「違っていた」でも「一部合っていた」でもありません。"
            yield self._problem("気づき", "E-READ-26", what, "どちらかを直してください。")

    def _outcome(self) -> Iterator[Problem]:
        if self.answers.text("結果"):
            yield from self._needs("結果の日", "結果が選ばれています", "その日を書いてください。")
        elif "結果の日" in self.answers.given:
            yield self._problem(
                "結果の日", "E-READ-25", "日だけがあり、「結果」が空です。", "結果を選ぶか、日を消してください。"
            )
        yield from self._between("結果の日", self.days.as_of, "一覧の基準日", self.days.today, "今日")

    def _closing(self) -> Iterator[Problem]:
        if "終結理由" in self.answers.given:
            yield from self._needs("終結日", "終結の理由が書かれています", "終結した日を書いてください。")
        yield from self._between("終結日", self.days.as_of, "一覧の基準日", self.days.today, "今日")

    def _drawn(self) -> Iterator[Problem]:
        seen = self.answers.text("見立て")
        if seen == "困難あり":
            yield from self._needs("確かめた困難", "見立てが「困難あり」です", "類型を選んでください。")
        elif "確かめた困難" in self.answers.given:
            what = "困難の類型がありますが、見立てが「困難あり」ではありません。"
            yield self._problem("見立て", "E-READ-26", what, "どちらかを直してください。")
        elif "理由" in self.answers.given and not seen:
            yield self._problem("見立て", "E-READ-25", "理由がありますが、見立てが空です。", "見立てを選んでください。")

    def _needs(self, label: str, because: str, remedy: str) -> Iterator[Problem]:
        if label not in self.answers.given:
            yield self._problem(label, "E-READ-25", f"{because}が、この欄が空です。", remedy)

    def _after(self, label: str, day: date, name: str) -> Iterator[Problem]:
        """Later than the day, and within three years: a year that was mistyped would set a household aside for good."""
        written = self.answers.day(label)
        if written is not None and written == day:
            what = f"{name}({wareki_short(day)})と同じ日です。"
            yield self._problem(label, "E-READ-18", what, "会議より後の日を書いてください。")
            return
        yield from self._between(label, day, name, _years_after(day), "3年後")

    def _between(self, label: str, first: date, first_name: str, last: date, last_name: str) -> Iterator[Problem]:
        written = self.answers.day(label)
        if written is None or first <= written <= last:
            return
        early = written < first
        name, day = (first_name, first) if early else (last_name, last)
        what = f"{name}({wareki_short(day)})より{'前' if early else '後'}の日です。"
        yield self._problem(label, "E-READ-18", what, "年と月日を確かめてください。")

    def _problem(self, label: str, code: str, what: str, remedy: str) -> Problem:
        return _at(self.answers.record, label, code, what, remedy)


def _forgotten(answers: Answers) -> Iterator[Problem]:
    """A decision is due on every sheet that was discussed, but a sheet that only tells an outcome needs none."""
    discussed = {"理由", "主担当機関", "キーパーソン", "次回見直し"} | {f"役割{n}_何を" for n in ROLES}
    if answers.record.identity.kind == "案件" and not answers.text("判断") and discussed & set(answers.given):
        what = "ほかの欄が書かれていますが、判断が空です。"
        yield _at(
            answers.record,
            "判断",
            "W-READ-01",
            what,
            "判断が決まっていれば、選んでから読み取り直してください。",
            "判断のないまま残します。",
        )


def _lost(record: SheetRecord, label: str) -> Problem:
    remedy = "配った会議資料のシートに書き直してください。"
    return _at(
        record, label, "E-READ-15", "記入欄のセルが削除されています。", remedy, "何が書かれていたかを確かめられません。"
    )


def _at(record: SheetRecord, label: str, code: str, what: str, remedy: str, why: str = _NOT_READ) -> Problem:
    cells = record.written.get(label)
    where = cell_name(cells[0].row, cells[0].column) if cells else ""
    return record.spot.cell_problem(where, label, code, what, why, remedy)


def _years_after(day: date) -> date:
    return day.replace(year=day.year + _MOST_YEARS_AHEAD, day=min(day.day, 28))
