"""The words of the built-in shop, written by hand in English and Chinese.

entry.py says what an entry holds; clothing.py, food.py and drinks.py hold one for each type of product; occasions.py,
origins.py and wishes.py hold phrases that several types share; typing_slips.py knows how people mistype.
"""

from vocabulary.clothing import CLOTHING
from vocabulary.drinks import DRINKS
from vocabulary.entry import Words
from vocabulary.food import FOOD

#: Type of product → language → its words.
WORDS: dict[str, dict[str, Words]] = CLOTHING | FOOD | DRINKS
