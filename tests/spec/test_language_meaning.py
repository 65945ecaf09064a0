"""The meaning of each form of the language as small tables: a household, a sentence, 該当, 非該当 or 不明, and why.

The tables are the YAML files beside this one; docs/rulebook-language.md is made of them. Every row runs on every
evaluator. Counterexamples that random search finds are kept there.
"""

from __future__ import annotations

import pytest
from meaning_evaluators import EVALUATORS, answer
from meaning_tables import Case, cases


@pytest.mark.parametrize("evaluator", EVALUATORS)
@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_every_evaluator_gives_each_row_its_answer(case: Case, evaluator: str) -> None:
    """Each row of the tables holds for each evaluator."""
    assert answer(evaluator, case) == case.row.answer, case.row.why
