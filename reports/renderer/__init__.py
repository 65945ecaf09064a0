"""Fill an Excel template that carries Jinja in its cells.

Owns the template language (`{{ … }}` in any cell; rows whose column A holds `{% … %}` steer and are not printed), row
heights, pages, and the rule that data never become a formula. Knows nothing of children or cases: it is given names and
values; of a hidden identity it knows the form only. Read `template.py` first, then `fill.py`, `sheet.py`, `package.py`.
"""
