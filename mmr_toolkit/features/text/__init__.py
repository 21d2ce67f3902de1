"""Encoders of text.

Read tokenise.py, word_vectors.py and word2vec.py (one vector per word), then bert.py (words in the light of others).
"""
