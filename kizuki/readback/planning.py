"""What reading filled-in files would store, what has to be asked first, and everything that stands in the way. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from engine.kernel.errors import KizukiError, Place, Problem
from engine.records.conference import ConferenceEntry
from engine.records.conference_store import ConferenceBook, DrawnAnswer, Word, all_words, put_together, says_the_same
from kizuki.readback.entries import Reading, against_the_list, agency_in_words, word_of
from kizuki.readback.runs import RunOnRecord, RunsOnRecord
from reports.blanks import SheetKind
from reports.readback.answers import Answers, Days, read_answers
from reports.readback.copies import Copies, choose_copies, is_named, record_key
from reports.readback.package import open_filled
from reports.readback.records import SheetRecord, read_records
from reports.readback.spot import Spot

State = Literal["新しい", "直された", "前と同じ", "記入なし", "使わない"]


@dataclass(frozen=True)
class Wishes:
    """What was said about doubtful sheets, by their names (`Spot.name`, or with the file in front).

    `use`: which of several copies counts. `accept`: printed values were changed, and it is to be read all the same; `leave`: it is not.
    `missing_is_none`: nothing was written on sheets that did not come back.
    """

    use: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    missing_is_none: bool = False


@dataclass(frozen=True)
class Missing:
    """Sheets of a run that did not come back and of which nothing is stored: numbers of cases, or of drawn children."""

    run_id: str
    kind: SheetKind
    numbers: tuple[int, ...]

    @property
    def words(self) -> str:
        """案件05・案件07 ほか3枚."""
        shown = "・".join(f"{self.kind}{number:02d}" for number in self.numbers[:5])
        return shown + (f" ほか{len(self.numbers) - 5}件" if len(self.numbers) > 5 else "")

    def problem(self, file: str) -> Problem:
        """As it is told where nobody can be asked."""
        return Problem(
            Place(file),
            "E-READ-14",
            f"実行 {self.run_id} の{self.words} が、戻ってきたファイルにありません。",
            "書かれたことがないのか、シートが抜けたのか決められません。",
            "抜けた分のファイルも一緒に示すか、書かれたことがなければ `--missing none` を付けてください。",
        )


@dataclass(frozen=True)
class Line:
    """One sheet or row: what it says, and whether that is new."""

    answers: Answers
    state: State
    word: Word | None = None


@dataclass(frozen=True)
class Plan:
    """What would be stored (`lines`), the problems, and what must be asked: copies, changed sheets, missing sheets."""

    lines: tuple[Line, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    copies: tuple[Copies, ...] = ()
    edited: tuple[SheetRecord, ...] = ()
    missing: tuple[Missing, ...] = ()
    runs: Mapping[str, RunOnRecord] = field(default_factory=dict)

    @property
    def new_words(self) -> list[Word]:
        """What the store does not hold yet."""
        return [line.word for line in self.lines if line.word and line.state in ("新しい", "直された")]

    def all_problems(self) -> list[Problem]:
        """Everything that stops, questions that nobody answered included."""
        files = [line.answers.record.spot.file for line in self.lines] or ["readback"]
        return [
            *self.problems,
            *(each.problem() for each in self.copies),
            *(edited_problem(each) for each in self.edited),
            *(each.problem(files[0]) for each in self.missing),
        ]


def read_files(paths: Sequence[Path], key: bytes | None, password: str | None = None) -> tuple[SheetRecord, ...]:
    """The records of all files; the same file given twice is read once. Raises KizukiError with the problems of all."""
    records: list[SheetRecord] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for path in paths:
        try:
            file = open_filled(path, password)
            if file.sha256 not in seen:
                seen.add(file.sha256)
                records += read_records(file, key)
        except KizukiError as error:
            problems += error.problems
    if problems:
        raise KizukiError(problems)
    return tuple(records)


def make_plan(
    records: Sequence[SheetRecord],
    runs: RunsOnRecord,
    conference: Path,
    known: ConferenceBook,
    wishes: Wishes,
    reading: Reading,
) -> Plan:
    """Everything about the records at once. `known`: what the store in `conference` holds."""
    problems = list(_unknown_names(records, wishes))
    in_record, found = _of_known_runs(records, runs)
    problems += found
    chosen, copies = choose_copies(in_record, wishes.use)
    left = [record for record in chosen if is_named(record, wishes.leave)]
    doubtful = [record for record in chosen if record.seal_state != "unchanged" and not is_named(record, wishes.accept)]
    edited = [record for record in doubtful if record not in left]
    warnings: list[Problem] = []
    lines: list[Line] = []
    followed = _words_by_household(conference)
    for record in chosen:
        run = runs.get(record.identity.run_id)
        if run is None:
            continue
        if record in left:
            lines.append(Line(Answers(record), "使わない"))
            continue
        answers, found = read_answers(record, Days(run.as_of, run.meeting_on, reading.on))
        found = found or list(_against(answers, run))
        problems += found
        if not found and record not in edited:
            line = _line(answers, word_of(answers, run, reading), known, followed)
            warnings += (*answers.warnings, *agency_in_words(answers, reading))
            if line.state == "直された" and _was_read_before(record, followed):
                warnings.append(_goes_back(record.spot))
            if line.state == "記入なし" and _is_stored(record, known):
                warnings.append(_now_blank(record.spot))
            lines.append(line)
    missing = () if wishes.missing_is_none else tuple(_missing(in_record, runs, known))
    opened = {record.identity.run_id: run for record in in_record if (run := runs.get(record.identity.run_id))}
    return Plan(tuple(lines), tuple(problems), tuple(warnings), tuple(copies), tuple(edited), missing, opened)


def edited_problem(record: SheetRecord) -> Problem:
    """A sheet that is not as it was printed, or of which that cannot be told."""
    if record.seal_state == "changed":
        what = "印刷された内容が書き換えられています。"
        why = "別の世帯や別の事実について書かれたものを、取り違えて取り込むおそれがあります。"
        code = "E-READ-10"
    else:
        what = "封印を確かめられません" + (
            "(封印がありません)。" if record.seal_state == "unsealed" else "(いまの鍵で作られた資料ではありません)。"
        )
        why = "印刷された内容が書き換えられていないことを確かめられません。"
        code = "E-READ-11"
    remedy = f"元の資料と見比べ、取り込んでよければ `--accept '{record.spot.name}'` を付けてください。"
    return record.spot.problem(code, what, why, remedy)


def _against(answers: Answers, run: RunOnRecord) -> Iterator[Problem]:
    if answers.record.identity.kind != "無作為":
        yield from against_the_list(answers, run)


def _of_known_runs(records: Iterable[SheetRecord], runs: RunsOnRecord) -> tuple[list[SheetRecord], list[Problem]]:
    """The records whose run and household the workspace knows."""
    known: list[SheetRecord] = []
    problems: list[Problem] = []
    for record in records:
        identity = record.identity
        run = runs.get(identity.run_id)
        if run is None:
            what = f"実行 {identity.run_id} の記録が、この作業フォルダにありません。"
            remedy = "資料を作った作業フォルダを -w で指定してください。"
            problems.append(record.spot.problem("E-READ-08", what, "どの会議のことか確かめられません。", remedy))
        elif (
            identity.child_key not in run.drawn
            if identity.kind == "無作為"
            else identity.household_key not in run.cases
        ):
            what = f"この世帯・こどもは、実行 {identity.run_id} の一覧の記録にありません。"
            remedy = "その実行で配った会議資料かどうかを確かめてください。"
            problems.append(
                record.spot.problem("E-READ-09", what, "だれについて書かれたものか確かめられません。", remedy)
            )
        else:
            known.append(record)
    return known, problems


def _words_by_household(conference: Path) -> dict[tuple[str, str], list[ConferenceEntry]]:
    words: dict[tuple[str, str], list[ConferenceEntry]] = {}
    for word in all_words(conference):
        if isinstance(word, ConferenceEntry):
            words.setdefault((word.decision.run_id, word.decision.household_key), []).append(word)
    return words


def _line(
    answers: Answers,
    word: Word | None,
    known: ConferenceBook,
    words: Mapping[tuple[str, str], list[ConferenceEntry]],
) -> Line:
    """A word is new if the store would say something else with it than without."""
    if word is None:
        return Line(answers, "記入なし")
    if isinstance(word, DrawnAnswer):
        before = next((e for e in known.drawn if (e.run_id, e.child_key) == (word.run_id, word.child_key)), None)
        if before is None:
            return Line(answers, "新しい", word)
        same = before == replace(word, read_on=before.read_on, read_by=before.read_by, sha256=before.sha256)
        return Line(answers, "前と同じ" if same else "直された", word)
    earlier = words.get((word.decision.run_id, word.decision.household_key), [])
    if not earlier:
        return Line(answers, "新しい", word)
    same = says_the_same(put_together(earlier), put_together([*earlier, word]))
    if not any(each.form == word.form for each in earlier) and not same:
        return Line(answers, "新しい", word)
    return Line(answers, "前と同じ" if same else "直された", word)


def _is_stored(record: SheetRecord, known: ConferenceBook) -> bool:
    identity = record.identity
    if identity.kind == "無作為":
        return any((each.run_id, each.child_key) == (identity.run_id, identity.child_key) for each in known.drawn)
    return identity.kind == "案件" and known.of(identity.run_id, identity.household_key) is not None


def _was_read_before(record: SheetRecord, words: Mapping[tuple[str, str], list[ConferenceEntry]]) -> bool:
    """Whether this very file was read in already, so that what differs now was corrected since by another."""
    identity = record.identity
    earlier = words.get((identity.run_id, identity.household_key), ())
    return any(word.sha256 == record.sha256 for word in earlier)


def _goes_back(spot: Spot) -> Problem:
    return spot.problem(
        "W-READ-04",
        "前に一度読み取ったファイルで、この記録はその後に別のファイルで直されています。",
        "読み取ると、直す前の内容に戻ります。",
        "直した内容を残すなら、直したほうのファイルを(もう一度)読み取ってください。",
    )


def _now_blank(spot: Spot) -> Problem:
    return spot.problem(
        "W-READ-02",
        "前に読み取ったときは書かれていましたが、いまは空です。",
        "前に読み取った内容を残しました。",
        "取り消すときは、判断などの欄に正しい内容を書いて読み取り直してください。",
    )


def _missing(records: Sequence[SheetRecord], runs: RunsOnRecord, known: ConferenceBook) -> Iterator[Missing]:
    """Of every run of which a household's or a drawn child's sheet came back, the others that did not and are not stored."""
    there = {record_key(record) for record in records}
    stored = {(entry.decision.run_id, entry.decision.household_key) for entry in known.entries}
    answered = {(answer.run_id, answer.child_key) for answer in known.drawn}
    for run_id in sorted({record.identity.run_id for record in records if record.identity.kind != "台帳"}):
        run = runs.get(run_id)
        if run is None:
            continue
        cases = [
            case.case_no
            for key, case in run.cases.items()
            if (run_id, "案件", key, "") not in there and (run_id, key) not in stored
        ]
        drawn = [
            child.number
            for key, child in run.drawn.items()
            if (run_id, "無作為", child.household_key, key) not in there and (run_id, key) not in answered
        ]
        if cases:
            yield Missing(run_id, "案件", tuple(sorted(cases)))
        if drawn:
            yield Missing(run_id, "無作為", tuple(sorted(drawn)))


def _unknown_names(records: Sequence[SheetRecord], wishes: Wishes) -> Iterator[Problem]:
    for option, names in (("--use", wishes.use), ("--accept", wishes.accept)):
        for name in names:
            if not any(is_named(record, (name,)) for record in records):
                yield Problem(
                    Place(option),
                    "E-READ-28",
                    "この名前のシートはありません。",
                    "どのシートのことか決められません。",
                    "シート名を、いまのファイルにあるとおりに書いてください(1行の記録は「シート名:行」、ファイルが2つ以上なら「ファイル名:シート名」)。",
                )
