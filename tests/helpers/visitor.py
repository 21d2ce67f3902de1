"""What a person does on the search page, in the words of a person: type, upload, click, and look at the hits.

Elements are found by the ids that the page gives them; nothing here waits for a fixed time.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

from patience import PATIENCE

HERE = {"127.0.0.1", "localhost", ""}  # no host: data: and blob: addresses
MILLISECONDS = 1000 * PATIENCE
expect.set_options(timeout=MILLISECONDS)


class Visitor:
    """A person in front of one page.

    Attributes:
        page: Playwright's page.
        asked: the address of every request that the page made.
        complaints: every error in the browser's console, and every uncaught one.
        forgiven: a pattern of errors that a test expects; they are no complaints.
    """

    def __init__(self, page: Page, screenshots: Path) -> None:
        self.page = page
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.forgiven = r"(?!)"  # nothing
        self._screenshots = screenshots
        page.set_default_timeout(MILLISECONDS)
        page.on("request", self._note_request)
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note_request(self, request: Request) -> None:
        self.asked.append(request.url)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not re.search(self.forgiven, message.text):
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    @property
    def other_hosts(self) -> set[str]:
        """The hosts beyond this machine that were asked for anything."""
        return {host for address in self.asked if (host := urlsplit(address).hostname or "") not in HERE}

    def visit(self, address: str, dark: bool = False) -> "Visitor":
        """Open the page and wait until one can type."""
        self.page.goto(f"{address}?__theme={'dark' if dark else 'light'}")
        expect(self.text).to_be_visible()
        return self

    @property
    def text(self) -> Locator:
        """The text box."""
        return self.page.locator("#text").locator("input, textarea")

    @property
    def cards(self) -> Locator:
        """The hits, best first."""
        return self.page.locator("#cards .card")

    @property
    def headline(self) -> Locator:
        """What was asked and found, or the sentence about what is wrong."""
        return self.page.locator("#headline")

    def ids(self) -> list[str]:
        """The ids of the hits, best first."""
        return self.cards.evaluate_all("cards => cards.map(card => card.dataset.id)")

    def search(self, words: str) -> list[str]:
        """Type words and press Enter; the ids of the hits."""
        self.text.fill(words)
        self.text.press("Enter")
        return self.answer_to(f"“{words}”")

    def answer_to(self, question: str) -> list[str]:
        """Wait for the answer to a question, by a piece of the headline; the ids of the hits."""
        expect(self.headline).to_contain_text(re.compile(re.escape(question), re.IGNORECASE))
        expect(self.cards.first).to_be_visible()
        return self.ids()

    def other_hits(self, before: list[str]) -> list[str]:
        """Wait until there are other hits than before; their ids."""
        ids = "[...document.querySelectorAll('#cards .card')].map(card => card.dataset.id)"
        self.page.wait_for_function(f"before => {{ const now = {ids}; return now.length && `${{now}}` !== before; }}",
                                    arg=",".join(before))  # fmt: skip
        return self.ids()

    def complaint(self, piece: str) -> str:
        """Wait for a sentence about what is wrong."""
        sentence = self.headline.locator(".message")
        expect(sentence).to_contain_text(piece)
        return sentence.inner_text()

    def upload(self, field: str, file: Path) -> None:
        """Choose a file for "picture" or "sound"."""
        self.page.locator(f"#{field} input[type=file]").set_input_files(file)

    def set_slider(self, label: str, value: float) -> None:
        """Type a number into the field beside a slider."""
        self.open_settings()
        field = self.page.get_by_label(f"number input for {label}")
        for _ in range(3):  # a panel that was opened a tenth of a second ago may still be given its first values
            field.fill(str(value))
            field.press("Tab")
            self.page.wait_for_timeout(300)
            if float(field.input_value()) == value:
                return

    def open_settings(self) -> None:
        """Unfold filters, weights and method."""
        toggle = self.page.locator("#settings > button")
        if (
            toggle.get_attribute("aria-expanded") == "false"
            or not self.page.locator("#settings").get_by_text("Number of hits").first.is_visible()
        ):
            toggle.click()

    def look(self, name: str, whole: bool = True) -> None:
        """Wait for the pictures, then keep a screenshot for people: of the whole page, or of what is in view."""
        self.page.evaluate("() => { for (const image of document.images) image.loading = 'eager'; }")
        self.page.wait_for_function("() => [...document.images].every(image => image.complete)")
        self.page.screenshot(path=self._screenshots / f"{name}.png", full_page=whole)
