"""Rule files over time: what was approved, and how one version differs from another.

Owns the approval book (`approval.py`, over the bytes of a file; ADR 0014), the scenarios that differ (`scenario_changes.py`)
and the sentences in which two trees differ (`tree_changes.py`). Must not know runs, nor whom a change would hit. Read
`approval.py` for what may be used, `scenario_changes.py` for what is new.
"""
