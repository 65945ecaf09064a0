"""The rule files of a city: those in its workspace, those of a past run, and what became of them in between.

Owns everything that a city edits, loaded and checked together (`files.py`), the same out of a run's record (`past.py`), what
changed since the run before (`changes.py`) and the texts that were approved (`approved_texts.py`). Must not know deliveries,
decisions or papers. Imports run one way: changes > past > files, and approved_texts by itself. Read
`files.py` first.
"""
