"""A retriever in a folder.

Read folder.py (the manifest), parts.py (catalogue, encoders, features, fusion), retriever.py (all together), and own.py
(whose word on the place of pictures is taken).
"""
