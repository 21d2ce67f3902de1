"""The colours of all figures and pages."""

# Eight colours that people with colour blindness can tell apart (Okabe & Ito 2008).
PALETTE = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky blue": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "purple": "#CC79A7",
}
MODALITY_COLOURS = {"text": PALETTE["blue"], "image": PALETTE["orange"], "audio": PALETTE["green"]}
