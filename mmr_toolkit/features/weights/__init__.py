"""Weights of networks, published and mini."""
