"""Truth for every child at once, over arrays: the way in which the weekly job judges a city (ADR 0012).

Owns the reading of a snapshot into arrays (`arrays.py`), truths as small integers (`kleene.py`), running totals over
the records in order of day (`timelines.py`), each form of sentence over them (`sentences.py`) and the whole plan
(`evaluation.py`). Must not know the SQL beside it, nor tiers or papers; defines no meaning of its own. Imports run one
way: evaluation > sentences > timelines > arrays > kleene. Read `evaluation.py` first.
"""
