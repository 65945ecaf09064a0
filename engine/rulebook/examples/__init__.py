"""The households that the in-file examples (試験) describe, with the records that real deliveries would have brought.

Owns the words of an example (`households.py`) and the records behind them (`records.py`). Must not know how a condition is
judged, nor any city's data. Read `households.py` first.
"""
