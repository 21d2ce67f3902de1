"""The server behind the search page."""
