"""The words for food, English and Chinese."""

from vocabulary.entry import Note, Words

# fmt: off
FOOD: dict[str, dict[str, Words]] = {
    "soup": {
        "en": Words(
            nouns=("soup", "vegetable soup", "country soup"), measures=("a bowl of", "a portion of"),
            notes={
                "spicy": Note(
                    ("spicy",), ("with a spicy kick", "with plenty of spice"),
                    ("a fiery broth with chilli", "hot stew that makes you sweat",
                     "a peppery broth that burns the tongue", "chowder full of chilli")),
                "mild": Note(
                    ("mild", "mildly seasoned"), ("with a mild taste",),
                    ("a gentle broth for an upset stomach", "bland stew for a toddler",
                     "a delicate chowder without pepper", "a broth that even babies like")),
            },
            tags=("400 ml", "serves one", "ready in five minutes", "no preservatives", "slowly simmered"),
            details=(
                "Carrots, celery and lentils are simmered for three hours.",
                "Warm it up slowly and do not let it boil.",
                "Ready to eat after five minutes on the stove.",
                "A spoonful of yoghurt on top goes well with it.",
                "It freezes well, so cook once and eat twice.",
            )),
        "zh": Words(
            nouns=("浓汤", "蔬菜汤", "家常汤"), measures=("一碗", "一份"),
            notes={
                "spicy": Note(
                    ("香辣", "香辣味"), ("香辣味", "香辣口味"),
                    ("放了很多辣椒的羹", "喝了出汗的热羹", "能辣出眼泪的羹", "麻嘴的、带花椒的暖胃羹")),
                "mild": Note(
                    ("清淡", "清淡口味的"), ("清淡口味", "味道清淡"),
                    ("肠胃不舒服时喝的羹", "宝宝也能喝的热羹", "少油少盐的暖胃羹", "不放辣椒的羹")),
            },
            tags=("400毫升", "一人份", "五分钟即食", "无防腐剂", "慢火熬制"),
            details=(
                "胡萝卜、芹菜和小扁豆慢火熬了三小时。", "小火加热，不要煮沸。", "炉上热五分钟就能吃。",
                "加一勺酸奶更香浓。", "可以冷冻，做一次吃两顿。",
            )),
    },
    "crisps": {
        "en": Words(
            nouns=("crisps", "potato chips", "potato crisps"), measures=("a bag of", "a packet of"),
            notes={
                "smoked": Note(
                    ("smoked", "smoky"), ("with a smoky flavour", "with smoked paprika"),
                    ("thin fried snacks that taste of barbecue", "a salty nibble like from the campfire",
                     "nibbles with a bonfire aroma", "fried slices that taste grilled")),
            },
            tags=("150 g bag", "sharing size", "sea salt", "cut by hand", "no added flavours"),
            details=(
                "Cut from whole potatoes and cooked in sunflower oil.",
                "Close the bag with a clip and finish it within three days.",
                "A pinch of sea salt, and that is all.",
                "The bag is big enough for four.",
                "They go well with a dip of yoghurt and chives.",
            )),
        "zh": Words(
            nouns=("薯片", "土豆片", "原切薯片"), measures=("一包", "一袋"),
            notes={
                "smoked": Note(
                    ("烟熏味", "烟熏风味"), ("烟熏味", "烟熏口味"),
                    ("像烧烤一样的小食", "炭火味的下酒零嘴", "带营火香气的咸味小吃", "有烧烤香气的零嘴")),
            },
            tags=("150克", "分享装", "海盐调味", "无添加", "薄切"),
            details=(
                "整颗土豆切片，用葵花籽油炸制。", "开封后夹紧袋口，三天内吃完。", "只撒了一点海盐。",
                "一大袋够四个人吃。", "蘸酸奶和香葱更好吃。",
            )),
    },
    "jam": {
        "en": Words(
            nouns=("jam", "fruit spread", "preserve"), measures=("a jar of",),
            notes={
                "cherry": Note(
                    ("cherry", "sour cherry"), ("with whole cherries", "made from cherries"),
                    ("marmalade like my aunt's maraschino compote", "jelly for pancakes, maraschino kind",
                     "marmalade like morello compote", "sweet jelly of morellos")),
                "peach": Note(
                    ("peach",), ("made from ripe peaches", "with pieces of peach"),
                    ("marmalade of something fuzzy from the orchard", "jelly that tastes like nectarines",
                     "marmalade, something like apricot or nectarine", "velvety nectarine jelly")),
            },
            tags=("340 g", "70 % fruit", "low sugar", "set without gelatine", "small batch"),
            details=(
                "More than two thirds of it is fruit.",
                "Keep it in the fridge once it is open.",
                "Stirred in small pots, a few kilos at a time.",
                "Try it on toast, in porridge or between two biscuits.",
                "It sets by itself, without gelatine.",
            )),
        "zh": Words(
            nouns=("果酱", "果泥"), measures=("一瓶",),
            notes={
                "cherry": Note(
                    ("樱桃",), ("樱桃味", "樱桃果肉"),
                    ("车厘子做的甜酱", "车厘子口味的涂抹酱", "配松饼的车厘子甜酱", "带果核香的车厘子涂抹酱")),
                "peach": Note(
                    ("蜜桃",), ("蜜桃味", "含蜜桃果粒"),
                    ("水蜜桃做的甜酱", "桃子口味的涂抹酱", "夏天毛茸茸的桃子熬的甜酱", "油桃那种味道的涂抹酱")),
            },
            tags=("340克", "七成果肉", "低糖", "小锅熬煮", "不含增稠剂"),
            details=(
                "三分之二以上是果肉。", "开盖后请放冰箱。", "小锅慢慢搅拌，每次只做几公斤。",
                "抹吐司、拌燕麦、夹饼干都好吃。", "自然凝固，不加增稠剂。",
            )),
    },
    "apple": {
        "en": Words(
            nouns=("apple", "eating apple", "dessert apple"), article="a",
            notes={
                "organic": Note(
                    ("organic", "organically grown"), ("from organic farming",),
                    ("orchard fruit without pesticides", "something healthy without chemicals for the lunch box",
                     "orchard fruit that nobody has sprayed", "unsprayed fruit for cider")),
                "honey": Note(
                    ("honey-sweet",), ("with a taste of honey", "as sweet as honey"),
                    ("orchard fruit that tastes like nectar", "something sugary for a strudel, hardly any acid",
                     "cider fruit with a nectar aroma", "very sugary orchard fruit")),
            },
            tags=("sold singly", "class I", "hand-picked", "unwaxed", "new harvest"),
            details=(
                "Picked by hand and laid in straw.",
                "Not waxed, so a rinse under the tap is enough.",
                "It keeps for weeks in a cool cellar.",
                "Good raw, grated into muesli or baked with cinnamon.",
                "Each one weighs about 180 grams.",
            )),
        "zh": Words(
            nouns=("苹果", "鲜食苹果"), measures=("一个",),
            notes={
                "organic": Note(
                    ("有机", "有机种植"), ("有机种植", "有机认证"),
                    ("不打农药的平安果", "不含农药残留的果子", "自然农法种的平安果", "不施化肥的平安果")),
                "honey": Note(
                    ("蜂蜜味", "蜜香"), ("带蜂蜜香", "甜如蜂蜜"),
                    ("像花蜜一样甜的平安果", "特别甜、几乎不酸的果子", "甜得像糖的平安果", "有花蜜香气的平安果")),
            },
            tags=("单个装", "一级果", "人工采摘", "不打蜡", "当季新果"),
            details=(
                "人工采摘，垫着稻草运输。", "没有打蜡，冲洗一下就能吃。", "放在阴凉处可存几个星期。",
                "生吃、擦碎拌麦片、加肉桂烤都行。", "每个约180克。",
            )),
    },
    "bread": {
        "en": Words(
            nouns=("bread", "sourdough bread", "farmhouse bread"), measures=("a loaf of",),
            notes={
                "ginger": Note(
                    ("ginger-spiced", "candied-ginger"), ("with candied ginger", "with a pinch of ginger"),
                    ("pastry for tea with a warming root in it", "a bakery treat that tastes hot and sweet",
                     "toast with that pungent root", "a baker's treat with a warming, pungent spice")),
            },
            tags=("500 g", "baked this morning", "long fermented", "half or whole", "no yeast added"),
            details=(
                "The dough rests for a day before it goes into the oven.",
                "Baked before dawn and on the shelf by seven.",
                "It keeps for four days in a cloth bag.",
                "Delicious with butter and a little salt.",
                "Flour, water, salt and patience: nothing else is in the dough.",
            )),
        "zh": Words(
            nouns=("面包", "吐司", "欧包"), measures=("一条", "一个"),
            notes={
                "ginger": Note(
                    ("生姜味", "姜香"), ("生姜味", "加糖渍生姜"),
                    ("吃了身上发热的烘焙早点", "带一点辛香的烘焙主食", "辛辣暖身的下午茶烘焙",
                     "加了暖胃香料的烘焙早点")),
            },
            tags=("500克", "当天现烤", "长时间发酵", "可切片", "无额外酵母"),
            details=(
                "面团静置一天才进烤箱。", "天亮前出炉，七点上架。", "装在布袋里可放四天。",
                "抹点牛油，撒少许盐就很香。", "只有小麦、水、盐和耐心。",
            )),
    },
    "cheese": {
        "en": Words(
            nouns=("cheese", "hard cheese", "table cheese"), measures=("a wedge of", "a piece of"),
            notes={
                "smoked": Note(
                    ("smoked",), ("smoked over beech", "with a smoky rind"),
                    ("dairy for the grill that tastes of bonfire", "something to grill in a burger, barbecue aroma",
                     "dairy with a campfire aroma", "raclette that tastes like barbecue")),
                "mild": Note(
                    ("mild",), ("with a mild taste", "young and mild"),
                    ("dairy for kids who dislike strong flavours", "something gentle for a toasted sandwich",
                     "gouda, not pungent", "dairy that does not smell strong")),
            },
            tags=("250 g", "cut from the wheel", "aged six months", "vacuum packed", "vegetarian rennet"),
            details=(
                "Cut from the wheel on the day it is sent.",
                "The wheels are turned and brushed every week in the cellar.",
                "Take it out of the fridge an hour before you serve it.",
                "Serve it with walnuts and grapes, or melt it over potatoes.",
                "Wrap it in paper so that it can breathe.",
            )),
        "zh": Words(
            nouns=("奶酪", "芝士", "硬质奶酪"), measures=("一块",),
            notes={
                "smoked": Note(
                    ("烟熏", "烟熏味"), ("烟熏味", "烟熏风味"),
                    ("有炭烤香气的乳制品", "夹汉堡用的，像篝火烤过的乳制品", "有篝火味道的乳制品", "炭火香的起司")),
                "mild": Note(
                    ("清淡", "味道清淡的"), ("口味清淡", "清淡奶香"),
                    ("孩子不嫌膻的乳制品", "不咸不臭的起司", "气味不冲的起司", "温和的、可以夹汉堡的起司")),
            },
            tags=("250克", "整轮现切", "熟成六个月", "真空包装", "早餐佐酒"),
            details=(
                "发货当天从整轮上切下。", "窖里每周翻面、刷洗。", "上桌前一小时从冰箱取出。",
                "配核桃和葡萄，或融在土豆上。", "用油纸包好，让它透气。",
            )),
    },
    "cake": {
        "en": Words(
            nouns=("cake", "layer cake", "sponge cake"), measures=("a slice of", "a piece of"),
            notes={
                "vanilla": Note(
                    ("vanilla",), ("with vanilla cream", "filled with vanilla custard"),
                    ("gateau that tastes like the scent of orchid pods",
                     "a tart from the patisserie, bourbon pod aroma",
                     "gateau with those tiny seeds from a pod", "a bourbon pod gateau")),
            },
            tags=("120 g slice", "three layers", "made to order", "fresh from the pastry kitchen",
                  "eat within two days"),
            details=(
                "Three layers with cream in between.",
                "The icing is spread by a pastry cook, not by a machine.",
                "Keep it cool and eat it within two days.",
                "A slice is enough for one sweet tooth or two polite ones.",
                "Butter, eggs and sugar are weighed for every batch.",
            )),
        "zh": Words(
            nouns=("蛋糕", "奶油蛋糕", "切件蛋糕"), measures=("一块", "一角"),
            notes={
                "vanilla": Note(
                    ("香草味", "香草"), ("香草味", "香草奶油夹心"),
                    ("云呢拿口味的西点", "有香荚兰籽的西点", "香荚兰味道的西点", "云呢拿小点心")),
            },
            tags=("120克", "三层夹心", "现点现做", "糕点房直送", "两天内食用"),
            details=(
                "一共三层，中间夹着奶油。", "糖霜由糕点师亲手抹，不用机器。", "请冷藏，两天内吃完。",
                "一块够一个人解馋。", "每一炉的牛油、鸡蛋和糖都现称。",
            )),
    },
    "pear": {
        "en": Words(
            nouns=("pear", "dessert pear"), article="a",
            notes={
                "organic": Note(
                    ("organic", "organically grown"), ("from organic farming",),
                    ("bell-shaped fruit without pesticides", "unsprayed Williams from an old tree",
                     "conference fruit that nobody has sprayed")),
                "ginger": Note(
                    ("ginger-syrup",), ("with a sachet of ginger", "with ginger for poaching"),
                    ("a bell-shaped fruit to poach with a hot root", "Williams with a pungent, warming spice",
                     "something to stew that warms a sore throat, bell-shaped")),
            },
            tags=("sold singly", "class I", "ripe in three days", "unwaxed", "hand-picked"),
            details=(
                "Ready to eat when the neck gives under your thumb.",
                "Picked early, it ripens on the windowsill in three days.",
                "Good with walnuts, in a salad or poached in syrup.",
                "Packed singly so that nothing bruises.",
                "Each one weighs about 200 grams.",
            )),
        "zh": Words(
            nouns=("梨", "香梨", "雪梨"), measures=("一个",),
            notes={
                "organic": Note(
                    ("有机", "有机种植"), ("有机种植", "有机认证"),
                    ("不打农药、润肺的果子", "没有农药残留的秋月", "自然农法种的润肺果子")),
                "ginger": Note(
                    ("姜汁",), ("附姜汁包", "配生姜炖煮"),
                    ("炖着吃止咳的，配暖胃香料的果子", "带辛香调料包的润肺果子", "嗓子疼时煮热了吃的果子")),
            },
            tags=("单个装", "一级果", "三天后熟", "不打蜡", "人工采摘"),
            details=(
                "用拇指按果柄处，微微下陷就可以吃了。", "早采的放窗台三天就熟。", "配核桃、拌沙拉或糖水炖煮都好。",
                "单个包装，不易碰伤。", "每个约200克。",
            )),
    },
}
# fmt: on
