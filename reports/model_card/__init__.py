"""The model card (モデルの説明書): what a model is for, from what and how well it learned, whom it serves less well. One HTML page that prints on A4.

For the head of section who approves, the auditor, and the council. Knows plain data only. Read `html.py` first.
"""
