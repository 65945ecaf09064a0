"""What the model sees: a table of numbers per child, generated from `fields.yaml` as of a day, each with its Japanese label and its sign.

Knows nothing of labels. Read `feature.py` first.
"""
