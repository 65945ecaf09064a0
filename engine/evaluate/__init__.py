"""Truth: whether each condition and scenario is met, not met or unknown, and why.

Owns the plan (distinct conditions, numbered), the reference interpreter that defines the meaning, its explanations in
words, and the SQL that computes the same for everybody. It knows nothing of tiers or papers, and reads no files
except the rulebooks' in-file examples. Read `reference.py` first: where anything disagrees with it, it is right.
"""
