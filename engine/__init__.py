"""The engine: from deliveries to tiers, without statistics and without paper.

Owns the one-way flow delivery → facts → truth → tier. It never imports the overlay, the reports or the command
line, so that a city without a model, or a national run without a workbook, uses the very same code.
Read `docs/architecture.md` first, then `engine/records`.
"""
