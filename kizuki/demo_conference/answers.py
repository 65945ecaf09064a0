"""What made-up people write on a handout: decided from the truth with the errors, gaps and habits of people. The same seed gives the same words.

The shares below are assumptions of the demonstration and no finding: they give every drop-down, every way to write a day and every blank something to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from random import Random

from engine.kernel.dates import wareki, wareki_short
from engine.records.case import HARDSHIP_LABELS, Case, DrawnChild, Tier
from kizuki.demo_conference.filling import Answer

_FORGOTTEN = 0.07
"""Sheets on which nothing was written, and children drawn who were not looked at."""
_MISJUDGED = 0.08
"""Findings that are not the truth."""
_DECISIONS = {
    # troubled, tier: 積極的アプローチ, 学校等への調査, 見守り, 見送り, 既に支援中, 対象外
    (True, 1): (60, 18, 14, 3, 5, 0),
    (True, 2): (22, 38, 25, 10, 5, 0),
    (False, 1): (18, 30, 25, 17, 5, 5),
    (False, 2): (6, 26, 28, 25, 5, 10),
}
_NAMES = ("積極的アプローチ", "学校等への調査", "見守り", "見送り", "既に支援中", "対象外")
_REVIEWED = {"積極的アプローチ": 0.45, "学校等への調査": 0.75, "見守り": 0.6, "既に支援中": 0.4}
_REVIEW_DAYS = (7, 7, 12, 14, 14, 21, 28, 60)
_PUT_OFF_DAYS = (6, 7, 10, 13, 14, 20, 30)
_LEADS = {
    "abuse": "こども家庭センター",
    "school_absence": "学校教育課",
    "young_carer": "こども家庭センター",
    "poverty": "福祉事務所(生活保護)",
    "postpartum_depression": "母子保健担当課",
    "developmental_disorder": "教育支援センター",
}
_REASONS = {
    "積極的アプローチ": (
        "複数の課の記録が重なっており、早めに家庭の様子を確かめたい。",
        "支援の利用がなく、相談先を知らないおそれがあるため、こちらから訪ねる。",
        "きょうだいの様子も気になるため、あわせて確かめる。",
    ),
    "学校等への調査": (
        "学校での様子が分からないため、まず担任に聞く。",
        "園での様子と送り迎えの状況を確かめてから決める。",
        "直近の記録が少ない。学校と健診の担当に照会する。",
    ),
    "見守り": (
        "つながりのある支援者がおり、当面は様子をみる。",
        "前回の面談から大きな変化はない。学校の声かけを続ける。",
    ),
    "見送り": (
        "一時的な事情と思われる。期限までに変化がなければ終える。",
        "家庭から連絡があり、手続きの途中と分かった。",
    ),
    "既に支援中": ("ほかの課が定期的に面談している。", "要対協で支援の計画がある。"),
    "対象外": ("転出の予定があり、転出先の市に引き継ぐ。", "記録の重なりによるもので、世帯の状況とは関係がない。"),
}
_ROLES = (
    ("学校", "登校と持ち物の様子を聞く"),
    ("こども家庭センター", "家庭訪問の日を決める"),
    ("保健師", "健診のときに声をかける"),
    ("福祉事務所(生活保護)", "使える制度を案内する"),
    ("主任児童委員", "地域での様子を聞く"),
)
_KEY_PERSONS = ("担任", "養護教諭", "保健師", "主任児童委員", "園長", "相談支援専門員")
_MEMOS = (
    "次回までに就学援助の申請状況を確かめる。",
    "電話は夕方がつながりやすい。",
    "きょうだいの園とも情報をそろえる。",
    "支援の押しつけにならないよう、まず困りごとを聞く。",
)
_WHY_WRONG = (
    ("事情が分かり困難ではなかった", 41),
    ("すでに解決していた", 20),
    ("データの誤り・古さ", 20),
    ("別の世帯の記録", 8),
    ("その他", 11),
)


@dataclass(frozen=True)
class Family:
    """A household on the list, as those in the room come to know it. `hardships`: what is true; `registered`: with the council."""

    case: Case
    hardships: frozenset[str]
    reachable: bool
    registered: bool

    @property
    def flagged(self) -> tuple[str, ...]:
        """The types for which it is on the list, in the order of the vocabulary."""
        kinds = {
            one.hardship_type for child in self.case.children for one in child.types if one.tier is not Tier.NO_ACTION
        }
        return tuple(kind for kind in HARDSHIP_LABELS if kind in kinds)


def at_the_conference(family: Family, run_id: str, meeting_on: date, seed: int) -> dict[str, Answer]:
    """What stands on the sheet when it comes back from the conference; empty where nobody wrote anything."""
    rng = _stream(seed, run_id, family.case.household_key, "conference")
    if rng.random() < _FORGOTTEN:
        return {}
    decision = _decision(family, rng)
    said: dict[str, Answer] = {"判断": _as_chosen(decision, rng)}
    if rng.random() < 0.85:
        said["理由"] = rng.choice(_REASONS[decision])
    if decision == "見送り":
        said["見送り期限"] = _as_typed(meeting_on + timedelta(days=rng.choice(_PUT_OFF_DAYS)), rng)
    elif rng.random() < _REVIEWED.get(decision, 0):
        said["次回見直し"] = _as_typed(meeting_on + timedelta(days=rng.choice(_REVIEW_DAYS)), rng)
    if decision in ("見送り", "対象外"):
        return said
    if rng.random() < 0.9:
        said["主担当機関"] = _lead(family, rng)
    if rng.random() < 0.4:
        said["キーパーソン"] = rng.choice(_KEY_PERSONS)
    for number, (who, what) in enumerate(rng.sample(_ROLES, rng.choice((0, 1, 1, 2, 3))), start=1):
        said |= {f"役割{number}_誰が": who, f"役割{number}_何を": what}
        if rng.random() < 0.7:
            said[f"役割{number}_いつまで"] = _as_typed(meeting_on + timedelta(days=rng.choice((7, 10, 14, 21))), rng)
    if rng.random() < 0.25:
        said["メモ"] = rng.choice(_MEMOS)
    return said


def a_week_later(
    family: Family, said: Mapping[str, Answer], run_id: str, meeting_on: date, seed: int
) -> dict[str, Answer]:
    """The same sheet with what has come of it by then: outcome, its day, and whether the list was right."""
    rng = _stream(seed, run_id, family.case.household_key, "later")
    decision = str(said.get("判断", "")).strip()
    later = dict(said)
    if not decision or decision in ("見送り", "対象外") or rng.random() < 0.12:
        return later
    reached = rng.random() < (0.78 if family.reachable else 0.5)
    if reached:
        wanted = ("支援につながった", "面談・訪問ができた", "連絡がとれた", "関係機関につないだ")
        weights = (26, 38, 28, 8) if family.hardships else (6, 40, 36, 18)
        later["結果"] = rng.choices(wanted, weights)[0]
        later["結果の日"] = _as_typed(meeting_on + timedelta(days=rng.choice((0, 1, 2, 3, 3, 4, 5, 6, 7))), rng)
    elif rng.random() < 0.7:
        later["結果"] = rng.choices(("連絡がとれない", "断られた", "支援は要らなかった"), (70, 20, 10))[0]
        later["結果の日"] = _as_typed(meeting_on + timedelta(days=rng.randint(1, 7)), rng)
    if reached or rng.random() < 0.2:
        later |= _finding(family, rng)
    return later


def about_drawn(child: DrawnChild, hardships: frozenset[str], run_id: str, seed: int) -> dict[str, Answer]:
    """What was found of a child who was drawn by chance; empty where nobody looked."""
    rng = _stream(seed, run_id, child.child_key, "drawn")
    if rng.random() < _FORGOTTEN / 2:
        return {}
    if rng.random() < 0.08:
        return {"見立て": "分からない", "理由": "担任が替わったばかりで、様子が分からない。"}
    if (rng.random() < _MISJUDGED) != bool(hardships):
        kinds = hardships or frozenset({rng.choice(sorted(HARDSHIP_LABELS))})
        return {"見立て": "困難あり", "確かめた困難": _types(kinds, rng), "理由": "学校に聞いて分かった。"}
    return {"見立て": _as_chosen("困難なし", rng)}


def in_the_register(household_key: str, decision: str, has_contact: bool, on: date, seed: int) -> dict[str, Answer]:
    """What the quarterly meeting writes into a household's row: the end of some cases, a new day for others, how some are rated."""
    rng = _stream(seed, "register", household_key, on.isoformat())
    if has_contact and rng.random() < 0.2:
        because = rng.choice(("養育状況の改善", "養育状況の改善", "他機関へ引き継ぎ", "主担当課の通常の支援に移したため"))
        return {"終結日": _as_typed(on, rng), "終結理由": because}
    said: dict[str, Answer] = {}
    if decision not in ("見送り", "対象外") and rng.random() < 0.3:
        said["次回見直し"] = _as_typed(on + timedelta(days=rng.choice((30, 60, 90))), rng)
    if rng.random() < 0.25:
        said |= {"緊急度": rng.choice(("B", "C", "C", "Ｄ")), "重症度": rng.choice(("中度", "軽度", "軽度"))}
    return said


def _decision(family: Family, rng: Random) -> str:
    if family.registered and rng.random() < 0.7:
        return "既に支援中"
    troubled = bool(family.hardships) != (rng.random() < _MISJUDGED)
    tier = 1 if family.case.tier is Tier.ACTIVE else 2
    return rng.choices(_NAMES, _DECISIONS[troubled, tier])[0]


def _finding(family: Family, rng: Random) -> dict[str, Answer]:
    if rng.random() < 0.15:
        return {"気づき": "まだ分からない"}
    right = family.hardships & set(family.flagged)
    if rng.random() < _MISJUDGED:
        right = frozenset(family.flagged) - right
    if right:
        whole = right == frozenset(family.flagged) or rng.random() < 0.5
        return {"気づき": "合っていた" if whole else "一部合っていた", "確かめた困難": _types(right, rng)}
    if others := family.hardships - set(family.flagged):
        return {"気づき": "一部合っていた", "確かめた困難": _types(others, rng), "違った理由": "別の困難だった"}
    reason = rng.choices([name for name, _ in _WHY_WRONG], [weight for _, weight in _WHY_WRONG])[0]
    said: dict[str, Answer] = {"気づき": _as_chosen("違っていた", rng), "違った理由": reason}
    if reason == "その他":
        said["違った理由の説明"] = "保護者の仕事の都合による一時的なものだった。"
    return said


def _lead(family: Family, rng: Random) -> str:
    kinds = family.flagged or tuple(HARDSHIP_LABELS)
    return _LEADS[kinds[0]] if rng.random() < 0.8 else "こども家庭センター"


def _types(kinds: frozenset[str], rng: Random) -> str:
    return rng.choice(("、", "・", "，")).join(label for kind, label in HARDSHIP_LABELS.items() if kind in kinds)


def _as_chosen(choice: str, rng: Random) -> str:
    """Mostly from the drop-down; now and then pasted with a space around it."""
    return rng.choices((choice, f"{choice} ", f"　{choice}"), (92, 5, 3))[0]


def _as_typed(day: date, rng: Random) -> Answer:
    """A day in one of the ways in which people write one."""
    short = wareki_short(day)
    ways: Sequence[Answer] = (
        short,
        wareki(day),
        wareki(day, weekday=True),
        short.translate(_FULL_WIDTH),
        f"{day.year}/{day.month}/{day.day}",
        (day - date(1899, 12, 30)).days,
    )
    return rng.choices(ways, (34, 14, 8, 12, 14, 18))[0]


_FULL_WIDTH = {ord(letter): ord(letter) + 0xFEE0 for letter in "0123456789R."}


def _stream(seed: int, *about: str) -> Random:
    """A stream of its own for every sheet, so that one family more changes nobody else's answers."""
    return Random(sha256("|".join((str(seed), *about)).encode()).digest())
