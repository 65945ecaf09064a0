"""Findings as scenarios of a rulebook, to be edited and approved by people; a draft file lies outside the rulebooks and no run reads it.

Each draft leaves 確認すること open in the brackets of an unfinished scenario: pasted into a rulebook, it cannot be used before a person has written what to ask.
Before anything is written, the drafts are read in their place at the end of the rulebook, with every check of the rulebooks, and their examples are run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from engine.evaluate.drafting.draft import Trier
from engine.evaluate.examples.run import run_examples
from engine.kernel.errors import KizukiError, Problem
from engine.records.vocabulary import Vocabulary
from engine.rulebook.authoring.scaffold import Line, appended, fragment, skeleton
from engine.rulebook.authoring.written import Entry, WrittenValue, read_written, written_of
from engine.rulebook.checks.reasoning import Reasoner
from engine.rulebook.checks.review import review
from engine.rulebook.files.load import load_rulebooks
from engine.rulebook.language import syntax as s
from engine.rulebook.language.printer import to_japanese
from engine.rulebook.model import RulebookSet, Scenario
from ml_overlay.discovery.gathering import Material
from ml_overlay.discovery.search import Finding
from ml_overlay.discovery.typical import TypicalHousehold
from ml_overlay.discovery.wording import finding_lines

OPEN_QUESTION = "（ここに、ご家庭や関係する課に確かめることを書く）"
_A_QUESTION = "困っていることや手助けがほしいことがないか、ご家族にうかがってください。"
_KEPT_KEYS = ("ルールブック", "類型", "担当", "対象")


@dataclass(frozen=True)
class Draft:
    """One scenario as proposed. `notes`: what `rules check` would say of it, in Japanese."""

    number: str
    finding: Finding
    sentences: tuple[s.Sentence, ...]
    scenario: WrittenValue
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drafted:
    """The drafts of one type and the text of their file. `left_out`: findings of which no draft was made, each with the reason in Japanese."""

    drafts: tuple[Draft, ...]
    left_out: tuple[tuple[Finding, str], ...]
    text: str


@dataclass(frozen=True)
class Desk:
    """What is needed of the rule files: their texts by path (`rulebooks/abuse.yaml`), what they say, and the words of the sources."""

    texts: Mapping[str, bytes]
    rulebooks: RulebookSet
    vocabulary: Vocabulary
    source_labels: Mapping[str, str]

    def text(self, hardship_type: str) -> str:
        """A rulebook as it lies there."""
        return (
            self.texts[f"rulebooks/{hardship_type}.yaml"].decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
        )


def draft_scenarios(material: Material, findings: Sequence[Finding], desk: Desk, as_of: date) -> Drafted:
    """Write each finding as a scenario, keep those that stand every check of the rulebooks, and give their file's text."""
    book = material.book
    trier = Trier(desk.vocabulary, desk.source_labels, book.target)
    typical = TypicalHousehold(desk.vocabulary, dict(desk.source_labels), trier)
    numbers = _free_numbers(desk, book.hardship_type)
    made: list[Draft] = []
    left_out: list[tuple[Finding, str]] = []
    for finding in findings:
        sentences = tuple(material.bank[index].sentence for index in finding.sentences)
        trials = typical.trials(sentences)
        if trials is None:
            left_out.append((finding, "架空の世帯の例をつくれない文があります。"))
            continue
        words = [to_japanese(sentence, desk.vocabulary, values=False) for sentence in sentences]
        scenario = skeleton(next(numbers), [Line(one) for one in words], trials, start=as_of)
        made.append(
            Draft("", finding, sentences, _filled(scenario, material, finding, sentences, desk.vocabulary, as_of))
        )
    made = [replace(draft, number=_number_of(draft.scenario)) for draft in made]
    kept, refused = _standing(made, desk, book.hardship_type)
    left_out += refused
    return Drafted(tuple(kept), tuple(left_out), _file(material, kept, desk, as_of) if kept else "")


def with_draft(text: str, scenario: WrittenValue, file: str) -> str:
    """A rulebook with a draft pasted at its end and its open question answered: what an author makes of it."""
    return appended(text, _answered(scenario), file)


# ── a scenario ──


def _filled(
    scenario: WrittenValue,
    material: Material,
    finding: Finding,
    sentences: Sequence[s.Sentence],
    vocabulary: Vocabulary,
    as_of: date,
) -> WrittenValue:
    """The skeleton with everything that the data can tell; what only people can tell stays open."""
    told = "。".join(to_japanese(sentence, vocabulary) for sentence in sentences)
    day = f"{as_of.year}年{as_of.month}月"
    values = {
        "名前": (f"下書き: {told}", "会議で読み上げる一文に書き直す。ご家庭を責めない言い方で"),
        "ねらい": (
            "過去に似た記録のあったこどもでは、あとで手助けが要ると分かることが、ほかのこどもより多くありました。原因を示すものではありません。"
            "早くたずねて、必要なら手助けにつなげるための下書きです。",
            "気づいたら何を支えるかを書き足す",
        ),
        "出典": (f"データからの下書き({day})。当市の確認前", "確かめたら、根拠と確認した人・日に書き直す"),
    }
    (item,) = scenario.entries or []
    entries = []
    for entry in item.value.entries or ():
        if entry.key in values:
            text, remark = values[entry.key]
            entry = Entry(entry.key, written_of(text), 0, 0, above=[f"# {remark}"])
        elif entry.key == "確認すること":
            entry = Entry(entry.key, written_of([OPEN_QUESTION]), 0, 0, beside="# 書くまで判定に使えない")
        entries.append(entry)
    above = [f"# {line}" for line in finding_lines(material, finding)]
    return WrittenValue(entries=[Entry(None, WrittenValue(entries=entries, keyed=True), 0, 0, above=above)])


def _answered(scenario: WrittenValue) -> WrittenValue:
    (item,) = scenario.entries or []
    entries = [
        Entry(e.key, written_of([_A_QUESTION]), 0, 0) if e.key == "確認すること" else e
        for e in item.value.entries or ()
    ]
    return WrittenValue(entries=[Entry(None, WrittenValue(entries=entries, keyed=True), 0, 0, above=list(item.above))])


def _number_of(scenario: WrittenValue) -> str:
    (item,) = scenario.entries or []
    return next(entry.value.text or "" for entry in item.value.entries or () if entry.key == "番号")


def _free_numbers(desk: Desk, hardship_type: str) -> Iterator[str]:
    """Numbers after the highest of the rulebook, also of scenarios that are out of force."""
    book = next(book for book in desk.rulebooks.rulebooks if book.hardship_type == hardship_type)
    used = [
        *(scenario.id for scenario in book.scenarios),
        *book.not_in_force,
        *(scenario.id for scenario in book.resting),
    ]
    prefix = used[0].split("-")[0] if used else "XX"
    last = max((int(number.split("-")[1]) for number in used), default=0)
    return (f"{prefix}-{number:02d}" for number in range(last + 1, 1000))


# ── checks ──


def _standing(drafts: Sequence[Draft], desk: Desk, hardship_type: str) -> tuple[list[Draft], list[tuple[Finding, str]]]:
    """The drafts that load at the end of their rulebook, whose examples hold, and that say more than the scenarios that are there."""
    kept: list[Draft] = []
    refused: list[tuple[Finding, str]] = []
    if not drafts:
        return kept, refused
    known = {(problem.code, problem.what) for problem in review(desk.rulebooks, desk.vocabulary)}
    together = _loaded(drafts, desk, hardship_type)
    if isinstance(together, tuple):  # which of them it is shows only one by one
        sound = [draft for draft in drafts if isinstance(_loaded([draft], desk, hardship_type), RulebookSet)]
        codes = "・".join(dict.fromkeys(problem.code for problem in together))
        refused += [
            (draft.finding, f"ルールの確認で誤りになります({codes})。") for draft in drafts if draft not in sound
        ]
        drafts = sound
        together = _loaded(drafts, desk, hardship_type) if drafts else desk.rulebooks
        assert isinstance(together, RulebookSet)
    report = run_examples(together, desk.vocabulary, desk.source_labels)
    by_id = {scenario.id: scenario for book in together.rulebooks for scenario in (*book.scenarios, *book.resting)}
    before = [scenario for scenario in by_id.values() if scenario.hardship_type == hardship_type]
    reasoner = Reasoner(by_id.values(), desk.vocabulary)
    found = [problem for problem in review(together, desk.vocabulary) if (problem.code, problem.what) not in known]
    ids = {draft.number for draft in drafts}
    for draft in drafts:
        if not report.of(draft.number).passed:
            refused.append((draft.finding, "つくった例が、ルールの試験で思ったとおりになりません。"))
        elif same := _said_already(by_id[draft.number], [one for one in before if one.id not in ids], reasoner):
            refused.append((draft.finding, f"当たるこどもは、すでにシナリオ{same}に当たります。"))
        else:
            notes = tuple(f"{problem.code} {problem.what}" for problem in found if draft.number in problem.what)
            kept.append(replace(draft, notes=notes))
    return kept, refused


def _said_already(draft: Scenario, others: Iterable[Scenario], reasoner: Reasoner) -> str | None:
    """A scenario that stands wherever the draft would."""
    return next((other.id for other in others if reasoner.stands_only_if(draft, other)), None)


def _loaded(drafts: Sequence[Draft], desk: Desk, hardship_type: str) -> RulebookSet | tuple[Problem, ...]:
    """The rulebooks with the drafts at the end of theirs, or what is wrong with that."""
    text = desk.text(hardship_type)
    for draft in drafts:
        text = with_draft(text, draft.scenario, f"rulebooks/{hardship_type}.yaml")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "rulebooks"
        folder.mkdir()
        for path, content in desk.texts.items():
            if path.startswith("rulebooks/"):
                (Path(name) / path).write_bytes(content)
        (folder / f"{hardship_type}.yaml").write_text(text, encoding="utf-8")
        try:
            return load_rulebooks(folder, desk.vocabulary, as_of=desk.rulebooks.as_of, root=Path(name))
        except KizukiError as error:
            return tuple(error.problems)


# ── the file ──


def _file(material: Material, drafts: Sequence[Draft], desk: Desk, as_of: date) -> str:
    """A file in the form of a rulebook, with the rulebook's own heading, that says what it is and what to do with it."""
    kind = material.book.hardship_type
    root = read_written(desk.text(kind)).root
    lines = [
        f"# 「{material.book.title}」のシナリオの下書き({as_of.isoformat()}の記録から)。判定には使われません。区分も一覧も、この下書きでは変わりません。",
        "# 記録から見つかった「あとで手助けが要ると分かったこどもに多かった」組み合わせです。原因を示すものでも、ご家庭を責めるものでもありません。",
        "# これまでにだれが気づかれてきたかを引き継いでいるため、気づかれにくいご家庭のことは、ここには現れません。",
        "# 使うときは、",
        f"#   1. 残したいシナリオ(「- 番号:」から「試験」の終わりまで)を rulebooks/{kind}.yaml の最後に写す",
        "#   2. 名前・ねらい・出典を書き直し、（ここに…）に確かめることを書く。文の数は会議で決める",
        "#   3. `kizuki rules check` と `kizuki rules test` で確かめ、`kizuki rules impact` でだれが一覧に入るかを見る",
        "#   4. `kizuki rules approve` で承認を受ける(それまで判定には使われません)",
    ]
    values = {entry.key: entry.value for entry in root.entries or ()}
    heading = [Entry(key, values[key], 0, 0) for key in _KEPT_KEYS if key in values]
    heading.insert(2, Entry("版", written_of("下書き"), 0, 0))
    head = [*(f"{line}\n" for line in lines), *map(_heading_line, heading)]
    body = "\n".join(fragment(draft.scenario) for draft in drafts)
    return "".join(head) + "シナリオ:\n" + body


def _heading_line(entry: Entry) -> str:
    """A key of the heading; 対象 may be a whole condition."""
    block = fragment(WrittenValue(entries=[Entry(None, WrittenValue(entries=[entry], keyed=True), 0, 0)]), 0)
    return "".join(f"{line[2:]}\n" for line in block.rstrip("\n").split("\n"))
