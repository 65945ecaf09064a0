"""What a model adds to one household's sheet, in words: of whom, in which type, why, and whether the tier is the model's or the rules'.

No number: what a score is worth is weighed by whoever audits it, with `kizuki trace`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from engine.records.case import HARDSHIP_LABELS, Case, Casebook, ChildCase
from engine.records.score import Band, Score
from reports.sheet_words.names import Names

NOTES_SHOWN = 2
_AS_BY_RULES_SHOWN = 1
_MAIN_REASONS = 2
BAND_WORDS: dict[Band, str] = {
    "上": "似た状況の世帯より、とくに注意が必要",
    "中": "似た状況の世帯より注意が必要",
}
"""The lowest band only helps to put cases of one tier in order; the sheet does not speak of it."""
_BY_RULES = "区分はルールのとおり"
_DAYS = re.compile(r"(\d+)日(前にある|続いている|過ぎている)")
_NO_REASON = "いくつもの記録が少しずつ重なったもので、1つの記録では言い表せません"


@dataclass(frozen=True)
class ModelNote:
    """What the model says of a child, or of children alike, in one type: in words, what that did to the tier, and what raised it.

    `because`: the reasons in one text.
    """

    says: str
    does: str
    reasons: tuple[str, ...]

    @property
    def because(self) -> str:
        """The strongest of what raised it, one after the other."""
        return " ／ ".join(self.reasons[:_MAIN_REASONS])


def model_notes(case: Case, names: Names) -> tuple[ModelNote, ...]:
    """At most two, those that raised a tier first, then one that did not, the higher band before; the last says how many more there are.

    Children of whom the model says the same for the same reasons share one.
    """
    found = [(child, score) for child in case.children for score in child.scores if score.band in BAND_WORDS]
    found.sort(key=lambda each: (not _lifting(*each), each[1].band != "上"))
    alike: dict[tuple[str, str, str, frozenset[str]], list[tuple[ChildCase, Score]]] = {}
    for child, score in found:
        reasons = frozenset(reason.text for reason in score.reasons[:_MAIN_REASONS])
        alike.setdefault((score.hardship_type, score.band, _lifting(child, score), reasons), []).append((child, score))
    lifting = [group for group in alike.values() if _lifting(*group[0])]
    by_rules = [group for group in alike.values() if not _lifting(*group[0])]
    shown = [*lifting, *by_rules[:_AS_BY_RULES_SHOWN]][:NOTES_SHOWN]
    notes = [_note(group, names) for group in shown]
    if rest := len(alike) - len(notes):
        notes[-1] = replace(notes[-1], says=f"{notes[-1].says}(ほか{rest}件)")
    return tuple(notes)


def _lifting(child: ChildCase, score: Score) -> str:
    """③→②, or empty where the model did not raise that type."""
    for decision in child.types:
        if decision.hardship_type == score.hardship_type and decision.lifted_from is not None:
            return f"{decision.lifted_from.mark}→{decision.tier.mark}"
    return ""


def _note(group: list[tuple[ChildCase, Score]], names: Names) -> ModelNote:
    child, score = group[0]
    label = HARDSHIP_LABELS.get(score.hardship_type, score.hardship_type)
    lifted = _lifting(child, score)
    return ModelNote(
        f"{label}: {BAND_WORDS[score.band]}{names.tag([one for one, _ in group])}",
        f"モデルで{lifted}" if lifted else _BY_RULES,
        tuple(in_natural_units(reason.text) for reason in score.reasons) or (_NO_REASON,),
    )


def in_natural_units(text: str) -> str:
    """Long stretches of days as people say them.

    >>> [in_natural_units(f"手帳が{days}日続いている") for days in (41, 166, 393, 2728)]
    ['手帳が41日続いている', '手帳が約5か月続いている', '手帳が約1年1か月続いている', '手帳が約7年半続いている']
    """
    return _DAYS.sub(lambda found: _stretch(int(found[1])) + found[2], text)


def _stretch(days: int) -> str:
    if days < 60:
        return f"{days}日"
    if days >= 730:
        years, half = divmod((days * 2 + 182) // 365, 2)
        return f"約{years}年{'半' if half else ''}"
    years, months = divmod((days * 12 + 182) // 365, 12)
    return "約" + (f"{years}年" if years else "") + (f"{months}か月" if months else "")


def tier_by_whom(case: Case) -> str:
    """That the tier is the model's, where the rules alone give another one."""
    if case.lifted_from is None:
        return ""
    return f"ルールだけなら{case.lifted_from.mark}です(モデルが1段上げています)。"


def model_on_cover(book: Casebook) -> str:
    """What the model did this week, or that the rules alone decided, and why."""
    if book.model is None:
        return (
            f"モデルは使わず、ルールだけで判定しています({book.model_note.rstrip('。')})。" if book.model_note else ""
        )
    model = book.model
    lifted = model.to_inquiry + model.to_active
    if not lifted:
        return "モデルを合わせて使いましたが、区分の上がったこどもはいません。"
    here = sum(case.lifted_from is not None for case in book.cases)
    return (
        f"モデルが1段上げたこどもは{lifted:,}人です(③→②{model.to_inquiry:,}人、②→①{model.to_active:,}人)。"
        f"この一覧で「モデル」と示した{here}世帯は、ルールだけなら1段下です。モデルが区分を下げることはありません。"
    )


def model_in_use(book: Casebook) -> str:
    """Which model, by whose word; what is foreseen and what came. For the sheet about the data."""
    if book.model is None:
        return model_on_cover(book)
    model = book.model
    return (
        f"{model.model_id}(承認 {model.approved_by} {model.approved_on.isoformat()})。いちばん上の帯は、類型ごとに数えて延べ{model.in_high:,}人"
        f"(予定 延べ{model.planned:,}人まで、うち外れにくさの決まりで残る{model.kept:,}人)。{model_on_cover(book)}"
    )
