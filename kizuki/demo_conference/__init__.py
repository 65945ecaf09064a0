"""The made-up conference of the demonstration: people who fill the real handout in, and send it back.

`truth.py` knows what is true of the made-up families, `answers.py` what people would write about it, with the errors that people make, `filling.py` writes it into
the workbook, `meeting.py` holds one conference and reads the workbook back as anybody would. Never used outside the demonstration.
"""
