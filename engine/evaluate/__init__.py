"""Truth: whether each condition and scenario is met, not met or unknown, and why.

Owns the plan (`plan.py`: distinct conditions, numbered), the meaning of the language (`meaning/`, the reference
interpreter) and two evaluations of everybody: over columns (`columns/`, the weekly job) and as SQL (`sql/`, for auditors
and larger databases; ADR 0012). What is asked of them: in-file examples (`examples/`), explanations of one child
(`explanation/`), two versions of the rules at once (`versions/`), drafts for authors (`drafting/`). It knows nothing of
tiers or papers, and reads no files. Imports run one way: examples, explanation, versions and drafting, which do not know
each other > columns and sql, likewise > meaning > plan.

Read `meaning/reference.py` first: where anything disagrees with it, it is right.
"""
