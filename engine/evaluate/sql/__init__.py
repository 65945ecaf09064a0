"""Truth for every child at once, as SQL over the tables of a snapshot: what an auditor reads and runs (ADR 0012).

Owns the run and the script of it (`evaluation.py`), the steps of a plan (`statements.py`), scenarios over conditions
(`scenarios.py`), each form of sentence as aggregates over a record table (`atoms.py`) and small pieces that keep
Kleene's unknown as NULL (`expressions.py`). Must not know the arrays beside it; defines no meaning of its own. Imports
run one way: evaluation > statements > scenarios and atoms > expressions. Read `statements.py` first.
"""
