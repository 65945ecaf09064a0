"""How good a model is: trained on the past, tested on the future; rules alone, model alone and blend side by side, with intervals.

Imports `learning` and `cohorts`. Read `evaluation.py` first.
"""
