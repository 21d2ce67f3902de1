"""The built-in shop behind the search page, as `mmr serve` serves it: the process that the browser tests visit."""

from mmr_toolkit.datasets import cornershop
from mmr_toolkit.fusion import ConcatFusion
from mmr_toolkit.retriever import Retriever
from mmr_toolkit.serve import serve

if __name__ == "__main__":
    retriever = Retriever.build(cornershop())
    text_first = ConcatFusion({"text": 3, "image": 1, "audio": 1})
    heads = {"joined": retriever, "joined, text first": retriever.with_fusion(text_first)}
    serve(heads, say=lambda text: print(text, flush=True))
