"""Why: the scenarios of one child sentence by sentence, in dated Japanese phrases with file and line behind them.

Owns what the papers and the run record say about truths (`child.py`) and how facts, silences and gaps are worded
(`wording.py`). Must not know names, addresses or numbers of persons, nor tiers. Read `child.py` first.
"""
