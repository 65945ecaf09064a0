"""One household on the page: its line in the list, what filters ask of it, and its reasons in the words of its sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from engine.records.case import HARDSHIP_LABELS, Case, ChildCase, Identity, Tier
from reports.figures.figure import Figure
from reports.figures.svg import svg
from reports.sheet_words.case_view import CaseView
from reports.wording import age_and_grade, without_percentages


@dataclass(frozen=True)
class TypeTag:
    """A hardship type in which a child of the household is in ① or ②."""

    kind: str
    label: str
    tier: int
    mark: str


@dataclass(frozen=True)
class ChildLine:
    """One child's tier and what led to it; `label` names the child, by age and grade alone where names are off."""

    label: str
    tier: str
    summary: str


@dataclass(frozen=True)
class Entry:
    """One household. `view` has the words, `places` says of each member which of the children it is where there are several.

    `genogram`, `timeline`: drawings, empty where there is none. `detailed` False: only the line is shown.
    """

    case: Case
    view: CaseView
    types: tuple[TypeTag, ...]
    children: tuple[ChildLine, ...]
    places: tuple[str, ...]
    genogram: Markup
    timeline: Markup
    detailed: bool

    @property
    def kinds(self) -> str:
        """The types for the filter, apart by a space."""
        return " ".join(tag.kind for tag in self.types)


def entry_of(
    case: Case,
    view: CaseView,
    identities: Mapping[str, Identity] | None,
    *,
    detailed: bool,
) -> Entry:
    """The household's entry. `identities` None: names are off; then `view` must hold none either."""
    labels = [_label(case, child, identities or {}) for child in case.children]
    return Entry(
        case=case,
        view=view,
        types=_types(case),
        children=tuple(
            ChildLine(label, shown.tier, shown.summary) for label, shown in zip(labels, view.children, strict=True)
        ),
        places=tuple(place_of(case, member.key) for member in case.members),
        # The genogram tells sexes, which a page without names keeps to itself.
        genogram=_drawn(view.genogram, "家族の図") if detailed and identities is not None else Markup(""),
        timeline=_drawn(view.timeline, "1年の経過") if detailed and not view.no_history else Markup(""),
        detailed=detailed,
    )


def _drawn(figure: Figure, title: str) -> Markup:
    return svg(figure, title, without_percentages)


def _label(case: Case, child: ChildCase, identities: Mapping[str, Identity]) -> str:
    age = age_and_grade(child.age_years, child.school_grade)
    identity = identities.get(child.child_key)
    if identity and identity.name:
        return f"{identity.name}({age})"
    return f"{place_of(case, child.child_key)} {age}".strip()


def place_of(case: Case, key: str) -> str:
    """2人目, as the words of the sheet call a child without a name; empty for an only child and for everybody else."""
    keys = [child.child_key for child in case.children]
    return f"{keys.index(key) + 1}人目" if key in keys and len(keys) > 1 else ""


def _types(case: Case) -> tuple[TypeTag, ...]:
    tags = []
    for kind, label in HARDSHIP_LABELS.items():
        tiers = [decision.tier for child in case.children for decision in child.types if decision.hardship_type == kind]
        best = min(tiers, default=Tier.NO_ACTION)
        if best is not Tier.NO_ACTION:
            tags.append(TypeTag(kind, label, int(best), best.mark))
    return tuple(sorted(tags, key=lambda tag: tag.tier))
