"""Past households most like one of today, in facts and, where permitted, in the words of their consultation records.

Shows what was decided and what came of it; never a score. Read `neighbours.py` first.
"""
