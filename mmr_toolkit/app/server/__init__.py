"""The search page on an address.

Read server.py (start and end), then guard.py (the layer before the page) with its lists: callers.py (which hosts and
web sites), routes.py (what for), body.py and silent.py (how fast), streams.py (how many stay open), tries.py (wrong
passwords). log.py keeps the log short; asgi.py has the words of both sides.
"""
