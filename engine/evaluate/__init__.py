"""Truth: whether each condition and scenario is met, not met or unknown, and why.

Owns the plan (distinct conditions, numbered), the reference interpreter that defines the meaning, its explanations in
words, and two evaluations of everybody: over columns (`bulk.py`, the weekly job) and as SQL (`sql.py`, for auditors and
larger databases; ADR 0012). It knows nothing of tiers or papers, and reads no files
except the rulebooks' in-file examples. Read `reference.py` first: where anything disagrees with it, it is right.
"""
