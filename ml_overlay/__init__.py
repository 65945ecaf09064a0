"""The overlay: a probability beside the rules, never above them.

Owns features, labels, training, calibration, scoring and what is learned from them (drafts of scenarios, similar past cases); gives the engine
`engine.records.score.Score` and nothing else. A score may raise a tier by one step through the table in `rulebooks/tiers.yaml`; it never lowers one.

Imports the engine's snapshots, truths and types. It never reads a file of `rulebooks/` by itself, knows no name and opens no keyring. Its rooms, each of which
imports only those before it: `features` (what the model sees of a day), `cohorts` (whom it learns from: days and labels), `learning` (boosters, calibration,
reasons), `register` (model files, approval), `scoring` (in a limited process), and side by side `validation`, `audits`, `discovery`, `similar`. Read
`learning/model.py` first.
"""
