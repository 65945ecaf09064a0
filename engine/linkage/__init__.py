"""Who is who: delivered rows become records keyed by pseudonyms; names stay behind in the keyring.

Owns the keyring (the only home of 宛名番号, names and addresses), match keys, the linking rules and the make-up of
households. Must not know rules of hardship, scores or sheets, nor where facts are stored. A wrong link is worse than a
missing one: what is not certain is held back for a person to decide and yields no fact.

Read `deliveries.py` first (one delivery from end to end), then `cascade.py` (rows without a number) and
`households.py` (who is whose mother).
"""
