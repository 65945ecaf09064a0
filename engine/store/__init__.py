"""Facts as of a day: immutable Parquet of keyed records, and the snapshot that evaluation reads.

Owns the catalogue of deliveries, the Parquet files and the tables of a snapshot. Must not know names, addresses or
municipal numbers: whatever arrives here is keyed already. Read `tables.py` (the shape of a snapshot) first, then
`facts.py` (how a delivery enters, `ownership.py`: with whose key) and `snapshot.py` (how a day is opened).
"""
