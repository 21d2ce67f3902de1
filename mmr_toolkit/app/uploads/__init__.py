"""What visitors hand in.

Read read.py (is it a picture, a sound, a text?), folder.py (kept for how long), quota.py (how much in all), inputs.py
(the fields).
"""
