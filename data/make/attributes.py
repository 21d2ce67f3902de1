"""The vocabulary of the built-in shop: what a product can be, and how English and Chinese say it.

Every word that may appear in a text stands here. The words of notes, brands, occasions and origins never name a colour,
a pattern, a material or a sound: colour and pattern are only seen, the sound class is only heard.
"""

from dataclasses import dataclass

Words = tuple[str, str]  # (English, Chinese)

COLOURS = ("red", "yellow", "green", "blue", "purple", "pink", "black", "white", "orange", "brown")
PATTERNS = ("plain", "striped", "checked", "dotted")

#: What can only be read. Keys are the values in metadata.csv, the pairs are the words in the texts.
NOTES: dict[str, Words] = {
    "handmade": ("handmade", "手工"),
    "recycled": ("recycled", "再生"),
    "limited": ("limited edition", "限量"),
    "lightweight": ("lightweight", "轻便"),
    "vintage": ("vintage", "复古"),
    "kids": ("kids", "儿童"),
    "cherry": ("cherry", "樱桃"),
    "lemon": ("lemon", "柠檬"),
    "vanilla": ("vanilla", "香草"),
    "ginger": ("ginger", "生姜"),
    "peach": ("peach", "蜜桃"),
    "mint": ("mint", "薄荷"),
    "caramel": ("caramel", "焦糖"),
    "honey": ("honey", "蜂蜜"),
    "organic": ("organic", "有机"),
    "smoked": ("smoked", "烟熏"),
    "spicy": ("spicy", "香辣"),
    "mild": ("mild", "清淡"),
    "oaky": ("oaky", "橡木"),
    "fruity": ("fruity", "果香"),
}
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
OCCASIONS: dict[str, Words] = {
    "picnic": ("a picnic", "野餐"),
    "birthday": ("a birthday", "生日"),
    "office": ("the office", "办公室"),
    "camping": ("camping", "露营"),
    "wedding": ("a wedding", "婚礼"),
    "travel": ("travelling", "旅行"),
    "exams": ("exam week", "考试周"),
    "weekend": ("the weekend", "周末"),
}
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
    english: tuple[str, ...]
    chinese: tuple[str, ...]
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
        "clothing", ("t-shirt", "tee"), ("T恤", "短袖"), 19.0,
        ("red", "blue"), ("plain", "striped"), ("cloth_silk", "cloth_wool"), ("recycled", "vintage"), ("Luma",)),
    "dress": ProductType(
        "clothing", ("dress", "frock"), ("连衣裙", "裙子"), 49.0,
        ("pink", "green"), ("plain", "dotted"), ("cloth_silk", "cloth_denim"), ("handmade", "limited"), ("Mira",)),
    "trousers": ProductType(
        "clothing", ("trousers", "pants"), ("长裤", "裤子"), 39.0,
        ("black", "brown"), ("plain", "checked"), ("cloth_denim", "cloth_wool"), ("lightweight",), ("Kivo", "Oko")),
    "socks": ProductType(
        "clothing", ("socks", "pair of socks"), ("袜子", "短袜"), 7.0,
        ("yellow", "purple"), ("striped", "dotted"), ("cloth_wool", "cloth_silk"), ("kids",), ("Fjord", "Vela")),
    "scarf": ProductType(
        "clothing", ("scarf", "neck scarf"), ("围巾", "披肩"), 25.0,
        ("red", "blue"), ("plain", "checked"), ("cloth_wool", "cloth_silk"), ("handmade", "recycled"), ("Alba",)),
    "shoe": ProductType(
        "clothing", ("shoe", "sneaker"), ("运动鞋", "鞋子"), 59.0,
        ("white", "green"), _PLAIN, ("foot_leather", "foot_rubber"), ("limited",), ("Kivo", "Terra")),
    "jacket": ProductType(
        "clothing", ("jacket", "coat"), ("夹克", "外套"), 79.0,
        ("orange", "black"), _PLAIN, ("zip", "cloth_denim"), ("lightweight", "vintage"), ("Fjord",)),
    "shorts": ProductType(
        "clothing", ("shorts", "short trousers"), ("短裤", "五分裤"), 29.0,
        ("blue", "brown"), _PLAIN, ("cloth_denim", "cloth_silk"), ("kids", "recycled"), ("Oko",), True),
    "beanie": ProductType(
        "clothing", ("beanie", "knit hat"), ("毛线帽", "帽子"), 15.0,
        ("purple", "yellow"), _PLAIN, ("cloth_wool", "cloth_silk"), ("handmade",), ("Luma", "Vela"), True),
    # food: the bite or the tap on the vessel is heard
    "soup": ProductType(
        "food", ("soup", "bowl of soup"), ("汤", "浓汤"), 6.0,
        ("white", "blue"), ("plain", "striped"), ("tap_ceramic", "tap_wood"), ("spicy", "mild"), ("Terra",)),
    "crisps": ProductType(
        "food", ("crisps", "potato chips"), ("薯片", "马铃薯片"), 2.5,
        ("yellow", "green"), ("plain", "dotted"), ("crunch", "squish"), ("smoked",), ("Oko", "Alba")),
    "jam": ProductType(
        "food", ("jam", "fruit spread"), ("果酱", "水果酱"), 4.5,
        ("red", "purple"), _PLAIN, ("tap_glass", "tap_plastic"), ("cherry", "peach"), ("Mira", "Terra")),
    "apple": ProductType(
        "food", ("apple", "eating apple"), ("苹果", "鲜苹果"), 1.2,
        ("red", "green"), _PLAIN, ("crunch", "squish"), ("organic", "honey"), ("Vela",)),
    "bread": ProductType(
        "food", ("bread", "loaf"), ("面包", "大面包"), 3.5,
        ("orange", "blue"), _PLAIN, ("crunch", "squish"), ("ginger",), ("Fjord", "Mira")),
    "cheese": ProductType(
        "food", ("cheese", "wedge of cheese"), ("奶酪", "芝士"), 5.5,
        ("black", "red"), _PLAIN, ("crunch", "squish"), ("smoked", "mild"), ("Kivo",)),
    "cake": ProductType(
        "food", ("cake", "slice of cake"), ("蛋糕", "切块蛋糕"), 4.0,
        ("pink", "brown"), _PLAIN, ("crunch", "squish"), ("vanilla",), ("Luma", "Alba")),
    "pear": ProductType(
        "food", ("pear", "dessert pear"), ("梨", "鲜梨"), 1.4,
        ("yellow", "red"), _PLAIN, ("crunch", "squish"), ("organic", "ginger"), ("Terra",), True),
    # drinks: the pour or the tap on the vessel is heard
    "red_wine": ProductType(
        "drinks", ("red wine", "bottle of red wine"), ("红酒", "红葡萄酒"), 12.0,
        ("white", "black"), _PLAIN, ("pour_still", "pour_sparkling"), ("oaky", "fruity"), ("Alba", "Vela")),
    "white_wine": ProductType(
        "drinks", ("white wine", "bottle of white wine"), ("白葡萄酒", "干白葡萄酒"), 11.0,
        ("green",), ("plain", "striped"), ("pour_still", "pour_sparkling"), ("honey", "peach"), ("Luma", "Terra")),
    "can": ProductType(
        "drinks", ("soda", "canned soda"), ("汽水", "罐装汽水"), 1.5,
        ("red", "orange"), ("plain", "checked"), ("pour_still", "pour_sparkling"), ("cherry", "lemon"), ("Oko",)),
    "coffee": ProductType(
        "drinks", ("coffee", "mug of coffee"), ("咖啡", "热咖啡"), 3.0,
        ("black", "pink"), ("dotted", "checked"), ("tap_ceramic", "tap_plastic"), ("caramel", "vanilla"), ("Kivo",)),
    "tea": ProductType(
        "drinks", ("tea", "loose tea"), ("茶", "茶叶"), 6.5,
        ("green", "purple"), ("striped", "dotted"), ("tap_metal", "tap_cardboard"), ("mint",), ("Fjord", "Mira")),
    "juice": ProductType(
        "drinks", ("juice", "fruit juice"), ("果汁", "鲜榨果汁"), 3.5,
        ("orange", "pink"), _PLAIN, ("pour_still", "pour_sparkling"), ("ginger", "mint"), ("Vela",)),
    "lemonade": ProductType(
        "drinks", ("lemonade", "bottle of lemonade"), ("柠檬水", "瓶装柠檬水"), 2.5,
        ("yellow", "pink"), _PLAIN, ("pour_still", "pour_sparkling"), ("cherry",), ("Mira", "Oko"), True),
    "milk": ProductType(
        "drinks", ("milk", "fresh milk"), ("牛奶", "鲜牛奶"), 1.8,
        ("blue", "brown"), _PLAIN, ("tap_cardboard", "tap_plastic"), ("vanilla", "caramel"), ("Kivo",), True),
}
# fmt: on
