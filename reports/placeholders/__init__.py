"""What a template may print: a dictionary of the items with a meaning and an example, and made-up data with which a template is checked.

`sample.py` makes a week that nobody has lived, with everything that can stand on a paper; `contexts.py` turns it into what templates of each kind see;
`meanings.py` says in Japanese what each item is; `dictionary.py` puts both together. Read it first.
"""
