"""The types that flow between rooms: vocabulary, layouts, deliveries, tables, households, hits, tiers, cases.

Owns meaning and shape, no behaviour beyond look-up. Each type flows one way and is frozen. Read `vocabulary.py`
(what may be known), then `household.py` (what is known about one child), then `case.py` (what the conference sees).
"""
