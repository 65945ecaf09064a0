"""Scores of a week: an approved model, checked by hash, applied in a process of its own with limits; a fault there costs the scores, never the run.

Imports `register` and `learning`. Read `score_week.py` first.
"""
