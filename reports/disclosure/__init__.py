"""The two papers of a disclosure (開示): one to hand over, one for the officer who decides.

Owns their words and their look. Knows neither keyring nor store: what it is given is what may stand on the paper. Read
`contents.py` first; `handover.py` must never be given what `internal.py` is.
"""
