"""The second opinion: children judged again by an independent engine (durable_rules), in a process of its own.

Owns the way from the rulebooks' syntax trees to that engine and back, and the comparison of its answers with others'. Imports
rulebook, records, kernel; never `engine.evaluate`, so that agreement means something: `meaning/` > `process/`. Where the engine is not
there the verdict is 未実施, and every run record and handout says so. Read `replay.py` first, then docs/replay.md.
"""
