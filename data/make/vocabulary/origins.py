"""Where a product comes from, as it is true of such goods: wine is bottled there, a soup follows a recipe from there.

A brand is never called a country's: the phrase speaks of the product.
"""

# fmt: off
#: Type of product → (English, Chinese) phrases; {place} is the country.
ORIGIN_PHRASES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "tshirt": (("sewn in {place}", "cut and sewn in {place}"), ("{place}裁制", "在{place}缝制")),
    "dress": (("tailored in {place}", "from a studio in {place}"), ("{place}工作室裁制", "在{place}缝制")),
    "trousers": (("sewn in {place}", "tailored in {place}"), ("{place}裁制", "在{place}缝制")),
    "socks": (("made in {place}", "from a small mill in {place}"), ("{place}织造", "产自{place}的小工厂")),
    "scarf": (("woven in {place}", "from a weaving mill in {place}"), ("{place}织造", "产自{place}的织坊")),
    "shoe": (("assembled in {place}", "from a workshop in {place}"), ("{place}制鞋工坊出品", "在{place}组装")),
    "jacket": (("sewn in {place}", "cut and sewn in {place}"), ("{place}裁制", "在{place}缝制")),
    "shorts": (("sewn in {place}", "cut and sewn in {place}"), ("{place}裁制", "在{place}缝制")),
    "beanie": (("from {place}", "from a mountain village in {place}"), ("产自{place}的山村", "{place}织造")),
    "soup": (("after a recipe from {place}", "cooked the way they do it in {place}"), ("采用{place}配方",
                                                                                       "{place}风味")),
    "crisps": (("made from potatoes grown in {place}", "made in {place}"), ("选用{place}土豆", "产自{place}")),
    "jam": (("cooked in {place}", "made of fruit from {place}"), ("在{place}熬制", "水果来自{place}")),
    "apple": (("grown in {place}", "from growers in {place}"), ("产自{place}", "{place}果园直采")),
    "bread": (("after a recipe from {place}", "baked the way they do it in {place}"), ("采用{place}配方",
                                                                                       "照{place}做法烤制")),
    "cheese": (("from a creamery in {place}", "ripened in {place}"), ("{place}牧场直供", "在{place}熟成")),
    "cake": (("after a recipe from {place}", "baked the way they do it in {place}"), ("采用{place}配方",
                                                                                      "照{place}做法烤制")),
    "pear": (("grown in {place}", "from growers in {place}"), ("产自{place}", "{place}果园直采")),
    "red_wine": (("bottled in {place}", "from a family cellar in {place}"), ("{place}装瓶", "{place}家族酒庄酿造")),
    "white_wine": (("bottled in {place}", "from a family cellar in {place}"), ("{place}装瓶", "{place}家族酒庄酿造")),
    "can": (("filled in {place}", "made with spring water from {place}"), ("在{place}灌装", "选用{place}泉水")),
    "coffee": (("roasted in {place}", "after a recipe from {place}"), ("在{place}烘焙", "{place}做法")),
    "tea": (("blended in {place}", "packed in {place}"), ("在{place}拼配", "在{place}包装")),
    "juice": (("made in {place}", "pressed from fruit grown in {place}"), ("在{place}装瓶", "水果来自{place}")),
    "lemonade": (("bottled in {place}", "made with lemons from {place}"), ("在{place}装瓶", "柠檬来自{place}")),
    "milk": (("from a creamery in {place}", "from farms in {place}"), ("{place}牧场直供", "{place}奶源")),
}
# fmt: on
