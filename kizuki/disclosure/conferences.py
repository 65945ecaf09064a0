"""What conferences decided and found about a person, and every word that was written on their household's sheets (ADR 0026)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

from engine.kernel.dates import wareki_short
from engine.records.case import HARDSHIP_LABELS
from engine.records.conference import Assignment, ConferenceEntry, PastDecision
from engine.records.conference_store import ConferenceBook, DrawnAnswer, Word
from engine.records.feedback import Feedback
from kizuki.disclosure.judgements import Judgement
from kizuki.disclosure.withholding import CONFERENCE_OF_OTHERS, CONFERENCE_WORDS, Ground, Withholding, tier_ground
from reports.disclosure.contents import Decided, Withheld, WrittenWord

_WHERE = "conference"
_LABELS = {
    "decision": "判断",
    "until": "見送りの期限",
    "review_on": "次回見直し",
    "lead_agency": "主担当機関",
    "outcome": "結果",
    "outcome_on": "結果の日",
    "rightness": "気づき",
    "why_wrong": "違った理由",
    "found_types": "確かめた困難",
    "closed_on": "終結日",
    "closed_because": "終結理由",
    "urgency": "緊急度",
    "severity": "重症度",
    "lead_agency_text": "主担当機関",
    "closed_because_text": "終結理由",
    "reason": "理由",
    "key_person": "キーパーソン",
    "assignments": "役割分担",
    "why_wrong_text": "違った理由の説明",
    "memo": "メモ",
    "finding": "見立て",
}
_DECIDED_ON_NOTHING = "判断は書かれていません"


@dataclass(frozen=True)
class ConferencesOf:
    """`shown`: what may be handed over once an officer has looked. `withheld`: what is not. `words`: everything that was written, for the officer alone."""

    shown: tuple[Decided, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    words: tuple[WrittenWord, ...] = ()

    @property
    def to_look_at(self) -> tuple[Withheld, ...]:
        """What stands on the paper to hand over, and must be read first."""
        if not self.shown:
            return ()
        why = "会議が世帯について決めたこと。ほかの方の情報や、支援の事務への支障がないか"
        return (Withheld("会議で決めたこと・見立て", _WHERE, len(self.shown), "第2号・第7号", why),)


def conferences_of(
    book: ConferenceBook,
    words: Iterable[Word],
    feedback: Iterable[Feedback],
    person_key: str,
    households: Collection[str],
    judgements: Sequence[Judgement],
    rules: Withholding,
) -> ConferencesOf:
    """What of the store concerns a person.

    A sheet concerns whoever stood on it by the record of its run; where that record is gone, whoever ever lived in the household. What was decided is
    shown to the person if the sheet was about them (a listed child); of others in the household, and to a representative, it is withheld. `book`: as it
    counts now; `words`: every word, also those that later ones replaced; `feedback`: findings by child.
    """
    about = _About(person_key, households, {each.run_id: each for each in judgements})
    entries = [entry for entry in book.entries if about.concerns(entry.decision)]
    answers = [answer for answer in book.drawn if answer.child_key == person_key]
    ground = tier_ground(rules.requester)
    own = [entry for entry in entries if about.is_own(entry.decision)]
    others = [entry for entry in entries if not about.is_own(entry.decision)]
    shown = () if ground is not None else tuple(sorted((*map(_decided, own), *map(_found, answers)), key=_order))
    written = tuple(
        WrittenWord(_run(word), _sheet(word), _day(word), word.read_by, word.read_on, tuple(_told(word)))
        for word in words
        if about.is_meant(word)
    )
    hidden: Counter[tuple[str, Ground]] = Counter()
    if ground is not None:
        hidden["会議で決めたこと・見立て", ground] += len(own) + len(answers)
    hidden["会議で決めたこと(世帯の一員として)", CONFERENCE_OF_OTHERS] += len(others)
    hidden["会議で書かれた言葉(4 会議で書かれたこと)", CONFERENCE_WORDS] += len(written)
    findings = sum(each.child_key == person_key for each in feedback)
    withheld = [Withheld(what, _WHERE, count, why.item, why.why) for (what, why), count in hidden.items() if count]
    if findings:
        why = ground or CONFERENCE_WORDS
        withheld.append(Withheld("類型ごとの見立ての控え", "feedback", findings, why.item, why.why))
    return ConferencesOf(shown, tuple(withheld), written)


@dataclass(frozen=True)
class _About:
    """Whether a sheet is about a person, by the records of the runs."""

    person_key: str
    households: Collection[str]
    judgements: Mapping[str, Judgement]

    def concerns(self, decision: PastDecision) -> bool:
        judged = self.judgements.get(decision.run_id)
        if judged is None:
            return decision.household_key in self.households
        return decision.household_key in judged.sheets

    def is_own(self, decision: PastDecision) -> bool:
        judged = self.judgements.get(decision.run_id)
        return judged is not None and judged.listed and decision.household_key in judged.sheets

    def is_meant(self, word: Word) -> bool:
        if isinstance(word, DrawnAnswer):
            return word.child_key == self.person_key
        return self.concerns(word.decision)


def _decided(entry: ConferenceEntry) -> Decided:
    decision = entry.decision
    said = decision.decision or _DECIDED_ON_NOTHING
    if decision.until is not None:
        said += f"({wareki_short(decision.until)}まで)"
    if decision.review_on is not None:
        said += f"、次回見直し {wareki_short(decision.review_on)}"
    if decision.outcome is not None:
        said += f"、その後: {decision.outcome}"
    return Decided(decision.decided_on, said, entry.read_by, entry.read_on)


def _found(answer: DrawnAnswer) -> Decided:
    return Decided(answer.decided_on, f"無作為に選んで見た結果: {answer.finding}", answer.read_by, answer.read_on)


def _order(decided: Decided) -> tuple[date, str]:
    return decided.on, decided.what


def _run(word: Word) -> str:
    return word.run_id if isinstance(word, DrawnAnswer) else word.decision.run_id


def _day(word: Word) -> date:
    return word.decided_on if isinstance(word, DrawnAnswer) else word.decision.decided_on


def _sheet(word: Word) -> str:
    return "無作為" if isinstance(word, DrawnAnswer) else word.form


def _told(word: Word) -> Iterator[tuple[str, str]]:
    """Every blank that was filled in, by its name on the sheet."""
    parts = (word,) if isinstance(word, DrawnAnswer) else (word.decision, word.texts)
    for part in parts:
        for field in fields(part):
            if field.name in _LABELS and (said := _in_words(getattr(part, field.name))):
                yield _LABELS[field.name], said


def _in_words(value: object) -> str:
    if isinstance(value, date):
        return wareki_short(value)
    if isinstance(value, tuple):
        return "、".join(filter(None, map(_in_words, value)))
    if isinstance(value, Assignment):
        until = f"({wareki_short(value.by)}まで)" if value.by else ""
        return f"{value.who}: {value.what}{until}"
    return HARDSHIP_LABELS.get(value, value) if isinstance(value, str) else ""
