"""`kizuki audit …`: whether what a run recorded is what its deliveries and its rules give (docs/run-record.md, ADR 0017).

It reads the record, the store and, where they are still there, the delivered files; it opens no keyring, writes nothing but the
certificate, and names children by 整理番号 only. Read `verify.py` first; the tamper-evident log will live here too.
"""
