"""What helps the author of a rulebook: one layout, completion while typing, sentences and scenarios to start from.

Owns the canonical form of a file (`formatting.py` over `written.py`), the schema for editors (`schema.py`,
`schema_words.py`), sentences to start from (`suggestions.py`, `proposals.py`) and new scenarios (`scaffold.py`). Must
not know snapshots or runs; where a household's facts matter they are handed in. Imports run one way: scaffold >
formatting > written, and schema and proposals > suggestions. Read `formatting.py` first.
"""
