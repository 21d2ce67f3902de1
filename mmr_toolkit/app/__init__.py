"""The search page (Gradio).

Read page.py (what stands where), events.py (what happens when), query.py (a visitor's query), answers.py; uploads/
takes files in, server/ serves the page.
"""

import mmr_toolkit.features  # noqa: F401 - first, for it loads quietly what gradio would load with a warning
from mmr_toolkit.app.page import build_app
from mmr_toolkit.app.server.server import serve, start

__all__ = ["build_app", "serve", "start"]
