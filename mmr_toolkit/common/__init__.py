"""What every room may use.

Read modalities.py, vectors.py and seeds.py; files.py, quoting.py, environment.py and installed.py when you need them.
"""
