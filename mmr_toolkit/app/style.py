"""How the search page looks: colours, type, and the few lines of JavaScript that carry a click on a card to Python.

Nothing is fetched: the fonts are those of the visitor's machine. Light and dark use the same rules over a handful of
colours. Every colour of a modality is that of the figures (`plots.MODALITY_COLOURS`).
"""

import gradio as gr

__all__ = ["BUTTONS", "CSS", "FONTS", "TO_ANSWER", "theme"]

FONTS = (
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "Roboto",
    "Noto Sans",
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "sans-serif",
)
MONOSPACE = ("ui-monospace", "Menlo", "Consolas", "monospace")

# From light to dark; the seventh is the page's own.
BLUES = (
    "#f0f6fc",
    "#dceaf7",
    "#bcd8f0",
    "#9cc8f0",
    "#6aa5d8",
    "#4285bd",
    "#2e6a9c",
    "#1f4e79",
    "#193f61",
    "#13304a",
    "#0d2133",
)

# A button or a form says in data-event which event of the component it is, and in data-id which item it is about.
BUTTONS = """
const send = (sender, words) => {
    const about = {id: sender.dataset.id, words: words};
    if (sender.dataset.event === 'more') trigger('more', about);
    if (sender.dataset.event === 'why') trigger('why', about);
    if (sender.dataset.event === 'but') trigger('but', about);
    if (sender.dataset.event === 'example') trigger('example', about);
};
element.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-event]');
    if (button) send(button, '');
});
element.addEventListener('submit', (event) => {
    event.preventDefault();
    send(event.target, event.target.elements.words.value);
});
element.addEventListener('toggle', (event) => {
    if (event.target.open) event.target.querySelector('input')?.focus();
}, true);
element.addEventListener('play', (event) => {
    for (const other of document.querySelectorAll('.cards audio')) if (other !== event.target) other.pause();
}, true);
"""

# Bring the answer into view, unless its beginning can be seen already. The button that was pressed may be gone with
# its card: then the keyboard goes on from the headline.
TO_ANSWER = """() => {
    const answer = document.getElementById('answers'), top = answer.getBoundingClientRect().top;
    if (top < 0 || top > 0.6 * window.innerHeight) answer.scrollIntoView();
    if (document.activeElement === document.body)
        document.querySelector('#headline h2')?.focus({preventScroll: true});
}"""

CSS = """
.gradio-container { --ink: #1c2430; --quiet: #596373; --line: #dde1e7; --paper: #ffffff; --ground: #f4f5f7;
  --accent: #1f4e79; --alarm: #8a2c0d; --alarm-paper: #fdf1ec; color: var(--ink);
  background: var(--ground) !important; width: 100% !important; max-width: 1240px !important;
  margin: 0 auto !important; }
.dark .gradio-container, .gradio-container.dark { --ink: #e8ebf0; --quiet: #a5afbd; --line: #353c48; --paper: #1e232b;
  --ground: #14181e; --accent: #9cc8f0; --alarm: #ffb59a; --alarm-paper: #38201a; }
.gradio-container > .main { padding: 16px clamp(12px, 2.5vw, 32px) !important; }
.gradio-container main { padding-top: 14px !important; gap: 12px !important; }
.gradio-container footer .divider { display: none; }
.gradio-container .html-container { padding: 0; }
.gradio-container .tabitem { padding: 2px 0 0 !important; border: none !important; }
.gradio-container :is(button, summary, input, textarea, audio, [tabindex]):focus-visible { outline: 2px solid
  var(--accent); outline-offset: 2px; }
.quiet { color: var(--quiet); }

.dark { --color-accent: #9cc8f0; }
.dark #settings input[type=range] { --neutral-200: #46505f; }
#headline h2:focus { outline: none; }

#head h1 { font-size: 1.6rem; font-weight: 680; letter-spacing: -0.015em; margin: 0; color: var(--ink); }
#head p { color: var(--quiet); margin: 2px 0 0; }

#ask, #settings { background: var(--paper); border: 1px solid var(--line); border-radius: 14px;
  box-shadow: 0 1px 2px rgb(0 0 0 / 4%); }
#ask { padding: 14px; gap: 14px; align-items: flex-start; }
#ask .words { gap: 10px; }
#text textarea, #text input { font-size: 1.1rem; }
#picture, #sound { height: 226px !important; }
#sound { display: flex; flex-direction: column; }
#sound .audio-container { height: auto; flex: 1; min-height: 0; display: flex; flex-direction: column; }
#sound .audio-container > :is(.upload-container, .component-wrapper) { flex: 1; min-height: 0; }
#sound .mic-select { max-width: 104px; }
#go { font-weight: 620; }

.examples { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; font-size: 0.88rem; }
.examples > span { color: var(--quiet); }
.examples button { display: inline-flex; align-items: center; gap: 6px; min-height: 32px; padding: 2px 12px;
  text-align: left; border-radius: 16px; border: 1px solid var(--line); background: var(--ground); color: var(--ink);
  font-weight: 450; cursor: pointer; }
.examples img { width: 24px; height: 24px; object-fit: cover; border-radius: 50%; margin: 0 0 0 -6px; }
.examples button:hover, .card button:hover, .card summary:hover { border-color: var(--accent); color: var(--accent); }

#headline .asked { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 12px; margin: 6px 0 0; }
#headline h2 { font-size: 1.2rem; font-weight: 650; margin: 0; color: var(--ink); overflow-wrap: anywhere; }
#headline p { margin: 0; }
#headline .message { margin-top: 8px; }
.message { margin: 0; padding: 12px 16px; border-radius: 10px; border-left: 4px solid var(--alarm);
  background: var(--alarm-paper); color: var(--alarm); }
.welcome { padding: 28px 8px; margin: 0; text-align: center; color: var(--quiet); }

.cards { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); list-style: none;
  margin: 0; padding: 0; }
.card { display: flex; flex-direction: column; gap: 8px; padding: 10px; min-width: 0; margin: 0;
  background: var(--paper); border: 1px solid var(--line); border-radius: 14px; }
.card .shot { position: relative; border-radius: 8px; overflow: hidden; background: var(--ground); }
.card .shot > :is(img, .hole) { display: flex; width: 100%; aspect-ratio: 1; object-fit: contain; margin: 0; }
.card .hole { align-items: center; justify-content: center; color: var(--quiet); font-size: 0.86rem;
  border: 1px dashed var(--line); border-radius: 8px; }
.card > .hole { display: flex; height: 36px; }
.card .rank { position: absolute; top: 8px; left: 8px; min-width: 26px; padding: 0 7px; text-align: center;
  font-size: 0.8rem; font-weight: 650; line-height: 26px; border-radius: 13px; color: #ffffff; background: #1c2430e0; }
.card .bare { background: none; }
.card .bare .rank { position: static; display: inline-block; }
.card .titles { flex: 1; }
.card .titles > * { margin: 0; line-height: 1.35; overflow-wrap: anywhere; display: -webkit-box; overflow: hidden;
  -webkit-box-orient: vertical; -webkit-line-clamp: 3; }
.card .titles [lang=en] { font-weight: 600; color: var(--ink); }
.card .titles [lang=zh] { color: var(--quiet); }
.card .facts { display: flex; justify-content: space-between; align-items: baseline; margin: 0;
  font-variant-numeric: tabular-nums; }
.card .price { font-weight: 600; }
.card .score { color: var(--quiet); font-size: 0.86rem; }
.card audio { width: 100%; height: 34px; display: block; }
.dark .card audio { color-scheme: dark; }
.card .actions { display: flex; gap: 6px; }
.card button, .card summary { box-sizing: border-box; height: 34px; margin: 0; padding: 4px 10px;
  border: 1px solid var(--line); border-radius: 8px;
  background: transparent; color: var(--ink); font-size: 0.86rem; font-weight: 450; line-height: 1.5;
  cursor: pointer; text-align: center; }
.card .actions button:first-child { flex: 1 1 auto; }
.card summary { list-style: none; }
.card summary::-webkit-details-marker { display: none; }
.card form { display: flex; gap: 6px; margin-top: 6px; }
.card input { flex: 1; min-width: 0; padding: 4px 8px; border: 1px solid var(--line); border-radius: 8px;
  background: var(--ground); color: var(--ink); font-size: 0.9rem; }

.sheet { margin: 0; background: var(--paper); border: 1px solid var(--line); border-radius: 14px; padding: 16px; }
.maps { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr)); }
.figures { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr));
  align-items: start; margin-top: 12px; }
:is(.maps, .figures) img { width: 100%; max-width: 620px; height: auto; display: block; margin: 0; border-radius: 8px; }
.sheet h3 { font-size: 1.1rem; font-weight: 650; margin: 0 0 10px; color: var(--ink); }
.sheet figcaption { color: var(--quiet); margin: 10px 0 0; max-width: 80ch; }

@media (max-width: 640px) {
  #ask { padding: 10px; gap: 10px; }
  #picture, #sound { height: 240px !important; }
  .figures { overflow-x: auto; }
  .figures img { min-width: 560px; }
  .cards { grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: 10px; }
  .card { padding: 8px; }
  .card .actions { flex-direction: column; }
  .card audio::-webkit-media-controls-mute-button { display: none; }
}
"""


def theme() -> gr.themes.Base:
    """Gradio's plain theme with the page's colours and the visitor's own fonts."""
    return gr.themes.Base(
        primary_hue=gr.themes.Color(*BLUES),
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_lg,
        font=FONTS,
        font_mono=MONOSPACE,
    ).set(
        body_background_fill="#f4f5f7",
        body_background_fill_dark="#14181e",
        body_text_color_subdued="#596373",
        body_text_color_subdued_dark="#a5afbd",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1e232b",
        block_border_color="#dde1e7",
        block_border_color_dark="#353c48",
        block_label_background_fill_dark="#1e232b",
        block_label_text_color="#596373",
        block_label_text_color_dark="#a5afbd",
        block_title_text_color="#596373",
        block_title_text_color_dark="#a5afbd",
        input_background_fill="#f4f5f7",
        input_background_fill_dark="#14181e",
        input_placeholder_color="#6b7585",
        input_placeholder_color_dark="#8b96a6",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_300",
        button_primary_background_fill_hover_dark="*primary_200",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#10202f",
        color_accent="*primary_700",
        slider_color="*primary_700",
        slider_color_dark="*primary_300",
        checkbox_background_color_selected="*primary_700",
        checkbox_background_color_selected_dark="*primary_500",
        checkbox_border_color_selected="*primary_700",
        checkbox_border_color_selected_dark="*primary_500",
    )
