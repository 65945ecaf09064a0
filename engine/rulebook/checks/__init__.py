"""Checks between the sentences of a scenario and between scenarios.

Owns what can be told of rulebooks without any data: contradictions, redundancy, shadowed scenarios, promises to
families, the use of thresholds, effective dates. Knows sentences and the vocabulary; must not know households,
snapshots or runs. `errors` stop a run, `review` only informs. Imports run one way: review > one module for each
question > reasoning > implication > atoms and spans; parts and references serve them all. Read `reasoning.py` first:
every question of logic goes there.
"""
