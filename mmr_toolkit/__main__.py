"""`python -m mmr_toolkit` is the same as the command `mmr`."""

from mmr_toolkit.cli import app

if __name__ == "__main__":
    app()
