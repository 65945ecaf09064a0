"""The run record: what went in, what was decided, with which rules, published all at once or not at all.

Owns run ids, the manifest, atomic publishing and reading runs back. It knows no rules and no names. Read `run_record.py` (what a run
holds), then `runs.py` (the folder of all runs: publish, open) and `canonical.py` (content as bytes, the seal). The hash-chained log and
access control will live here too.
"""
