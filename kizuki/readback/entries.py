"""From the answers on a sheet to what the store keeps of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar, cast

from engine.kernel.errors import Problem
from engine.records.conference import (
    AGENCIES,
    CLOSED_BECAUSE,
    Assignment,
    ConferenceEntry,
    ConferenceTexts,
    Decision,
    Form,
    Outcome,
    PastDecision,
    Rightness,
    Severity,
    Urgency,
    WhyWrong,
)
from engine.records.conference_store import DrawnAnswer, Word
from engine.records.feedback import Finding
from kizuki.readback.runs import RunOnRecord
from reports.readback.answers import ROLES, Answers
from reports.readback.values import one_of

T = TypeVar("T", bound=str)


@dataclass(frozen=True)
class Reading:
    """Who reads in, on which day. `agencies`: which sections and agencies the city named, any of which may lead (主担当機関)."""

    by: str
    on: date
    agencies: tuple[str, ...] = AGENCIES


def word_of(answers: Answers, run: RunOnRecord, reading: Reading) -> Word | None:
    """What one sheet or row says; None where nothing that the store keeps was written."""
    if not answers.given:
        return None
    if answers.record.identity.kind == "無作為":
        return _drawn(answers, run, reading)
    return _entry(answers, run, reading)


def _entry(answers: Answers, run: RunOnRecord, reading: Reading) -> ConferenceEntry:
    identity = answers.record.identity
    case = run.cases[identity.household_key]
    form: Form = "台帳" if identity.kind == "台帳" else "案件"
    agency, agency_text = _named(answers.text("主担当機関"), reading.agencies)
    because, because_text = _named(answers.text("終結理由"), CLOSED_BECAUSE)
    return ConferenceEntry(
        PastDecision(
            run_id=run.run_id,
            household_key=identity.household_key,
            decided_on=run.meeting_on,
            decision=cast("Decision | None", answers.text("判断") or None),
            until=answers.day("見送り期限"),
            review_on=answers.day("次回見直し"),
            lead_agency=agency,
            outcome=cast("Outcome | None", answers.text("結果") or None),
            outcome_on=answers.day("結果の日"),
            rightness=cast("Rightness | None", answers.text("気づき") or None),
            why_wrong=cast("WhyWrong | None", answers.text("違った理由") or None),
            found_types=answers.types("確かめた困難"),
            met_then=run.counted.get(identity.household_key, ()),
            tier_then=int(case.tier),
            closed_on=answers.day("終結日"),
            closed_because=because,
            urgency=cast("Urgency | None", answers.text("緊急度") or None),
            severity=cast("Severity | None", answers.text("重症度") or None),
        ),
        ConferenceTexts(
            reason=answers.text("理由"),
            key_person=answers.text("キーパーソン"),
            assignments=tuple(_assignments(answers)),
            why_wrong_text=answers.text("違った理由の説明"),
            memo=answers.text("メモ"),
            lead_agency_text=agency_text,
            closed_because_text=because_text,
        ),
        read_on=reading.on,
        read_by=reading.by,
        sha256=answers.record.sha256,
        form=form,
    )


def _named(text: str, choices: Collection[str]) -> tuple[str, str]:
    """Which of the choices a text is, or else the text in words of its own: there a person's name may stand."""
    found = one_of(text, choices)
    return ("", text) if found is None else (found, "")


def agency_in_words(answers: Answers, reading: Reading) -> Iterator[Problem]:
    """That 主担当機関 names none of the city's list: kept as words, and not counted by its name."""
    text = answers.text("主担当機関")
    if text and one_of(text, reading.agencies) is None:
        yield answers.record.spot.cell_problem(
            "",
            "主担当機関",
            "W-READ-03",
            "一覧にない書き方です。",
            "書かれたとおりに資料と台帳に載せますが、機関ごとの数には「一覧にない書き方」として入れます。",
            "一覧から選んで読み取り直すか、新しい機関なら kizuki.toml の agencies に書き足してから読み取り直してください。",
        )


def _assignments(answers: Answers) -> Iterator[Assignment]:
    for number in ROLES:
        who, what = answers.text(f"役割{number}_誰が"), answers.text(f"役割{number}_何を")
        if who or what:
            yield Assignment(who, what, answers.day(f"役割{number}_いつまで"))


def _drawn(answers: Answers, run: RunOnRecord, reading: Reading) -> DrawnAnswer | None:
    identity = answers.record.identity
    if not answers.text("見立て"):
        return None
    return DrawnAnswer(
        run_id=run.run_id,
        household_key=identity.household_key,
        child_key=identity.child_key,
        decided_on=run.meeting_on,
        finding=cast("Finding", answers.text("見立て")),
        found_types=answers.types("確かめた困難"),
        reason=answers.text("理由"),
        read_on=reading.on,
        read_by=reading.by,
        sha256=answers.record.sha256,
    )


def against_the_list(answers: Answers, run: RunOnRecord) -> Iterator[Problem]:
    """What contradicts the list that the sheet was printed from: a flag cannot be wrong and its difficulty be confirmed."""
    if answers.text("気づき") != "違っていた":
        return
    flagged = set().union(*run.flagged_types(answers.record.identity.household_key).values())
    if flagged & set(answers.types("確かめた困難")):
        yield answers.record.spot.cell_problem(
            "",
            "気づき",
            "E-READ-26",
            "「違っていた」とありますが、「確かめた困難」に、一覧に載せた理由と同じ類型があります。",
            "書かれたことを間違えて取り込まないよう、読み取りません。",
            "一部でも確かめられたのなら「一部合っていた」を選んでください。",
        )
