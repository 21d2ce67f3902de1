"""Encode, fuse, compare, rank."""
