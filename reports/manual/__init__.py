"""The rulebooks as a book for people: caseworkers, the conference, auditors.

`book.py` holds what the book says, `make.py` gathers it from loaded rule files, `markdown.py` and `html.py` print it. It knows
no person: of a run it sees only how many children met a scenario, and prints no number below eight. Read `book.py` first.
"""
