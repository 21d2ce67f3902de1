"""Items with a text, a picture, a sound, any of which may be missing."""
