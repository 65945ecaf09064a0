"""Audits by group: minimum counts, honest pooling, and nothing of what the city refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_overlay.audits.attributes import NOT_DONE, Attributes
from ml_overlay.audits.subgroups import FEW_LABELLED, SMALL, Audit, Audited, audit_subgroups


def a_city(sizes: dict[str, int], labelled: dict[str, int], seed: int = 1) -> tuple[Audited, Attributes]:
    random = np.random.default_rng(seed)
    group = np.repeat(list(sizes), list(sizes.values()))
    count = len(group)
    label = np.zeros(count, dtype=np.int8)
    for name, positives in labelled.items():
        label[np.flatnonzero(group == name)[:positives]] = 1
    rules = random.random(count) < 0.1
    lifted = ~rules & (random.random(count) < 0.05)
    keys = np.array([f"c{number:05d}" for number in range(count)])
    audited = Audited(
        keys, label, {"rules": rules, "blend": rules | lifted}, lifted, np.full(count, 50_000, dtype=np.int64)
    )
    return audited, Attributes(keys, {"地区": group})


def groups_of(audit: Audit) -> dict[str, int]:
    return {row.group: row.children for row in audit.rows}


def test_fewer_than_ten_children_are_never_shown_and_cannot_be_told_by_subtraction() -> None:
    """A small group joins others until they are ten; one that is left alone takes the next smallest along."""
    audit = audit_subgroups("abuse", *a_city({"甲": 100, "乙": 60, "丙": 12, "丁": 4}, {}))
    assert groups_of(audit) == {"甲": 100, "乙": 60, SMALL: 16}


@settings(max_examples=60)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=6))
def test_every_shown_group_has_at_least_ten_children_and_everybody_is_in_one(sizes: list[int]) -> None:
    """Whatever the sizes, shown groups add up to everybody, or the attribute is left out."""
    audited, attributes = a_city({f"区{number}": size for number, size in enumerate(sizes)}, {})
    shown = groups_of(audit_subgroups("abuse", audited, attributes))
    assert all(children >= 10 for children in shown.values())
    assert not shown or sum(shown.values()) == sum(sizes)


def test_a_recall_needs_twenty_labelled_children_else_it_is_pooled() -> None:
    """Groups with fewer than twenty labelled children have no recall of their own, and one together."""
    audit = audit_subgroups("abuse", *a_city({"甲": 300, "乙": 200, "丙": 200}, {"甲": 40, "乙": 12, "丙": 13}))
    rows = {row.group: row for row in audit.rows}
    assert rows["甲"].recall["rules"] is not None and rows["甲"].recall["rules"].of == 40
    assert rows["乙"].recall["rules"] is None and rows["丙"].recall["rules"] is None
    assert rows[FEW_LABELLED].recall["rules"] is not None and rows[FEW_LABELLED].recall["rules"].of == 25
    assert rows["乙"].stated_over_observed is None


def test_a_handful_of_labelled_children_is_not_told() -> None:
    """One to nine labelled children of a group are not shown as a number."""
    audit = audit_subgroups("abuse", *a_city({"甲": 300, "乙": 200}, {"甲": 40, "乙": 3}))
    assert {row.group: row.labelled for row in audit.rows} == {"甲": 40, "乙": None}


def test_rules_and_model_share_of_the_selected_are_told_apart() -> None:
    """Of the children whom both together select, the share whom the rules had not selected is the model's."""
    audited, attributes = a_city({"甲": 400, "乙": 400}, {"甲": 30, "乙": 30})
    row = audit_subgroups("abuse", audited, attributes).rows[0]
    first = attributes.groups["地区"] == row.group
    assert row.by_model is not None and row.lifted is not None
    assert row.by_model.count == row.lifted.count == int(audited.lifted[first].sum())
    assert row.by_model.of == row.selected["blend"].count
    assert row.selected["rules"].low < row.selected["rules"].at < row.selected["rules"].high


def test_a_gap_in_recall_between_two_groups_is_seen_with_its_direction() -> None:
    """A selection that finds all of one group and nobody of another has a gap of 1; without enough labels there is none."""
    audited, attributes = a_city({"少ない": 300, "多い": 300}, {"少ない": 30, "多い": 30})
    only_known = np.asarray(attributes.groups["地区"] == "多い")
    seen = Audited(audited.child_keys, audited.label, {"rules": only_known}, audited.lifted, audited.millionths)
    audit = audit_subgroups("abuse", seen, attributes)
    found = {row.group: row.recall["rules"] for row in audit.rows if row.attribute == "地区"}
    assert found["多い"] is not None and found["多い"].at == 1_000_000
    assert found["少ない"] is not None and found["少ない"].at == 0
    few = audit_subgroups("abuse", *a_city({"少ない": 300, "多い": 300}, {"少ない": 30, "多い": 5}))
    untold = {row.group: row.recall.get("rules") for row in few.rows if row.attribute == "地区"}
    assert untold["多い"] is None and untold["少ない"] is not None


def test_nationality_is_not_audited_and_the_audit_says_what_decision_it_would_need() -> None:
    """fields.yaml refuses the column; the audit does not work around it, and says who would have to decide what."""
    audit = audit_subgroups("abuse", *a_city({"甲": 50, "乙": 50}, {}))
    assert audit.not_done == (NOT_DONE,)
    assert "使わない項目" in NOT_DONE and "総括管理主体" in NOT_DONE and "点検だけに使い" in NOT_DONE


def test_attributes_of_other_children_are_refused() -> None:
    """An audit of children of whom the attributes are not known is a mistake in the wiring and stops."""
    audited, attributes = a_city({"甲": 50}, {})
    others = Attributes(attributes.child_keys[:-1], {"地区": attributes.groups["地区"][:-1]})
    with pytest.raises(ValueError, match="attributes"):
        audit_subgroups("abuse", audited, others)
