"""Model files on disk and which of them is in use: LightGBM text plus JSON, hashed; an approval book with a named person for each change.

Never pickle. Imports `learning`. Read `files.py` first.
"""
