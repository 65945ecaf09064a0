"""A sentence in controlled Japanese: its tree, the way there and the way back.

Owns the tree (`syntax.py`), the grammar made from the vocabulary (`grammar.py`), reading (`parsing.py` for one
sentence, `reading.py` for its words, `sentence_checks.py` for what grammar cannot refuse), what to tell the author of
a sentence that cannot be read (`diagnosis.py`, `rewrites.py`), the canonical wording (`printer.py`), named thresholds
and windows of time. Must not know scenarios, files or households. Imports run one way: parsing > reading,
sentence_checks > diagnosis > grammar, rewrites, thresholds > folding; all may use the tree. Read `syntax.py` first,
then `parsing.py`.
"""
