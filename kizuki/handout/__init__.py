"""`kizuki handout …`: papers of a run made again, templates, and the case register (`register.py`)."""
