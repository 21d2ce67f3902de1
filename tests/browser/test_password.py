"""A page with a password: the visitor types it in once."""

import pytest
from playwright.sync_api import expect

from mmr_toolkit.app.server.server import start
from small_page import page, retrievers_of, small_catalogue


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    catalogue = small_catalogue(tmp_path_factory.mktemp("catalogue"))
    with start(retrievers_of(catalogue), page=page, password="open sésame") as server:
        yield server


def test_only_the_password_opens_the_page(visitors, guarded):
    visitor = visitors()
    visitor.forgiven = "Failed to load resource"  # 400, the answer to a wrong password
    visitor.page.goto(guarded.address)
    expect(visitor.page.get_by_text("Any user name will do")).to_be_visible()
    for typed in ("wrong", "open sésame"):
        expect(visitor.page.get_by_text("Textbox")).to_have_count(0)
        visitor.page.get_by_label("username").fill("ada")
        visitor.page.get_by_label("password").fill(typed)
        visitor.look("40_login", whole=False)
        visitor.page.get_by_role("button", name="Login").click()
        if typed == "wrong":
            expect(visitor.page.get_by_text("Incorrect Credentials")).to_be_visible()
    expect(visitor.page.get_by_text("Textbox").first).to_be_visible()
