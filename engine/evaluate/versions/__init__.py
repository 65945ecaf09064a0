"""Two versions of the rules, judged together.

Owns the common plan of both (`common_plan.py`) and the search for the sentence that made the difference
(`deciding_edits.py`). Must not know runs, tiers or papers, nor how a plan is evaluated: truths are handed in. Read
`common_plan.py` first.
"""
