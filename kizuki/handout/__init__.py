"""`kizuki handout …`: papers of a run made again, templates, PDFs, the page to look at, and the case register (`register.py`).

Owns the way from a run's record back to paper: under today's protection list, with names last (`rejoined.py`, `people.py`), from the city's own template or the
delivered one (`templates.py`), each time noted (`printed.py`). Must not know: rules, judgements, how a sheet looks (`reports`). The week prints through the same
`people.py` and `templates.py`.

Read `cli.py` first, then `rejoined.py`.
"""
