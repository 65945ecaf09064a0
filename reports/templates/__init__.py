"""The Excel templates of the papers. `conference.xlsx` is edited in Excel; `build.py` makes the one delivered with the code.

Knows no data. Read `build.py` first.
"""
