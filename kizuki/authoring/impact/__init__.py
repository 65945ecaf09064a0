"""`kizuki rules impact`: the working rules against those of a past run, on that run's facts.

`facts.py` evaluates both versions and compares the decisions; `words.py` says it in the words of those who read it, as a
paper of `reports.impact`; `command.py` prints that paper and writes the workbook. Imports run command → words → facts.
"""
