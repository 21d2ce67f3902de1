"""Vectors kept on disk."""
