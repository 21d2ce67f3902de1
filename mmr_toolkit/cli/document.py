"""A page of hits as a document of its own.

It opens with a double click, follows the light or dark theme of the system, and asks no other host.
"""

from html import escape

# Data URIs and styles only: nothing that stands in a catalogue can load or run anything.
POLICY = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light dark; }
body { background: Canvas; color: CanvasText; margin: 0 auto; padding: 16px; max-width: 1200px; }
h1 { font: 600 18px/1.3 system-ui, sans-serif; margin: 0 0 12px; overflow-wrap: anywhere; }
"""


def document(body: str, title: str) -> str:
    """A whole HTML document.

    Args:
        body: HTML, such as that of `show_hits`.
        title: of the window and the headline, in plain text.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
