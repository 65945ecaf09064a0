"""What came of the lists, as figures for an analyst or auditor: how soon a family was reached, whom nobody knew, how often conferences agreed.

Counts and shares of households only, never a name or a pseudonym; shares stand on this paper and on no handout. `measures.py` counts, `paper.py` says it in
words and tables, `book.py` makes the workbook. Knows nothing of workspaces: it is given weeks and entries.
"""
