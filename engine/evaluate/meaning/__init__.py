"""The meaning of each kind of sentence about one subject, in plain Python: the definition that all else is held against.

Owns the reference interpreter (`reference.py`, which says of whom a sentence speaks), its parts (states, events, runs,
what is due), what records and their absence say (`records.py`) and what is remembered of an answer (`verdict.py`).
Slow and obvious on purpose. Must not know snapshots, arrays or SQL. Imports run one way: reference > states, events,
runs, due > records and values > verdict. Read `reference.py` first, then `records.py`.
"""
