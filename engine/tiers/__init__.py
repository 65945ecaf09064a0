"""From hits to tiers, and from tiers to the week's list of households.

Owns the reading of `rulebooks/tiers.yaml`, the decision per child and type, and the order and capacity of the list.
It never sees names, and it takes the overlay's score as data or None. Read `policy.py`, then `decide.py`, then
`listing.py`.
"""
