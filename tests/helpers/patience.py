"""How long a test waits for another process, or for a server, before it says that it hangs."""

PATIENCE = 300  # seconds; none needs a minute on a quiet machine, and a busy one may take five times as long
