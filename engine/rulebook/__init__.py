"""The rulebook language: from sentences in controlled Japanese to a typed tree, and back.

Owns the language (`language/`), what a loaded rulebook is (`model.py`) and which scenarios depend on which
(`references.py`); the logic between sentences (`checks/`), the households of in-file examples (`examples/`), approvals and
differences (`versions/`); the reading of files (`files/`) and what helps their authors (`authoring/`). It knows nothing of
how a condition is computed. Imports run one way: authoring > files > checks, examples and versions, which do not know each
other > references > model > language.

Read `docs/rulebook-language.md`, then `language/syntax.py`, `model.py`, `files/load.py`.
"""
