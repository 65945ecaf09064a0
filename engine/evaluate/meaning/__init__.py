"""The meaning of each kind of sentence about one subject, in plain Python: states, events, runs, what is due.

Used by `engine/evaluate/reference.py` alone, which says of whom a sentence speaks. Every part asks `records.py` what the
records say and what their absence means. Slow and obvious on purpose.
"""
