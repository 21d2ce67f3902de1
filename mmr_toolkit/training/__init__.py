"""Fusion learns from pairs."""
