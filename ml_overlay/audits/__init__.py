"""Whom a model serves less well, and whether the data have moved: subgroups with intervals and minimum counts, drift.

The attributes that are no features are used here only. Read `subgroups.py` first.
"""
