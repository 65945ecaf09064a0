"""The rulebook language: from sentences in controlled Japanese to a typed tree, and back.

Owns the grammar (generated from the vocabulary), the syntax tree, the models of the YAML files, the checks that run
before any data are touched, and the households that the in-file examples describe. It knows nothing of how a
condition is computed. Read `docs/rulebook-language.md`, then `syntax.py`, `grammar.py`, `load.py`.
"""
