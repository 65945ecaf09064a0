"""Drafts of scenarios found in the data (ルール発見型推論): short conjunctions of sentences that hold over halves of the city and over time.

A draft never affects a tier: it is a file for a caseworker to read, change and approve. Read `pairs.py` first.
"""
