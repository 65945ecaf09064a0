"""The week to look at rather than to read: one HTML file with counts, flow, and every household's reasons behind its line.

Owns what only a screen shows: the tier by type of everybody evaluated (`counts.py`), who moved where since last week (`flow.py`, drawn by
`ribbon.py`), what became of earlier conferences' decisions (`decided.py`). The words of a household are those of its sheet
(`reports/sheet_words/`); nothing here says a thing of a household that its sheet does not. Knows neither store nor keyring: names
come in from outside or not at all. Read `page.py` first.
"""
