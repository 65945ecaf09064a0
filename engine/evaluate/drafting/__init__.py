"""From a household of the city to a scenario that an author can start from.

Owns the search for sentences that hold and are rare (`draft.py`), the household in the words of an example, without key or
name (`household_facts.py`), and a start taken from the same rulebook (`starting_line.py`). Must not know the keyring, nor how
a rulebook file is written. Read `draft.py` first.
"""
