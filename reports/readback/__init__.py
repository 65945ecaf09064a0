"""Read filled-in handouts back: what people wrote, by the hidden identities of sheets and rows, and every problem with its cell.

Owns the reading of one workbook that comes from outside: which files are let in (`package.py`), sheets found by identity and never by name or place
(`records.py`), days and choices as people write them (`days.py`, `values.py`), what a record's blanks say together (`answers.py`), and which of
several copies counts (`copies.py`). Must not know: runs, stores, names of people. A message names sheet, cell and blank, never what was written.

Read `records.py` first, then `answers.py`.
"""
