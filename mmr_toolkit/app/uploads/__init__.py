"""What visitors hand in."""
