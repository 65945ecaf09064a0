"""What a conference wrote on a household's sheet: the decision, who does what until when, and what came of it.

The words that people wrote (reasons, names of key persons, notes) are personal data. They stand in the workspace's `conference/` folder
only, and rejoin a sheet last, as names do; everything else here holds pseudonyms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

Decision = Literal["積極的アプローチ", "学校等への調査", "見守り", "見送り", "既に支援中", "対象外"]
"""判断: what the conference decided."""

Outcome = Literal[
    "支援につながった",
    "面談・訪問ができた",
    "連絡がとれた",
    "関係機関につないだ",
    "連絡がとれない",
    "断られた",
    "支援は要らなかった",
    "転出した",
]
"""結果: what came of a decision, as far as it is known."""

Rightness = Literal["合っていた", "一部合っていた", "違っていた", "まだ分からない"]
"""Whether the list was right about the household (気づきは合っていたか)."""

WhyWrong = Literal[
    "事情が分かり困難ではなかった",
    "すでに解決していた",
    "データの誤り・古さ",
    "別の世帯の記録",
    "別の困難だった",
    "その他",
]
"""違った理由, so that rulebooks and sources can be put right."""

Form = Literal["案件", "台帳"]
"""On which form a word on a household was written: its sheet, or its row in the case register."""

DECISIONS: tuple[str, ...] = get_args(Decision)
OUTCOMES: tuple[str, ...] = get_args(Outcome)
RIGHTNESS: tuple[str, ...] = get_args(Rightness)
WHY_WRONG: tuple[str, ...] = get_args(WhyWrong)
CONTACTS = frozenset({"支援につながった", "面談・訪問ができた", "連絡がとれた"})
"""Outcomes that mean that somebody spoke with the family."""


@dataclass(frozen=True, order=True)
class Assignment:
    """役割分担: who does what by when. All three as written; `by` None where no day was given."""

    who: str
    what: str
    by: date | None


@dataclass(frozen=True)
class ConferenceTexts:
    """The words written on one sheet. Personal data: never in a record, a log or a message."""

    reason: str = ""
    key_person: str = ""
    assignments: tuple[Assignment, ...] = ()
    why_wrong_text: str = ""
    memo: str = ""


@dataclass(frozen=True)
class PastDecision:
    """One household in one conference, without the words: what lists, sheets and outcomes are made from.

    `decided_on`: day of the conference. `until`: 見送り until that day. `review_on`: 次回見直し. `lead_agency`: 主担当機関. `outcome_on`: the day on which it
    came about. `found_types`: hardship types confirmed, where the sheet names any. `met_then`: what counted towards the tier on the list that
    the conference had before it, as `child_key/scenario_id`, sorted; `tier_then`: 1–3. `decision` None: only an outcome or a finding was written.
    `closed_on`, `closed_because`: 終結, from the case register.
    """

    run_id: str
    household_key: str
    decided_on: date
    decision: Decision | None = None
    until: date | None = None
    review_on: date | None = None
    lead_agency: str = ""
    outcome: Outcome | None = None
    outcome_on: date | None = None
    rightness: Rightness | None = None
    why_wrong: WhyWrong | None = None
    found_types: tuple[str, ...] = ()
    met_then: tuple[str, ...] = ()
    tier_then: int = 3
    closed_on: date | None = None
    closed_because: str = ""


@dataclass(frozen=True)
class ConferenceEntry:
    """What one filled-in sheet or row said, with who read it in and when. `sha256`: of the file that was read.

    `form`: the household's sheet of the conference (案件), or its row in the case register (台帳), which follows the sheet up.
    `found_on`: of what the store gives, the day of a finding that came after the conference; None in what is stored.
    """

    decision: PastDecision
    texts: ConferenceTexts = field(default_factory=ConferenceTexts)
    read_on: date = date.min
    read_by: str = ""
    sha256: str = ""
    form: Form = "案件"
    found_on: date | None = None
