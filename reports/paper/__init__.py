"""Papers of tables as workbooks: what auditors and authors get besides the handout.

Owns their look on A4. Knows nothing of what the tables say. Read `tables.py` first.
"""
