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

Urgency = Literal["AA", "A", "B", "C", "D"]
"""緊急度, rated by people. No record is ever turned into it, and it is turned into no tier, no order and no score."""

Severity = Literal["最重度", "重度", "中度", "軽度"]
"""重症度, rated by people, as 緊急度."""

ClosedBecause = Literal["養育状況の改善", "転出", "年齢到達", "施設入所・里親委託", "他機関へ引き継ぎ", "その他"]
"""終結理由, as far as it is one of these; what people write besides is words."""

Form = Literal["案件", "台帳"]
"""On which form a word on a household was written: its sheet, or its row in the case register."""

DECISIONS: tuple[str, ...] = get_args(Decision)
OUTCOMES: tuple[str, ...] = get_args(Outcome)
RIGHTNESS: tuple[str, ...] = get_args(Rightness)
WHY_WRONG: tuple[str, ...] = get_args(WhyWrong)
URGENCIES: tuple[str, ...] = get_args(Urgency)
SEVERITIES: tuple[str, ...] = get_args(Severity)
CLOSED_BECAUSE: tuple[str, ...] = get_args(ClosedBecause)
AGENCIES: tuple[str, ...] = (
    "こども家庭センター",
    "児童相談所",
    "学校・園",
    "学校教育課",
    "保育担当課",
    "母子保健担当課",
    "福祉事務所(生活保護)",
    "障害福祉担当課",
    "教育支援センター",
    "見守りの団体(NPO等)",
)
"""Sections and agencies that may lead (主担当機関) where a city names none of its own in kizuki.toml."""
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
    """The words written on one sheet. Personal data: never in a record, a log or a message.

    `lead_agency_text`, `closed_because_text`: 主担当機関 and 終結理由 in words of their own, so that a person's name may stand there; empty where one of the
    list was named.
    """

    reason: str = ""
    key_person: str = ""
    assignments: tuple[Assignment, ...] = ()
    why_wrong_text: str = ""
    memo: str = ""
    lead_agency_text: str = ""
    closed_because_text: str = ""


@dataclass(frozen=True)
class PastDecision:
    """One household in one conference, without the words: what lists, sheets and outcomes are made from.

    `decided_on`: day of the conference. `until`: 見送り until that day. `review_on`: 次回見直し. `lead_agency`: 主担当機関, one of those that
    the city named. `outcome_on`: the day on which it
    came about. `found_types`: hardship types confirmed, where the sheet names any. `met_then`: what counted towards the tier on the list that
    the conference had before it, as `child_key/scenario_id`, sorted; `tier_then`: 1–3. `decision` None: only an outcome or a finding was written.
    `closed_on`, `closed_because`: 終結, from the case register; of the reasons only one that is listed. `urgency`, `severity`: 緊急度 and 重症度, from the case
    register: what people judged, for people to see again; nothing is decided, ordered or learnt by them.
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
    urgency: Urgency | None = None
    severity: Severity | None = None


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
