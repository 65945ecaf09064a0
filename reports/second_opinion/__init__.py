"""The error sheet of a replay: children about whom engines differ, with what each of them said.

Knows pseudonyms only. Read `paper.py`.
"""
