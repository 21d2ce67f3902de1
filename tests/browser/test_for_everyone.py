"""The page for everyone: with a keyboard alone, read aloud, on a phone, in the dark."""

import re

import pytest
from playwright.sync_api import expect

#: Every visible piece of text: its words, its contrast with what is behind it (WCAG 2.2), and whether it is large.
CONTRASTS = """() => {
    const parse = colour => {
        const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
        canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const behind = element => {
        const layers = [];
        for (let at = element; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
        return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
    };
    const luminance = colour => colour.slice(0, 3).map(part => part / 255)
        .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    const found = [];
    for (const element of document.querySelectorAll('body *')) {
        const own = [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.data.trim()).join(' ');
        const style = getComputedStyle(element);
        if (!own.trim() || !element.checkVisibility({visibilityProperty: true}) || element.closest('svg, :disabled'))
            continue;
        const ground = behind(element), ink = over(parse(style.color), ground);
        const [dark, light] = [luminance(ground), luminance(ink)].sort((a, b) => a - b);
        const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        found.push([own.trim().slice(0, 60), (light + 0.05) / (dark + 0.05), large]);
    }
    return found;
}"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_can_be_read(visitors, address, dark):
    visitor = visitors().visit(address, dark=dark)
    visitor.search("红酒")
    visitor.open_settings()
    visitor.look(f"20_{'dark' if dark else 'light'}")
    found = visitor.page.evaluate(CONTRASTS)
    assert len(found) > 60
    assert [(words, round(ratio, 2)) for words, ratio, large in found if ratio < (3 if large else 4.5)] == []
    visitor.text.fill("")
    visitor.text.press("Enter")
    visitor.complaint("Ask for something first")
    found = visitor.page.evaluate(CONTRASTS)
    assert [(words, round(ratio, 2)) for words, ratio, large in found if ratio < (3 if large else 4.5)] == []
    visitor.look(f"21_sentence_{'dark' if dark else 'light'}", whole=False)


def test_every_picture_player_and_field_has_a_name(visitor):
    visitor.search("红酒")
    visitor.open_settings()
    nameless = visitor.page.evaluate(
        """() => [
            ...[...document.querySelectorAll('img')].filter(image => !image.hasAttribute('alt')),
            ...[...document.querySelectorAll('#cards img')].filter(image => !image.alt.trim()),
            ...[...document.querySelectorAll('#cards audio')].filter(player => !player.ariaLabel),
            ...[...document.querySelectorAll('button, summary')].filter(button => button.checkVisibility() &&
                !(button.ariaLabel || button.innerText.trim() || button.title)),
            ...[...document.querySelectorAll('input:not([type=file]), textarea, select')].filter(field =>
                field.checkVisibility() && !(field.ariaLabel || field.labels?.length || field.title)),
        ].map(element => element.outerHTML.slice(0, 200))"""
    )
    assert nameless == []
    expect(visitor.page.locator("html")).to_have_attribute("lang", re.compile("^en"))
    assert visitor.page.title() != ""


def test_a_keyboard_is_enough(visitor):
    page = visitor.page
    visitor.text.focus()
    page.keyboard.type("red wine")
    page.keyboard.press("Enter")
    before = visitor.answer_to("“red wine”")
    for _ in range(60):
        page.keyboard.press("Tab")
        if "More like" in page.evaluate("document.activeElement.ariaLabel || ''"):
            break
    focused = page.locator("*:focus")
    assert focused.evaluate("button => getComputedStyle(button).outlineStyle") == "solid"  # one sees where one is
    visitor.look("22_keyboard", whole=False)
    page.keyboard.press("Enter")
    assert visitor.answer_to("more like") != before
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement !== document.body")


@pytest.mark.parametrize("state", ["welcome", "hits", "settings", "all three"])
def test_a_phone_needs_no_scrolling_to_the_side(visitors, address, state, shop):
    visitor = visitors(width=390, height=844, is_mobile=True, has_touch=True).visit(address)
    if state != "welcome":
        visitor.search("红酒")
    if state == "settings":
        visitor.open_settings()
    if state == "all three":
        visitor.upload("picture", shop / "query_images/can-03-1.jpg")
        visitor.answer_to("your picture")
        visitor.upload("sound", shop / "query_audio/can-03-1.opus")
        visitor.answer_to("your sound")
    visitor.look(f"23_phone_{state.replace(' ', '_')}")
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= 390
    if state == "hits":
        small = visitor.page.evaluate(
            """() => [...document.querySelectorAll('#cards button, #cards summary, #go')]
                .map(button => button.getBoundingClientRect()).filter(box => box.height && box.height < 24).length"""
        )
        assert small == 0  # WCAG 2.2, 2.5.8: targets of at least 24 pixels
