"""One visitor of a running search page, without a browser: asks as the page does, and notes how long it takes."""

import ipaddress
import itertools
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from mmr_toolkit.common.files import data_folder
from mmr_toolkit.shop.data import cornershop_queries

K = 12  # hits, as the page asks for
SHOP = data_folder() / "cornershop"
FIRST_ADDRESS = ipaddress.ip_address("10.0.0.1")
Question = Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """What came back.

    Attributes:
        hits: ids, best first; empty if the question was refused.
        sentence: why it was refused; None if it was answered, "" for an error without words.
        waited: seconds from the question, its upload included, to the answer.
        worked: seconds that the server itself needed, without waiting for its turn.
    """

    hits: tuple[str, ...]
    sentence: str | None
    waited: float
    worked: float


class PageVisitor:
    """Asks the function /search of a page; not for several threads at a time.

    Each visitor has an address of its own, which it gives as a proxy on the same machine would: what may be sent is
    limited for each address.

    Args:
        address: of the page, with a slash at its end.
    """

    _numbers = itertools.count()

    def __init__(self, address: str) -> None:
        forwarded = {"x-forwarded-for": str(FIRST_ADDRESS + next(self._numbers))}
        self.client = httpx.Client(base_url=f"{address}gradio_api/", timeout=120, trust_env=False, headers=forwarded)
        config = httpx.get(f"{address}config", timeout=60, trust_env=False).json()
        names = {function["api_name"]: function["id"] for function in config["dependencies"]}
        self.function = names["search"]
        self.session = uuid.uuid4().hex

    def ask(self, text: str | None = None, image: Path | None = None, audio: Path | None = None) -> Reply:
        """Ask, and wait for the answer."""
        start = time.perf_counter()
        files = [self._upload(path) if path is not None else None for path in (image, audio)]
        data: list[Any] = [text, *files, K, 1, 1, 1, None, "cosine", [], None, None]
        body = {"data": data, "fn_index": self.function, "session_hash": self.session}
        self.client.post("queue/join", json=body).raise_for_status()
        output = self._answer()
        waited, error = time.perf_counter() - start, output.get("error")
        if "data" in output:
            return Reply(tuple(hit["id"] for hit in output["data"][0]), None, waited, output["duration"])
        return Reply((), error or "", waited, output.get("duration") or 0.0)

    def _upload(self, path: Path) -> dict[str, Any]:
        answer = self.client.post("upload", files={"files": (path.name, path.read_bytes())})
        answer.raise_for_status()
        return {"path": answer.json()[0], "orig_name": path.name, "meta": {"_type": "gradio.FileData"}}

    def _answer(self) -> dict[str, Any]:
        with self.client.stream("GET", "queue/data", params={"session_hash": self.session}) as lines:
            for line in lines.iter_lines():
                message = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                if message.get("msg") == "process_completed":
                    return message["output"]
        raise RuntimeError("the page ended the conversation without an answer")


def questions(n: int) -> dict[str, list[Question]]:
    """Test queries of the shop by kind: n of words, n of photos, and a mix of all kinds."""
    kinds = {"text": "T", "photo": "I", "sound": "A", "all three": "TIA"}
    asked: dict[str, list[Question]] = {}
    for name, kind in kinds.items():
        table = cornershop_queries("test", kind=kind).sample(n, random_state=0)
        columns = {"text": "text", "image": "image_file_name", "audio": "audio_file_name"}
        asked[name] = [
            {
                part: row[column] if part == "text" else SHOP / row[column]
                for part, column in columns.items()
                if isinstance(row[column], str)
            }
            for _, row in table.iterrows()
        ]
    asked["mixed"] = [question for group in zip(*asked.values(), strict=True) for question in group]
    return asked
