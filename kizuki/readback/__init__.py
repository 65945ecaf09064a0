"""`kizuki readback`: filled-in handouts become decisions, answers on drawn children, and feedback for the overlay.

Owns how a sheet meets the record of its run (`runs.py`), what is asked of whoever reads in (`asking.py`), what is stored where (`entries.py`, `findings.py`,
`storing.py`) and what is shown before (`showing.py`). The files themselves are read by `reports.readback`. Names and written words never reach the screen.

Read `planning.py` first.
"""
