"""`kizuki trace`: why this tier, why not a higher one, and what changed between two runs, for an auditor.

Reads the run record; only `store_facts.py` (--facts) opens the store. Opens no keyring and prints no name. The papers themselves are
`reports/trace`. Read `cli.py` first.
"""
