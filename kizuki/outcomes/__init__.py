"""`kizuki outcomes`: what came of the lists, gathered from run records and from what conferences wrote. `command.py` gathers; figures and words are in
`reports/outcomes`."""
