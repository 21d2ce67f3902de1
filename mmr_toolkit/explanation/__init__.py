"""Why this hit."""
