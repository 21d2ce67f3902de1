"""The search page on an address.

Read server.py (start and end), then guard.py (what a stranger's browser may ask for).
"""
