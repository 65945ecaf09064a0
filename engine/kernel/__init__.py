"""Ideas that everything else stands on: three-valued truth, Japanese dates, pseudonymous keys, errors, strict YAML, durable files.

Owns no data and knows no municipal system. Imports no table or SQL library. Start with `truth.py`.
"""
