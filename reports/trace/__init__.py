"""The trace (足取り): from a child's tier back to file, line and hash, as text, HTML and workbook.

Owns what an auditor reads of one child in one run, why not, and between two runs. Built from the run record alone; whoever
has facts from elsewhere hands them in (`make.Explained`). Knows no names, no store and no rulebook parser. Read `traced.py` first.
"""
