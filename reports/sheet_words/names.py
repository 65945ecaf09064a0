"""Who is called what on one household's sheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from engine.records.case import Case, ChildCase, Identity
from reports.wording import NAME_IN_KEYRING, age_label


class Names:
    """The rejoined names of one household. A person without one is said to be looked up, never left blank."""

    def __init__(self, case: Case, identities: Mapping[str, Identity]) -> None:
        self._case = case
        self._identities = identities

    def of(self, key: str) -> str:
        """Full name."""
        identity = self._identities.get(key)
        return identity.name if identity and identity.name else NAME_IN_KEYRING

    def birthdays(self) -> frozenset[date]:
        """Of all members of whom one is known."""
        known = (self._identities.get(member.key) for member in self._case.members)
        return frozenset(one.born_on for one in known if one is not None and one.born_on is not None)

    def tag(self, children: Sequence[ChildCase]) -> str:
        """Which children a line is about, 〔陽菜・樹〕; nothing where the case has only one."""
        if len(self._case.children) == 1:
            return ""
        return f"〔{'・'.join(self.given(child) for child in children)}〕"

    def given(self, child: ChildCase) -> str:
        """Given name, with the age where two children share it; else the child's place on the sheet."""
        children = self._case.children
        for naming in (self._given, lambda one: f"{self._given(one)}({age_label(one.age_years)})"):
            if self._given(child) and [naming(one) for one in children].count(naming(child)) == 1:
                return naming(child)
        return f"{children.index(child) + 1}人目"

    def _given(self, child: ChildCase) -> str:
        identity = self._identities.get(child.child_key)
        return identity.name.split()[-1] if identity and identity.name.strip() else ""

    def by_child(self, pairs: Iterable[tuple[ChildCase, str]]) -> list[str]:
        """Each line once, in order of first appearance; in front the children it is about, unless it is about all."""
        about: dict[str, list[ChildCase]] = {}
        for child, text in pairs:
            children = about.setdefault(text, [])
            if text and child not in children:
                children.append(child)
        everyone = len(self._case.children)
        return [
            ("" if len(children) == everyone else self.tag(children)) + text for text, children in about.items() if text
        ]
