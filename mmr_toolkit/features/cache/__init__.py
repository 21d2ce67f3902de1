"""Vectors, and encoders that were learned, kept on disk.

Read fingerprint.py (whose vectors), shards.py (where), encode_parts.py and read_ahead.py (how they are made), and
learned.py (the encoders).
"""
