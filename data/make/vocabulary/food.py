"""The words for food, English and Chinese."""

from vocabulary.entry import Note, Words

# fmt: off
FOOD: dict[str, dict[str, Words]] = {
    "soup": {
        "en": Words(
            nouns=("soup", "vegetable soup", "country soup"), measures=("a pot of",),
            notes={
                "spicy": Note(
                    ("spicy",), ("with a spicy kick", "with plenty of spice"),
                    ("a fiery broth with chilli", "hot stew that makes you sweat",
                     "a peppery broth that burns the tongue", "chowder full of chilli")),
                "mild": Note(
                    ("mild", "mildly spiced"), ("with a mild taste",),
                    ("a gentle broth for an upset stomach", "gentle stew for a toddler",
                     "a delicate chowder without pepper", "a broth that even babies like")),
            },
            tags=("400 ml", "ready to heat", "no preservatives", "slowly simmered", "suitable for freezing"),
            details=(
                "Carrots, celery and lentils are simmered for three hours.",
                "Warm it up slowly and do not let it boil.",
                "Five minutes on the stove is enough.",
                "Lovely with a spoonful of cream on top.",
                "It can be frozen for up to three months.",
            )),
        "zh": Words(
            nouns=("蔬菜汤", "鲜蔬汤", "什锦蔬菜汤"), measures=("一份",),
            notes={
                "spicy": Note(
                    ("香辣", "香辣味"), ("香辣味", "香辣口味"),
                    ("放了很多辣椒的羹", "喝了会出汗的热羹", "能辣出眼泪的羹", "加了朝天椒的暖胃羹")),
                "mild": Note(
                    ("清淡", "清淡口味"), ("清淡口味", "味道清淡"),
                    ("肠胃不舒服时喝的羹", "宝宝也能喝的热羹", "少油少盐的养胃羹", "不放辣椒的羹")),
            },
            tags=("400毫升", "加热即食", "无防腐剂", "慢火熬制"),
            details=(
                "胡萝卜、芹菜和小扁豆慢火熬了三小时。", "小火加热，不要煮沸。", "加热五分钟就能喝。",
                "淋一勺淡奶油更香浓。", "可以冷冻保存三个月。",
            )),
    },
    "crisps": {
        "en": Words(
            nouns=("crisps", "potato chips", "potato crisps"), measures=("a bag of", "a packet of"),
            notes={
                "smoked": Note(
                    ("smoky", "barbecue"), ("with a smoky flavour", "with smoked paprika"),
                    ("thin fried snacks that taste of bacon", "a salty nibble with the taste of a campfire",
                     "nibbles that taste of bonfire", "fried slices that taste grilled")),
            },
            tags=("150 g", "sharing size", "cooked in sunflower oil", "cut by hand", "no palm oil"),
            details=(
                "Thinly sliced and cooked in sunflower oil.",
                "Close the bag with a clip and finish it within three days.",
                "Seasoned as soon as they leave the oil.",
                "There is enough for four to share.",
                "Delicious on their own, and with a yoghurt dip.",
            )),
        "zh": Words(
            nouns=("薯片", "原切薯片", "原切土豆片"), measures=("一包", "一袋"),
            notes={
                "smoked": Note(
                    ("烟熏味", "烟熏风味"), ("烟熏味", "烟熏口味"),
                    ("烧烤味的零食", "炭火味的下酒菜", "带营火香气的咸味小吃", "有烧烤香气的零嘴")),
            },
            tags=("150克", "分享装", "葵花籽油炸制", "无防腐剂", "聚会必备"),
            details=(
                "整颗土豆切片，用葵花籽油炸制。", "开封后夹紧袋口，三天内吃完。", "刚出锅就拌上调料。",
                "一大袋够四个人吃。", "蘸酸奶油香葱酱更好吃。",
            )),
    },
    "jam": {
        "en": Words(
            nouns=("jam", "preserve"), measures=("a jar of",),
            notes={
                "cherry": Note(
                    ("cherry", "sour cherry"), ("with whole cherries", "with real cherries"),
                    ("a conserve like my aunt's maraschino compote", "maraschino jelly for pancakes",
                     "morello compote for pancakes", "sweet morello jelly")),
                "peach": Note(
                    ("peach",), ("with ripe peaches", "with pieces of peach"),
                    ("a conserve that tastes like apricot", "jelly that tastes like nectarines",
                     "apricot or nectarine conserve", "velvety nectarine jelly")),
            },
            tags=("340 g", "70% fruit", "reduced sugar", "no added pectin", "small batch"),
            details=(
                "More than two thirds of it is fruit.",
                "Use a clean spoon, and it keeps for weeks.",
                "Stirred in small pots, a few kilos at a time.",
                "Try it on toast, in porridge or between two biscuits.",
                "It sets by itself, without added pectin.",
            )),
        "zh": Words(
            nouns=("果酱", "果粒酱"), measures=("一瓶",),
            notes={
                "cherry": Note(
                    ("樱桃",), ("含整颗樱桃果肉", "含樱桃果肉"),
                    ("车厘子做的甜酱", "车厘子口味的涂抹酱", "配松饼的车厘子甜酱", "车厘子熬的涂抹酱")),
                "peach": Note(
                    ("蜜桃",), ("含大块蜜桃果肉", "含蜜桃果肉"),
                    ("桃子熬的甜酱", "桃子口味的涂抹酱", "夏天的桃子做的甜酱", "油桃那种味道的涂抹酱")),
            },
            tags=("340克", "少糖配方", "早餐搭档", "小锅熬煮", "不含增稠剂"),
            details=(
                "三分之二以上是果肉。", "开盖后请尽快吃完。", "小锅慢熬，每次只做几公斤。",
                "抹吐司、拌燕麦、夹饼干都好吃。", "自然浓稠，不加增稠剂。",
            )),
    },
    "apple": {
        "en": Words(
            nouns=("apple", "eating apple", "dessert apple"), article="a",
            notes={
                "organic": Note(
                    ("organic", "certified organic"), ("from organic farming",),
                    ("fruit without pesticides", "something healthy without chemicals for my daughter",
                     "something from the orchard that nobody has sprayed", "unsprayed fruit for the lunch box")),
                "honey": Note(
                    ("honey-sweet",), ("with a taste of honey", "as sweet as honey"),
                    ("fruit that tastes like nectar", "something for a strudel, with hardly any sharpness",
                     "something from the orchard that is hardly sour", "fruit for a child who hates anything tart")),
            },
            tags=("sold singly", "class I", "hand-picked", "unwaxed", "new season"),
            details=(
                "Picked by hand and laid in straw.",
                "Not waxed, so a rinse under the tap is enough.",
                "It keeps for weeks in a cool cellar.",
                "Delicious raw, grated into muesli or baked with cinnamon.",
                "Each one weighs about 180 grams.",
            )),
        "zh": Words(
            nouns=("苹果", "新鲜苹果"), measures=("几个",),
            notes={
                "organic": Note(
                    ("有机",), ("有机种植", "有机认证"),
                    ("不打农药的水果", "不含农药残留的果子", "自然农法种的水果", "不施化肥的水果")),
                "honey": Note(
                    ("蜜甜", "蜜香"), ("带蜂蜜香", "甜如蜂蜜"),
                    ("像花朵一样香甜的水果", "特别甜、几乎不酸的果子", "甜得像糖的水果", "带花香、不酸的水果")),
            },
            tags=("单个装", "一级果", "人工采摘", "不打蜡", "当季新果"),
            details=(
                "人工采摘，垫着稻草运输。", "没有打蜡，冲洗一下就能吃。", "放在阴凉处可存几个星期。",
                "生吃、擦碎拌麦片、加肉桂烤都行。", "每个约180克。",
            )),
    },
    "bread": {
        "en": Words(
            nouns=("sourdough bread", "farmhouse bread", "country bread"), measures=("a loaf of",),
            notes={
                "ginger": Note(
                    ("ginger", "candied-ginger"), ("with candied ginger", "with pieces of ginger"),
                    ("teatime pastry with a warming spice", "a bakery treat that tastes hot and sweet",
                     "toast with that pungent root", "a baker's treat with a warming, pungent spice")),
            },
            tags=("500 g", "baked this morning", "slow-fermented", "unsliced", "no preservatives"),
            details=(
                "The dough rests for a day before it goes into the oven.",
                "Baked before dawn and on the shelf by seven.",
                "It keeps for four days in a cloth bag.",
                "Delicious with butter and a little salt.",
                "The crust is thin and the crumb moist.",
            )),
        "zh": Words(
            nouns=("面包", "手工面包"), measures=("一个",),
            notes={
                "ginger": Note(
                    ("生姜味", "姜香"), ("生姜味", "加糖渍生姜"),
                    ("吃了身上发热的烘焙早点", "带一点辛香的烘焙主食", "辛辣暖身的下午茶烘焙",
                     "加了暖胃香料的烘焙早点")),
            },
            tags=("500克", "当天现烤", "长时间发酵", "可切片", "天然酵种发酵"),
            details=(
                "面团静置一天才进烤箱。", "天亮前出炉，七点上架。", "装在布袋里可放四天。",
                "抹点黄油，撒少许盐就很香。", "揉面、分割、整形全靠手工。",
            )),
    },
    "cheese": {
        "en": Words(
            nouns=("cheese", "farmhouse cheese"), measures=("a piece of",),
            notes={
                "smoked": Note(
                    ("smoked",), ("smoked over beechwood", "with a smoky rind"),
                    ("something to grill that tastes of bonfire", "something for a burger with a barbecue aroma",
                     "gouda that tastes of campfire", "raclette that tastes like barbecue")),
                "mild": Note(
                    ("mild",), ("with a mild taste", "with a mild, milky taste"),
                    ("gouda for kids who dislike strong flavours", "something gentle for a toasted sandwich",
                     "gouda, not pungent", "something for a sandwich that does not smell strong")),
            },
            tags=("250 g", "cut from the wheel", "full fat", "vacuum packed", "vegetarian rennet"),
            details=(
                "Cut from the wheel on the day it is sent.",
                "The wheels are turned and brushed every week in the cellar.",
                "Best when it is not too cold.",
                "Goes well with walnuts, grapes and fresh bread.",
                "Wrap it in paper so that it can breathe.",
            )),
        "zh": Words(
            nouns=("奶酪", "芝士", "原制奶酪"), measures=("一块",),
            notes={
                "smoked": Note(
                    ("烟熏", "烟熏味"), ("烟熏味", "烟熏风味"),
                    ("有炭烤香气的乳制品", "夹汉堡用的、带篝火味的乳制品", "有篝火味道的乳制品", "炭火香的乳制品")),
                "mild": Note(
                    ("淡味", "温和口味"), ("口味温和", "淡淡奶香"),
                    ("孩子不嫌膻的乳制品", "不咸不臭的乳制品", "气味不冲的乳制品", "不刺激的、可以夹汉堡的乳制品")),
            },
            tags=("250克", "整轮现切", "全脂", "真空包装", "早餐佐酒皆宜"),
            details=(
                "发货当天从整轮上切下。", "窖里每周翻面、刷洗。", "吃前先在室温放一小时。",
                "配核桃和葡萄，或用来焗土豆。", "用油纸包好，让它透气。",
            )),
    },
    "cake": {
        "en": Words(
            nouns=("cake", "layer cake"), article="a",
            notes={
                "vanilla": Note(
                    ("vanilla",), ("with vanilla cream", "with a vanilla filling"),
                    ("gateau that smells of custard",
                     "gateau from the patisserie, like crème brûlée",
                     "gateau with those tiny seeds from a pod", "gateau that tastes of custard")),
            },
            tags=("serves six", "in a gift box", "made to order", "fresh from the bakery",
                  "eat within two days"),
            details=(
                "The layers are brushed with syrup so that they stay moist.",
                "The icing is spread by a pastry cook, not by a machine.",
                "Keep it cool and eat it within two days.",
                "It serves six.",
                "Butter, eggs and sugar are weighed by hand for every batch.",
            )),
        "zh": Words(
            nouns=("蛋糕", "奶油蛋糕"), measures=("一个",),
            notes={
                "vanilla": Note(
                    ("香草味", "香草"), ("香草味", "香草风味夹心"),
                    ("布丁味道的西点", "冰淇淋口味的西点", "像法式烤布蕾的西点", "蛋奶布丁味的小点心")),
            },
            tags=("六寸", "三层", "现点现做", "烘焙坊直送", "两天内食用"),
            details=(
                "一共三层，中间夹着奶油。", "糖霜由糕点师亲手抹，不用机器。", "请冷藏，两天内吃完。",
                "甜度适中，吃着不腻。", "黄油、鸡蛋、糖，每炉现称现做。",
            )),
    },
    "pear": {
        "en": Words(
            nouns=("pear", "dessert pear"), article="a",
            notes={
                "organic": Note(
                    ("organic", "certified organic"), ("from organic farming",),
                    ("autumn fruit without pesticides", "unsprayed Williams from an old tree",
                     "something for a crumble that nobody has sprayed")),
                "ginger": Note(
                    ("ginger-spiced",), ("with a sachet of ginger", "with a hint of ginger"),
                    ("something to poach with a warming spice", "Williams with a pungent, warming spice",
                     "something to stew with spice for a sore throat")),
            },
            tags=("sold singly", "class I", "new season", "unwaxed", "hand-picked"),
            details=(
                "Ready to eat when the neck gives under your thumb.",
                "A few days on the windowsill make it sweeter.",
                "Delicious with walnuts, in a salad or poached in syrup.",
                "Packed singly so that nothing bruises.",
                "Each one weighs about 200 grams.",
            )),
        "zh": Words(
            nouns=("鲜梨", "甜梨"), measures=("几个",),
            notes={
                "organic": Note(
                    ("有机",), ("有机种植", "有机认证"),
                    ("不打农药、润肺的果子", "没有农药残留的秋月梨", "自然农法种的润肺果子")),
                "ginger": Note(
                    ("配姜片的",), ("附姜片包", "配生姜片"),
                    ("炖着吃止咳的，配暖胃香料的果子", "带辛香调料包的润肺果子", "咳嗽时炖着吃的果子")),
            },
            tags=("单个装", "一级果", "当季新果", "不打蜡", "人工采摘"),
            details=(
                "用拇指按果柄处，微微下陷就可以吃了。", "常温放三天更甜。", "配核桃、拌沙拉或糖水炖煮都好。",
                "单个包装，不易碰伤。", "每个约200克。",
            )),
    },
}
# fmt: on
