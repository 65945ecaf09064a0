"""From the YAML files of a rulebook to its model, every fault told at its place.

Owns files as texts of which the sound parts are read (`texts.py`), nested YAML as conditions (`conditions.py`), the 番号
across all files (`numbering.py`), what is not written to its end (`unfinished.py`) and the order in which all is
checked (`load.py`). Must not know approvals, runs or the tools that write such files. Imports run one way: load > all
others; numbering > texts. Read `load.py` first.
"""
