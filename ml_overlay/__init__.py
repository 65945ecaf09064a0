"""The overlay: a probability beside the rules, never above them.

Owns features, labels, training, calibration and scoring; gives `engine.records.score.Score` and nothing else. It may
raise a tier by one step through the table in `rulebooks/tiers.yaml`; it never lowers one. No model is trained or
used yet: every run passes `None` for the score, and the tiers stand on the rules alone.
"""
