"""What a product of the built-in shop can be: the types and the values of their attributes.

Colour and pattern are only seen, the sound class is only heard, note, brand, occasion and origin are only read. The
words for them stand in vocabulary/; those of brands and countries, which need no grammar, stand here.
"""

from dataclasses import dataclass

Words = tuple[str, str]  # (English, Chinese)

COLOURS = ("red", "yellow", "green", "blue", "purple", "pink", "black", "white", "orange", "brown")
PATTERNS = ("plain", "striped", "checked", "dotted")

#: What can only be read; how a text says it of a type of product stands in vocabulary/.
NOTES = (
    "handmade",
    "recycled",
    "limited",
    "lightweight",
    "vintage",
    "kids",
    "cherry",
    "lemon",
    "vanilla",
    "ginger",
    "peach",
    "mint",
    "caramel",
    "honey",
    "organic",
    "smoked",
    "spicy",
    "mild",
    "oaky",
    "fruity",
)
BRANDS: dict[str, Words] = {
    "Luma": ("Luma", "露玛"),
    "Kivo": ("Kivo", "奇沃"),
    "Alba": ("Alba", "阿尔芭"),
    "Fjord": ("Fjord", "峡湾"),
    "Mira": ("Mira", "米拉"),
    "Oko": ("Oko", "奥科"),
    "Vela": ("Vela", "薇拉"),
    "Terra": ("Terra", "泰拉"),
}
OCCASIONS = ("picnic", "birthday", "office", "camping", "wedding", "travel", "exams", "weekend")
ORIGINS: dict[str, Words] = {
    "Italy": ("Italy", "意大利"),
    "Spain": ("Spain", "西班牙"),
    "Japan": ("Japan", "日本"),
    "Kenya": ("Kenya", "肯尼亚"),
    "Norway": ("Norway", "挪威"),
    "Peru": ("Peru", "秘鲁"),
}


@dataclass(frozen=True)
class ProductType:
    """One type of product and the values its attributes take.

    Each of the five attribute tuples holds one value (constant within the type) or two (an axis of the design). Four
    axes make a large type (16 families), three a small one (8). `test_only` types never appear in training or
    validation.
    """

    department: str
    price: float
    colours: tuple[str, ...]
    patterns: tuple[str, ...]
    sounds: tuple[str, str]
    notes: tuple[str, ...]
    brands: tuple[str, ...]
    test_only: bool = False


_PLAIN = ("plain",)

# fmt: off
TYPES: dict[str, ProductType] = {
    # clothing: the cloth is heard (rubbing, footsteps, the way it closes)
    "tshirt": ProductType(
        "clothing", 19.0,
        ("red", "blue"), ("plain", "striped"), ("cloth_silk", "cloth_wool"), ("recycled", "vintage"), ("Luma",)),
    "dress": ProductType(
        "clothing", 49.0,
        ("pink", "green"), ("plain", "dotted"), ("cloth_silk", "cloth_denim"), ("handmade", "limited"), ("Mira",)),
    "trousers": ProductType(
        "clothing", 39.0,
        ("black", "brown"), ("plain", "checked"), ("cloth_denim", "cloth_wool"), ("lightweight",), ("Kivo", "Oko")),
    "socks": ProductType(
        "clothing", 7.0,
        ("yellow", "purple"), ("striped", "dotted"), ("cloth_wool", "cloth_silk"), ("kids",), ("Fjord", "Vela")),
    "scarf": ProductType(
        "clothing", 25.0,
        ("red", "blue"), ("plain", "checked"), ("cloth_wool", "cloth_silk"), ("handmade", "recycled"), ("Alba",)),
    "shoe": ProductType(
        "clothing", 59.0,
        ("white", "green"), _PLAIN, ("foot_leather", "foot_rubber"), ("limited",), ("Kivo", "Terra")),
    "jacket": ProductType(
        "clothing", 79.0,
        ("orange", "black"), _PLAIN, ("zip", "cloth_denim"), ("lightweight", "vintage"), ("Fjord",)),
    "shorts": ProductType(
        "clothing", 29.0,
        ("blue", "brown"), _PLAIN, ("cloth_denim", "cloth_silk"), ("kids", "recycled"), ("Oko",), True),
    "beanie": ProductType(
        "clothing", 15.0,
        ("purple", "yellow"), _PLAIN, ("cloth_wool", "cloth_silk"), ("handmade",), ("Luma", "Vela"), True),
    # food: the bite or the tap on the vessel is heard
    "soup": ProductType(
        "food", 6.0,
        ("white", "blue"), ("plain", "striped"), ("tap_ceramic", "tap_wood"), ("spicy", "mild"), ("Terra",)),
    "crisps": ProductType(
        "food", 2.5,
        ("yellow", "green"), ("plain", "dotted"), ("crunch", "squish"), ("smoked",), ("Oko", "Alba")),
    "jam": ProductType(
        "food", 4.5,
        ("red", "purple"), _PLAIN, ("tap_glass", "tap_plastic"), ("cherry", "peach"), ("Mira", "Terra")),
    "apple": ProductType(
        "food", 1.2,
        ("red", "green"), _PLAIN, ("crunch", "squish"), ("organic", "honey"), ("Vela",)),
    "bread": ProductType(
        "food", 3.5,
        ("orange", "blue"), _PLAIN, ("crunch", "squish"), ("ginger",), ("Fjord", "Mira")),
    "cheese": ProductType(
        "food", 5.5,
        ("black", "red"), _PLAIN, ("crunch", "squish"), ("smoked", "mild"), ("Kivo",)),
    "cake": ProductType(
        "food", 4.0,
        ("pink", "brown"), _PLAIN, ("crunch", "squish"), ("vanilla",), ("Luma", "Alba")),
    "pear": ProductType(
        "food", 1.4,
        ("yellow", "red"), _PLAIN, ("crunch", "squish"), ("organic", "ginger"), ("Terra",), True),
    # drinks: the pour or the tap on the vessel is heard
    "red_wine": ProductType(
        "drinks", 12.0,
        ("white", "black"), _PLAIN, ("pour_still", "pour_sparkling"), ("oaky", "fruity"), ("Alba", "Vela")),
    "white_wine": ProductType(
        "drinks", 11.0,
        ("green",), ("plain", "striped"), ("pour_still", "pour_sparkling"), ("honey", "peach"), ("Luma", "Terra")),
    "can": ProductType(
        "drinks", 1.5,
        ("red", "orange"), ("plain", "checked"), ("pour_still", "pour_sparkling"), ("cherry", "lemon"), ("Oko",)),
    "coffee": ProductType(
        "drinks", 3.0,
        ("black", "pink"), ("dotted", "checked"), ("tap_ceramic", "tap_plastic"), ("caramel", "vanilla"), ("Kivo",)),
    "tea": ProductType(
        "drinks", 6.5,
        ("green", "purple"), ("striped", "dotted"), ("tap_metal", "tap_cardboard"), ("mint",), ("Fjord", "Mira")),
    "juice": ProductType(
        "drinks", 3.5,
        ("orange", "pink"), _PLAIN, ("pour_still", "pour_sparkling"), ("ginger", "mint"), ("Vela",)),
    "lemonade": ProductType(
        "drinks", 2.5,
        ("yellow", "pink"), _PLAIN, ("pour_still", "pour_sparkling"), ("cherry",), ("Mira", "Oko"), True),
    "milk": ProductType(
        "drinks", 1.8,
        ("blue", "brown"), _PLAIN, ("tap_cardboard", "tap_plastic"), ("vanilla", "caramel"), ("Kivo",), True),
}
# fmt: on
