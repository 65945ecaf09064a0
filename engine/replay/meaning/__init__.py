"""The language on the second engine: sentences to leaf rules, what they matched to truths, scenarios to chain rules.

Written from the documents, apart from `engine.evaluate` (linted). Read `compile.py` first.
"""
