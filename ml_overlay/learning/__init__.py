"""How a model learns: households parted into folds, boosters trained outside LightGBM's own randomness, calibration, reasons.

Deterministic: the same rows in any order and on any number of threads give the same bytes. Imports `features` and `cohorts`. Read `model.py` first.
"""
