"""The words for drinks, English and Chinese."""

from vocabulary.entry import Note, Words

# fmt: off
DRINKS: dict[str, dict[str, Words]] = {
    "red_wine": {
        "en": Words(
            nouns=("red wine", "red table wine"), measures=("a bottle of",),
            notes={
                "oaky": Note(
                    ("oaky", "oak-aged"), ("aged in oak", "with a touch of oak"),
                    ("a merlot kept in casks", "claret that smells of toasted barrels and cedar",
                     "a shiraz from the barrel, tasting of cedar",
                     "claret with tannin and a hint of smoke from the cask")),
                "fruity": Note(
                    ("fruity",), ("with a fruity nose", "full of fruit"),
                    ("a merlot that tastes of berries", "claret like a basket of plums",
                     "a shiraz with berries and plums", "claret with a bramble aroma")),
            },
            tags=("750 ml", "estate bottled", "12.5 % vol", "serve at 17 degrees", "unfiltered"),
            details=(
                "Open it an hour before dinner and pour it into a decanter.",
                "Goes with roast lamb, mushrooms or an aged cheddar.",
                "The grapes are sorted by hand before they are pressed.",
                "Drink it within four years and store it lying down.",
                "Served at cellar temperature it shows best.",
            )),
        "zh": Words(
            nouns=("红酒", "红葡萄酒"), measures=("一瓶",),
            notes={
                "oaky": Note(
                    ("橡木桶", "橡木香型"), ("橡木桶陈酿", "带橡木香"),
                    ("陈放多年、有雪松气味的赤霞珠", "有烤面包和雪松香气的美乐", "单宁厚、像雪茄盒味道的赤霞珠",
                     "有香料和雪松味道的美乐")),
                "fruity": Note(
                    ("果香型", "果香浓郁的"), ("果香型", "果香浓郁"),
                    ("有莓子味道的赤霞珠", "像一篮李子的美乐", "闻起来像莓子的美乐", "有李子味道、顺口的赤霞珠")),
            },
            tags=("750毫升", "12.5度", "庄园酒", "单瓶装", "佐餐酒"),
            details=(
                "饭前一小时开瓶，倒入醒酒器。", "适合搭配烤羊排、蘑菇或陈年干酪。", "葡萄压榨前经过人工挑选。",
                "四年内饮用，平放保存。", "略低于室温时风味最好。",
            )),
    },
    "white_wine": {
        "en": Words(
            nouns=("white wine", "white table wine"), measures=("a bottle of",),
            notes={
                "honey": Note(
                    ("honeyed", "honey-scented"), ("with a scent of honey", "that smells of honey"),
                    ("a riesling with nectar and blossom", "late-harvest muscat, like beeswax",
                     "muscat that tastes of nectar", "a late-harvest riesling with a beeswax aroma")),
                "peach": Note(
                    ("peachy",), ("with a scent of peach", "with aromas of ripe peach"),
                    ("a riesling that tastes of nectarine", "muscat like something fuzzy from the orchard",
                     "muscat with nectarine and apricot", "a riesling with stone fruit")),
            },
            tags=("750 ml", "11.5 % vol", "serve chilled", "single vineyard", "screw cap"),
            details=(
                "Chill it for two hours before you open it.",
                "It suits fish, asparagus and mild curries.",
                "The grapes are picked at night, while they are cool.",
                "Once open, it keeps for three days in the fridge door.",
                "Pressed gently and fermented slowly.",
            )),
        "zh": Words(
            nouns=("白葡萄酒", "佐餐白葡萄酒"), measures=("一瓶",),
            notes={
                "honey": Note(
                    ("蜂蜜香型", "带蜂蜜香的"), ("蜂蜜香型", "带蜂蜜香气"),
                    ("有花蜜味道的雷司令", "迟摘的、像蜂巢味道的莫斯卡托", "像花蜜一样的莫斯卡托",
                     "迟摘的雷司令，蜂巢气息")),
                "peach": Note(
                    ("蜜桃香型", "带蜜桃香的"), ("蜜桃香型", "带蜜桃香气"),
                    ("有水蜜桃味道的雷司令", "像桃子的莫斯卡托", "油桃气息的莫斯卡托", "像桃子和杏子的雷司令")),
            },
            tags=("750毫升", "11.5度", "冰镇饮用", "单一葡萄园", "旋盖"),
            details=(
                "开瓶前冷藏两小时。", "适合搭配鱼、芦笋和清蒸海鲜。", "趁夜里凉爽时采摘葡萄。",
                "开瓶后放冰箱门上，三天内喝完。", "轻柔压榨，低温慢发酵。",
            )),
    },
    "can": {
        "en": Words(
            nouns=("soda", "soda pop"), measures=("a can of",),
            notes={
                "cherry": Note(
                    ("cherry", "cherry-flavoured"), ("with a hint of cherry", "with cherry juice"),
                    ("a refreshment with maraschino taste", "pick-me-up with morello syrup",
                     "thirst quencher like morello syrup", "a maraschino refreshment")),
                "lemon": Note(
                    ("lemon", "lemon-flavoured"), ("with lemon juice", "with a squeeze of lemon"),
                    ("a citrus refreshment", "sour thirst quencher for summer",
                     "a citrus pick-me-up", "a tangy refreshment that makes you pull a face")),
            },
            tags=("330 ml", "single can", "no sweeteners", "less sugar", "best cold"),
            details=(
                "Best straight from the fridge.",
                "Sweetened with a little cane sugar and nothing else.",
                "Fits every cup holder and lunch box.",
                "Less sugar than most, and no sweeteners.",
                "Rinse the empty can and return it for the deposit.",
            )),
        "zh": Words(
            nouns=("汽水", "苏打汽水"), measures=("一罐", "一听"),
            notes={
                "cherry": Note(
                    ("樱桃味", "樱桃口味"), ("樱桃味", "樱桃口味"),
                    ("加了车厘子的消暑饮料", "有车厘子味道的饮品", "车厘子味的冷饮", "像车厘子糖浆的饮品")),
                "lemon": Note(
                    ("柠檬味", "柠檬口味"), ("柠檬味", "柠檬口味"),
                    ("酸酸的消暑饮料", "柑橘类的酸味冷饮", "喝了会皱眉头的酸饮品", "柑橘味的冷饮")),
            },
            tags=("330毫升", "罐装", "无代糖", "减糖", "冰镇更佳"),
            details=(
                "从冰箱里拿出来直接喝最爽。", "只加一点蔗糖。", "放得进车上的杯架和饭盒袋。",
                "比一般的少糖，不含代糖。", "空罐冲洗后可以退押金。",
            )),
    },
    "coffee": {
        "en": Words(
            nouns=("coffee", "filter coffee", "morning coffee"), measures=("a mug of", "a cup of"),
            notes={
                "caramel": Note(
                    ("caramel",), ("with caramel", "with a swirl of caramel"),
                    ("a latte that tastes of toffee", "espresso with burnt sugar",
                     "a toffee cappuccino", "an americano with a fudge aroma")),
                "vanilla": Note(
                    ("vanilla",), ("with vanilla", "with vanilla syrup"),
                    ("a latte with bourbon pod", "espresso that smells of custard",
                     "a cappuccino with custard aroma", "a bourbon pod americano")),
            },
            tags=("250 ml", "freshly ground", "single origin", "medium roast", "to take away"),
            details=(
                "The beans are roasted on Mondays and ground just before brewing.",
                "Strong enough to wake you, gentle enough for a second one.",
                "It needs no milk.",
                "Water just below the boil brings out the sweetness.",
                "Served in the mug of our house.",
            )),
        "zh": Words(
            nouns=("咖啡", "滤泡咖啡", "手冲咖啡"), measures=("一杯",),
            notes={
                "caramel": Note(
                    ("焦糖", "焦糖味"), ("焦糖味", "焦糖风味"),
                    ("太妃糖口味的拿铁", "有焦香的醒脑饮品", "像太妃糖的卡布奇诺", "太妃味美式")),
                "vanilla": Note(
                    ("香草", "香草味"), ("香草味", "香草风味"),
                    ("云呢拿口味的拿铁", "有香荚兰气味的醒脑饮品", "香荚兰口味的卡布奇诺", "云呢拿美式")),
            },
            tags=("250毫升", "现磨", "单一产区", "中度烘焙", "可外带"),
            details=(
                "豆子每周一烘焙，冲煮前现磨。", "够提神，又不会太苦。", "不加奶也好喝。",
                "水温略低于沸点，甜味更明显。", "用本店的马克杯盛上。",
            )),
    },
    "tea": {
        "en": Words(
            nouns=("tea", "leaf tea"), measures=("a pack of",),
            notes={
                "mint": Note(
                    ("mint", "minty"), ("with mint", "with whole mint leaves"),
                    ("an infusion that cools like menthol", "something to brew that freshens the breath",
                     "a menthol infusion", "an infusion as fresh as chewing gum")),
            },
            tags=("100 g", "about forty cups", "loose leaf", "summer harvest", "resealable"),
            details=(
                "Whole leaves, dried in the shade.",
                "One teaspoon per cup, and four minutes to steep.",
                "A second pot is as good as the first.",
                "Store it away from light and strong smells.",
                "Enough for about forty cups.",
            )),
        "zh": Words(
            nouns=("茶", "茶叶", "散装茶"), measures=("一包",),
            notes={
                "mint": Note(
                    ("薄荷", "薄荷味"), ("薄荷味", "薄荷整叶"),
                    ("喝了嘴里凉凉的热饮", "像口香糖一样清凉的冲泡饮品", "清凉醒脑、用来冲泡的",
                     "凉凉的冲泡饮品，饭后去味")),
            },
            tags=("100克", "约四十杯", "散装原叶", "夏采", "自封袋"),
            details=(
                "整片叶子，阴干而成。", "每杯一小勺，泡四分钟。", "第二泡同样好喝。",
                "避光保存，远离异味。", "一份能泡四十杯左右。",
            )),
    },
    "juice": {
        "en": Words(
            nouns=("juice", "fruit juice", "breakfast juice"), measures=("a bottle of",),
            notes={
                "ginger": Note(
                    ("ginger",), ("with ginger", "with freshly grated ginger"),
                    ("a smoothie with a pungent root", "a vitamin bomb with a warming spice",
                     "a vitamin shot that burns in the throat", "a smoothie, pungent and warming")),
                "mint": Note(
                    ("mint",), ("with mint", "with a sprig of mint"),
                    ("a smoothie as fresh as menthol", "a vitamin bomb with a menthol aroma",
                     "a menthol smoothie", "a vitamin shot as fresh as chewing gum")),
            },
            tags=("250 ml", "cold pressed", "no sugar added", "not from concentrate", "shake well"),
            details=(
                "Pressed cold, bottled within the hour.",
                "Shake it, because the pulp settles.",
                "No sugar and no water are added.",
                "Keep it in the fridge and drink it within five days.",
                "Half a kilo of fruit goes into every bottle.",
            )),
        "zh": Words(
            nouns=("果汁", "鲜榨果汁", "冷压果汁"), measures=("一瓶",),
            notes={
                "ginger": Note(
                    ("生姜味", "姜味"), ("生姜味", "加生姜鲜榨"),
                    ("喝了暖胃的维生素饮品", "有点辛辣的维生素饮品", "辛辣暖身的奶昔", "喉咙热热的维生素饮品")),
                "mint": Note(
                    ("薄荷味", "薄荷"), ("薄荷味", "加薄荷叶"),
                    ("清凉的奶昔", "像口香糖一样凉的维生素饮品", "像牙膏一样凉的奶昔", "清凉的维生素饮品")),
            },
            tags=("250毫升", "冷压", "无添加糖", "非浓缩还原", "饮前摇匀"),
            details=(
                "从榨汁到装瓶不超过一小时。", "果肉会沉淀，喝前摇一摇。", "不加糖也不加水。",
                "冷藏保存，五天内喝完。", "一瓶用了半公斤水果。",
            )),
    },
    "lemonade": {
        "en": Words(
            nouns=("lemonade", "farmhouse lemonade"), measures=("a bottle of",),
            notes={
                "cherry": Note(
                    ("cherry", "cherry-flavoured"), ("with cherries", "with cherry juice"),
                    ("a citrus refreshment with morello", "maraschino squash for a hen night",
                     "a tart thirst quencher with morello syrup")),
            },
            tags=("500 ml", "hand-squeezed", "cane sugar", "swing top", "serve with ice"),
            details=(
                "Lemons are squeezed by hand every morning.",
                "Pour it over ice and add a slice of cucumber.",
                "Sweet at first, sour at the end.",
                "Sugar from the cane, water from the spring.",
                "Shake the bottle once before you open it.",
            )),
        "zh": Words(
            nouns=("柠檬水", "柠檬饮"), measures=("一瓶",),
            notes={
                "cherry": Note(
                    ("樱桃味", "樱桃口味"), ("樱桃味", "加樱桃汁"),
                    ("加了车厘子的酸甜饮料", "加了车厘子的柑橘冷饮", "聚会喝的车厘子酸饮料")),
            },
            tags=("500毫升", "瓶装", "蔗糖", "加冰更佳", "家庭自制风味"),
            details=(
                "每天早上手榨柠檬。", "倒在冰块上，再放一片青瓜。", "入口甜，回味酸。",
                "用的是蔗糖和山泉水。", "开瓶前摇一下。",
            )),
    },
    "milk": {
        "en": Words(
            nouns=("milk", "milk drink"), measures=("a pint of",),
            notes={
                "vanilla": Note(
                    ("vanilla", "vanilla-flavoured"), ("with vanilla",),
                    ("dairy to sip, with bourbon pod", "something from the cow that tastes of custard",
                     "a custardy nightcap for my daughter")),
                "caramel": Note(
                    ("caramel", "caramel-flavoured"), ("with caramel",),
                    ("dairy to sip, with toffee", "something from the cow with burnt sugar",
                     "a fudgy nightcap for my daughter")),
            },
            tags=("500 ml", "not homogenised", "pasteurised", "from pasture cows", "keep chilled"),
            details=(
                "From cows that graze outside from April to October.",
                "Gently pasteurised, with all its cream.",
                "Shake before you pour, and keep it below seven degrees.",
                "Nice cold, and even nicer warmed up at bedtime.",
                "Use within three days of opening.",
            )),
        "zh": Words(
            nouns=("牛奶", "鲜牛奶", "全脂牛奶"), measures=("半升",),
            notes={
                "vanilla": Note(
                    ("香草味", "香草口味"), ("香草味", "香草风味"),
                    ("有云呢拿味道的乳饮", "香荚兰味道的乳饮", "给女儿喝的香荚兰乳饮")),
                "caramel": Note(
                    ("焦糖味", "焦糖口味"), ("焦糖味", "焦糖风味"),
                    ("有太妃糖味道的乳饮", "像太妃糖一样的乳饮", "给女儿喝的太妃糖乳饮")),
            },
            tags=("500毫升", "巴氏杀菌", "牧场直供", "冷藏"),
            details=(
                "奶牛四月到十月都在户外吃草。", "低温巴氏杀菌，保留全部乳脂。", "喝前摇匀，七度以下冷藏。",
                "凉着喝不错，睡前温一温更香。", "开封后三天内喝完。",
            )),
    },
}
# fmt: on
