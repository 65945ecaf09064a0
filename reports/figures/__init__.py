"""What is drawn: genogram and timeline as plain shapes, the same for paper (DrawingML in the workbook) and screen (SVG in the dashboard).

Owns geometry only. `figure.py` has the shapes; each figure has a module that lays it out; writers turn shapes into a format. Knows nothing of
workbooks' cells, and draws only what it is given.
"""
