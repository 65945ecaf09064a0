"""Everything that is printed: the handout of the weekly conference, and the papers of auditors, authors and officers.

Owns wording, layout and printing. It decides nothing and opens neither store nor keyring: it prints what it is given, in words.

The handout: `handout.py` (read it first) writes the workbook; `casebook_view.py` and `case_view.py` turn records into the words that the
Excel template (`templates/conference.xlsx`) prints; `renderer/` fills any such template. The other papers have a room each (`trace`,
`impact`, `second_opinion`, `disclosure`, `manual`), know nothing of one another, and share `paper/` (tables in a workbook) and
`printed_page.py` (one HTML file).
"""
