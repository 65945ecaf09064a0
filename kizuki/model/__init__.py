"""`kizuki model …`: making, judging, taking into use and taking back a model, and what is learned from the data besides.

Owns the order in which the overlay's rooms are asked and what the terminal shows; knows nothing of how a model learns. Nothing heavy is loaded for `--help`.
Read `cli.py` first, then `training.py`.
"""
