"""Vectors on a plane."""
