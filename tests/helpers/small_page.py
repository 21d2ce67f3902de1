"""A small search page and its folder, for tests that start a server."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import soundfile
from PIL import Image

from mmr_toolkit.app.query import Query
from mmr_toolkit.app.uploads.inputs import picture_upload, sound_upload
from mmr_toolkit.app.uploads.read import BadUpload
from mmr_toolkit.catalogue.catalogue import Catalogue
from mmr_toolkit.catalogue.media import SAMPLE_RATE

SECRET = "a secret of the server"
#: Names under which a page on 127.0.0.1 must not answer, though all of them may lead there.
STRANGERS = ["x.localhost", "localhost.", "[::1]", "127.1", "192.168.1.5", "rebound.example", "127.0.0.1.nip.io"]
STRANGERS += [
    "localhost.evil.example",
    "0.0.0.0",
    "2130706433",
    "127.0.0.01",
    "127.0.0.1@evil.example",
    "[::ffff:7f00:2]",
]


def small_catalogue(folder):
    """Two items in folders of their own, and beside them what no visitor must see."""
    for name in ("images", "audio"):
        (folder / name).mkdir()
    for name in ("a", "b"):
        Image.new("RGB", (8, 8), "red").save(folder / f"images/{name}.png")
        soundfile.write(folder / f"audio/{name}.wav", np.resize([0.5, -0.5], 4000), SAMPLE_RATE)
    rows = {
        "id": ["a", "b"],
        "text": ["x", "y"],
        "image_file_name": ["images/a.png", "images/b.png"],
        "audio_file_name": ["audio/a.wav", None],
    }
    pd.DataFrame(rows).to_csv(folder / "metadata.csv", index=False, encoding="utf-8")
    (folder / "images/private.txt").write_text(SECRET, encoding="utf-8")
    return Catalogue.from_folder(folder)


def page(retrievers):
    """A page with the inputs of the search page, which says what it was sent."""
    import gradio as gr

    def describe(text, picture, sound):
        try:
            parts = Query.from_fields(text, picture, sound).read()
        except BadUpload as error:
            raise gr.Error(str(error), print_exception=False) from error
        return ", ".join(f"{name} {part if name == 'text' else np.asarray(part).shape}" for name, part in parts.items())

    def fail():
        raise RuntimeError(SECRET)

    class Page(gr.Blocks):
        def launch(self, **settings):
            folder = retrievers["first"].catalogue.folder
            return super().launch(allowed_paths=[str(folder)], **settings)

    with Page() as demo:
        inputs = [gr.Textbox(), picture_upload(), sound_upload()]
        gr.Button().click(describe, inputs, gr.Textbox(), api_name="describe")
        gr.Button().click(lambda choice: choice, gr.Radio(["a", "b"]), gr.Textbox(), api_name="choose")
        gr.Button().click(fail, None, None, api_name="fail")
    return demo


def retrievers_of(catalogue):
    return {"first": SimpleNamespace(catalogue=catalogue)}
