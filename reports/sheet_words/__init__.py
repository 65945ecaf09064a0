"""The words of the sheets: a casebook and identities turned into plain Japanese strings and lists, which a template or a page lays out.

Owns what a conference reads of a week (`casebook_view.py`, read it first), of a household (`case_view.py` and the other `case_*.py`), and of those who are not on
the list (`unlisted_view.py`). Names and the words that people wrote rejoin here, last of all. Must not know: the store, the keyring, layouts. Handout, dashboard
and register say the same of a household because all of them ask here.
"""
