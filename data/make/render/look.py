"""What a product looks like: the only three attributes that the picture may show."""

from dataclasses import dataclass

#: A partner for each colour that stands out against it, for stripes, dots, checks and trims.
PARTNERS = {
    "red": "cream",
    "yellow": "navy",
    "green": "cream",
    "blue": "white",
    "purple": "cream",
    "pink": "white",
    "black": "white",
    "white": "navy",
    "orange": "cream",
    "brown": "cream",
}


@dataclass(frozen=True)
class Look:
    """Colour and pattern of a product, and the second colour of its pattern.

    The second colour follows from the first, so that it carries no information of its own.
    """

    colour: str
    pattern: str
    second_colour: str

    @classmethod
    def of(cls, colour: str, pattern: str) -> "Look":
        """The look of a product of this colour and pattern."""
        if colour not in PARTNERS:
            raise ValueError(f"unknown colour {colour!r}: expected one of {', '.join(PARTNERS)}")
        return cls(colour, pattern, PARTNERS[colour])
