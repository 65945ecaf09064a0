"""The second opinion: every listed child judged again by an independent engine (durable_rules), in its own process.

Owns the comparison of its answers with the evaluator's. It must compile from the rulebook's syntax tree, never from
the SQL plan, so that agreement means something. Until a replay has been made, its verdict is 未実施 and every run
record and handout says so; see `verdict.py`.
"""
