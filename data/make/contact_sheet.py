"""One picture of every look in the shop, on one page: data/contact_sheet.jpg.

python data/make/contact_sheet.py
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from shop import Product, build_shop

DATA = Path(__file__).parents[1]
COLUMNS, TILE, CAPTION = 10, 128, 32


def looks(products: list[Product]) -> list[Product]:
    """The first product with a picture of each (type, colour, pattern)."""
    first: dict[tuple[str, str, str], Product] = {}
    for product in products:
        if product.missing != "image":
            first.setdefault((product.type, product.colour, product.pattern), product)
    return list(first.values())


def main() -> None:
    """Paste the pictures and write type, colour and pattern below each."""
    chosen = looks(build_shop())
    rows = -(-len(chosen) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * TILE, rows * (TILE + CAPTION)), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(11)
    for place, product in enumerate(chosen):
        left, top = place % COLUMNS * TILE, place // COLUMNS * (TILE + CAPTION)
        sheet.paste(Image.open(DATA / "cornershop" / "images" / f"{product.id}.jpg"), (left, top))
        caption = f"{product.type}\n{product.colour} {product.pattern}"
        draw.multiline_text((left + TILE / 2, top + TILE + 1), caption, "black", font, anchor="ma", align="center")
    sheet.save(DATA / "contact_sheet.jpg", quality=85, optimize=True)


if __name__ == "__main__":
    main()
