"""The search page (Gradio)."""
