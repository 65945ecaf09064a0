"""What a change of rules does to the list, as paper: `paper.py` is what stands on it, `book.py` makes it a workbook."""
