"""The papers of the weekly conference: a casebook and the names of its people become an Excel workbook.

Owns wording, layout and printing. It knows no table, no rule, and no probability: it prints what `Casebook` says, in words.
`handout.py` writes the workbook; `casebook_view.py` and `case_view.py` turn records into the words that the Excel template
(`templates/conference.xlsx`) prints; `renderer/` fills any such template. Read `handout.py` first.
"""
