"""What an author of rulebooks runs: check, test, impact, manual, new, draft, schema, fmt, approve, sql.

Wiring only, one module a verb; each reads the workspace, calls the engine or the reports, and prints. Nothing here opens
the keyring: an author sees pseudonyms and counts. Read `cli.py` first.
"""
