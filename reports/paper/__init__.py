"""Papers of tables as workbooks: whatever is printed besides the handout (trace, impact, second opinion, disclosure).

Owns their look on A4. Knows nothing of what the tables say nor whom they name. Read `tables.py` first.
"""
