"""進行管理台帳: the quarterly roll-up of every household with a decision, for the 実務者会議, which reviews each of them.

`rows.py` chooses the households and what is known of each, without names; `view.py` puts it into words; `book.py` fills the template. Knows nothing of
workspaces: it is given entries, cases and, last of all, names.
"""
