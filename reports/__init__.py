"""Everything that is printed: the handout of the weekly conference, and the papers of auditors, authors and officers.

Owns wording, layout and printing. It decides nothing and opens neither store nor keyring: it prints what it is given, in words.

The handout: `casebook/` makes what a record keeps of a week; `sheet_words/` turns it into the words that the Excel template
(`templates/conference.xlsx`) prints; `renderer/` fills any such template; `handout.py` (read it first) writes the workbook, and `readback/` reads it when it
comes back filled in. The other papers have a room each (`dashboard`, `register`, `outcomes`, `trace`, `impact`, `second_opinion`, `disclosure`, `manual`,
`model_card`), know nothing of one another, and share `paper/` (tables in a workbook) and `printed_page.py` (one HTML file).
"""
