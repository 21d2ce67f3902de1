"""How close, and which are the closest."""
