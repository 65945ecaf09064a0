"""Whom a model learns from: cut-off days in the past, what was known of each child then, and what came of it (labels written as sentences).

Imports `features` and the engine. Read `training_set.py` first, then docs/overlay.md.
"""
