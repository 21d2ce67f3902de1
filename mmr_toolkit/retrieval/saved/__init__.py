"""A retriever in a folder.

Read folder.py (the manifest), parts.py (catalogue, encoders, features, fusion), retriever.py (all together).
"""
