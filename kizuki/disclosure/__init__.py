"""`kizuki disclosure` (開示): everything held on one person, to hand over, other people's data left out.

Owns who may see what (`withholding.py`, read it first), how a person's rows and judgements are gathered, and the log of what was
made. `command.py` opens the keyring: besides linkage and the weekly pipeline the only place that does (ADR 0018). The papers
themselves are `reports/disclosure`, which knows neither the keyring nor the store.
"""
