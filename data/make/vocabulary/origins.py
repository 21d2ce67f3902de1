"""Where a product comes from, as it is true of such goods: wine is bottled there, a soup follows a recipe from there.

A brand is never called a country's: the phrase speaks of the product.
"""

# fmt: off
#: Type of product → (English, Chinese) phrases; {place} is the country.
ORIGIN_PHRASES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "tshirt": (("sewn in {place}", "from a workshop in {place}"), ("{place}裁制", "在{place}缝制")),
    "dress": (("tailored in {place}", "from a studio in {place}"), ("{place}工作室裁制", "{place}制衣坊出品")),
    "trousers": (("sewn in {place}", "tailored in {place}"), ("{place}裁制", "在{place}缝制")),
    "socks": (("made in {place}", "from a knitting mill in {place}"), ("{place}织造", "{place}织袜工坊出品")),
    "scarf": (("woven in {place}", "from a weaving mill in {place}"), ("{place}织造", "产自{place}的织坊")),
    "shoe": (("made in {place}", "from a workshop in {place}"), ("{place}制鞋工坊出品", "在{place}制作")),
    "jacket": (("sewn in {place}", "from a workshop in {place}"), ("{place}裁制", "在{place}缝制")),
    "shorts": (("sewn in {place}", "cut and sewn in {place}"), ("{place}裁制", "在{place}缝制")),
    "beanie": (("from a workshop in {place}", "from a mountain village in {place}"),
               ("产自{place}的山村", "{place}织造")),
    "soup": (("cooked in {place}", "from a kitchen in {place}"), ("在{place}烹制", "{place}厨房出品")),
    "crisps": (("made from potatoes grown in {place}", "made in {place}"), ("选用{place}土豆", "产自{place}")),
    "jam": (("cooked in {place}", "from a small kitchen in {place}"), ("在{place}熬制", "{place}果酱坊出品")),
    "apple": (("grown in {place}", "harvested in {place}"), ("产自{place}", "{place}果园直采")),
    "bread": (("made to a recipe from {place}", "inspired by the bakeries of {place}"),
              ("采用{place}配方", "采用{place}家传配方")),
    "cheese": (("from a creamery in {place}", "ripened in {place}"), ("{place}牧场直供", "在{place}熟成")),
    "cake": (("made to a recipe from {place}", "inspired by the pastry shops of {place}"),
             ("采用{place}配方", "采用{place}烘焙工艺")),
    "pear": (("grown in {place}", "harvested in {place}"), ("产自{place}", "{place}果园直采")),
    "red_wine": (("from a winery in {place}", "from a family cellar in {place}"), ("{place}装瓶", "{place}酒庄装瓶")),
    "white_wine": (("from a winery in {place}", "from a family cellar in {place}"), ("{place}装瓶", "{place}酒庄装瓶")),
    "can": (("produced in {place}", "made with spring water from {place}"), ("在{place}灌装", "选用{place}泉水")),
    "coffee": (("roasted in {place}", "from a roastery in {place}"), ("在{place}烘焙", "{place}咖啡工坊出品")),
    "tea": (("blended in {place}", "from a tea house in {place}"), ("在{place}拼配", "{place}茶坊出品")),
    "juice": (("made in {place}", "from a small press in {place}"), ("在{place}装瓶", "{place}果汁坊出品")),
    "lemonade": (("produced in {place}", "made with spring water from {place}"), ("在{place}装瓶", "选用{place}泉水")),
    "milk": (("from a creamery in {place}", "from farms in {place}"), ("{place}牧场直供", "{place}奶源")),
}
# fmt: on
