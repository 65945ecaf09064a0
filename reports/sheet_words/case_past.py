"""What earlier conferences decided on a household, as its sheet tells it; the words that people wrote rejoin here, last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.kernel.dates import wareki_short
from engine.records.case import HARDSHIP_LABELS, Case
from engine.records.conference import Assignment, ConferenceTexts, PastDecision

SHOWN = 3
Texts = Mapping[tuple[str, str], ConferenceTexts]
"""What people wrote, by run and household."""


@dataclass(frozen=True)
class DecisionView:
    """One earlier conference on this household.

    `decided_on`: its day. `decision`: 判断. `terms`: 見送り期限, 次回見直し, 主担当機関. `came_of_it`: 結果 with its day, and whether the list was
    right. `words`: 理由, キーパーソン, 役割分担 and メモ as they were written, empty where nothing was.
    """

    decided_on: str
    decision: str
    terms: str
    came_of_it: str
    words: str


def past_decisions(case: Case, texts: Texts) -> tuple[DecisionView, ...]:
    """The newest three, newest first."""
    return tuple(_view(past, texts.get((past.run_id, past.household_key))) for past in case.decisions[:SHOWN])


def _view(past: PastDecision, words: ConferenceTexts | None) -> DecisionView:
    return DecisionView(
        decided_on=wareki_short(past.decided_on),
        decision=past.decision or "(判断の記入なし)",
        terms="・".join(terms(past)),
        came_of_it=came_of_it(past),
        words=_words(words) if words else "",
    )


def terms(past: PastDecision) -> list[str]:
    """Until when, when to look again, who leads: what is written of it."""
    return [
        *([f"{wareki_short(past.until)}まで"] if past.until else []),
        *([f"見直し {wareki_short(past.review_on)}"] if past.review_on else []),
        *([past.lead_agency] if past.lead_agency else []),
    ]


def came_of_it(past: PastDecision) -> str:
    """結果 with its day, 気づき and what was confirmed; that nothing is written yet otherwise."""
    parts = []
    if past.outcome:
        parts.append(past.outcome + (f"({wareki_short(past.outcome_on)})" if past.outcome_on else ""))
    if past.rightness:
        because = f"({past.why_wrong})" if past.why_wrong else ""
        parts.append(f"気づきは{past.rightness}{because}")
    if past.found_types:
        parts.append("確かめた困難: " + "・".join(HARDSHIP_LABELS.get(kind, kind) for kind in past.found_types))
    if past.closed_on:
        parts.append(f"終結 {wareki_short(past.closed_on)}")
    return "、".join(parts) or "結果はまだ記入されていません"


def _words(words: ConferenceTexts) -> str:
    roles = "、".join(map(_role, words.assignments))
    parts = (("理由", words.reason), ("キーパーソン", words.key_person), ("役割", roles), ("違った理由", words.why_wrong_text), ("メモ", words.memo))
    return " ".join(f"{label}: {' '.join(text.split())}" for label, text in parts if text.strip())


def _role(role: Assignment) -> str:
    by = f"({wareki_short(role.by)}まで)" if role.by else ""
    return f"{role.who} {role.what}{by}".strip()
