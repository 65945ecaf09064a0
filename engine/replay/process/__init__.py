"""durable_rules behind a wall: the part of it that is exact, as types, and a limited process that evaluates nothing else.

Owns everything that is known of that engine's faults. Knows no rulebook, no sentence and no person. Read `subset.py` first.
"""
