"""Makes the casebook: the week's list with everything that its papers tell of each household, still without names.

Owns what is told besides the judgement (`past_year.py`, `member_lines.py`, `set_apart.py`) and puts it together (`build.py`, read it first). Reads the snapshot
that it is given; a record keeps the result, and papers are printed from it alone. Must not know: names, the words of a sheet (`sheet_words`), layouts.
"""
