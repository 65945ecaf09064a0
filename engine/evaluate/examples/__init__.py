"""The in-file examples (試験) run: does each scenario do what its author said, and is each condition exercised.

Owns the verdict on every example (`run.py`), the count of what the examples have shown (`coverage.py`) and the reasons in the
words of the example (`wording.py`). Must not know snapshots or runs: an example is a household of its own. Read `run.py`
first.
"""
