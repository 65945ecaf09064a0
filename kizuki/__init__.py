"""Wiring only: settings, the weekly pipeline, the command line, the demo city.

Owns no rule of its own. It is the one place where names rejoin a case, at the very end of `pipeline.py`.
Read `cli.py` for what a user can do, then `pipeline.py` for the order in which a week happens.
"""

from importlib.metadata import version

__version__ = version("kizuki")
