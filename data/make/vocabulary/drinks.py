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
                     "a barrel-matured shiraz with a hint of cedar",
                     "claret with tannin and a hint of smoke from the cask")),
                "fruity": Note(
                    ("fruity",), ("with a fruity nose", "full of fruit"),
                    ("a merlot full of berry notes", "claret that smells like a basket of plums",
                     "a shiraz with berries and plums", "claret that smells of brambles")),
            },
            tags=("750 ml", "vegan", "12.5% vol", "best at 17 °C", "unfiltered"),
            details=(
                "Open it an hour before you pour.",
                "Goes with roast lamb, mushrooms or an aged cheddar.",
                "The grapes are sorted by hand before they are pressed.",
                "Drink it within four years and store it lying down.",
                "It tastes best slightly below room temperature.",
            )),
        "zh": Words(
            nouns=("红酒", "红葡萄酒"), measures=("一瓶",),
            notes={
                "oaky": Note(
                    ("橡木桶", "橡木香型"), ("橡木桶陈酿", "带橡木香"),
                    ("陈放多年、有雪松气味的赤霞珠", "有烤面包和雪松香气的美乐", "单宁厚、有雪茄盒气味的赤霞珠",
                     "有香料和雪松味道的美乐")),
                "fruity": Note(
                    ("果香型", "果香"), ("果香型", "果香浓郁"),
                    ("有莓果味道的赤霞珠", "有股李子香的美乐", "闻起来像莓果的美乐", "有李子味道、顺口的赤霞珠")),
            },
            tags=("750毫升", "12.5度", "木塞封瓶", "单瓶装", "佐餐酒"),
            details=(
                "饭前一小时开瓶醒酒。", "配烤羊排、蘑菇或陈年奶酪都好。", "葡萄压榨前经过人工挑选。",
                "四年内饮用，平放保存。", "略低于室温时风味最好。",
            )),
    },
    "white_wine": {
        "en": Words(
            nouns=("white wine", "white table wine"), measures=("a bottle of",),
            notes={
                "honey": Note(
                    ("honeyed", "honey-scented"), ("with a scent of honey", "with honey aromas"),
                    ("a riesling with nectar and blossom", "late-harvest muscat with a hint of beeswax",
                     "muscat that tastes of nectar", "a late-harvest riesling that smells of beeswax")),
                "peach": Note(
                    ("peach-scented",), ("with a scent of peach", "with aromas of ripe peach"),
                    ("a riesling that tastes of nectarine", "muscat that smells of apricot",
                     "muscat with nectarine and apricot", "a riesling with stone fruit")),
            },
            tags=("750 ml", "11.5% vol", "serve chilled", "vegan", "unfiltered"),
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
                    ("蜂蜜香型", "蜜香"), ("蜂蜜香型", "带蜂蜜香气"),
                    ("有花蜜味道的雷司令", "晚收的、有蜂巢味道的莫斯卡托", "像花蜜一样的莫斯卡托",
                     "晚收的雷司令，蜂巢气息")),
                "peach": Note(
                    ("蜜桃香型", "蜜桃香"), ("蜜桃香型", "带蜜桃香气"),
                    ("有水蜜桃味道的雷司令", "桃子味道的莫斯卡托", "油桃气息的莫斯卡托", "有桃子和杏子味道的雷司令")),
            },
            tags=("750毫升", "11.5度", "冰镇饮用", "单瓶装", "未过滤"),
            details=(
                "冰镇到十度左右口感最好。", "配鱼、芦笋和清蒸海鲜都好。", "葡萄都在凉爽的夜里采摘。",
                "开瓶后低温保存，三天内喝完。", "轻柔压榨，低温慢发酵。",
            )),
    },
    "can": {
        "en": Words(
            nouns=("soda", "craft soda"), measures=("a can of",),
            notes={
                "cherry": Note(
                    ("cherry", "cherry-flavoured"), ("with a hint of cherry", "with cherry juice"),
                    ("a thirst quencher that tastes of maraschino", "pick-me-up with morello syrup",
                     "thirst quencher with a dash of morello", "something chilled with maraschino")),
                "lemon": Note(
                    ("lemon", "lemon-flavoured"), ("with lemon juice", "with a squeeze of lemon"),
                    ("a citrus drink when it is thirty degrees", "sour thirst quencher for summer",
                     "a citrus pick-me-up", "a tangy drink that makes you pull a face")),
            },
            tags=("330 ml", "no sweeteners", "reduced sugar", "serve cold", "recyclable can"),
            details=(
                "Best ice-cold.",
                "Sweetened with a little cane sugar.",
                "Fits every cup holder and lunch box.",
                "Less sugar than most, and no sweeteners.",
                "The empty can goes in the recycling bin.",
            )),
        "zh": Words(
            nouns=("汽水", "苏打汽水"), measures=("一罐", "一听"),
            notes={
                "cherry": Note(
                    ("樱桃味", "樱桃口味"), ("樱桃味", "樱桃口味"),
                    ("加了车厘子的消暑饮料", "有车厘子味道的饮品", "车厘子味的冷饮", "车厘子味的饮料")),
                "lemon": Note(
                    ("柠檬味", "柠檬口味"), ("柠檬味", "柠檬口味"),
                    ("酸酸的消暑饮料", "柑橘类的酸味冷饮", "酸得过瘾的饮品", "柑橘味的冷饮")),
            },
            tags=("330毫升", "罐装", "无代糖", "减糖", "冰镇更佳"),
            details=(
                "冰透了直接喝最爽。", "只加了少量蔗糖。", "放得进车上的杯架和饭盒袋。",
                "含糖量比普通汽水低，不含代糖。", "空罐可以回收。",
            )),
    },
    "coffee": {
        "en": Words(
            nouns=("coffee", "ground coffee"), measures=("a bag of",),
            notes={
                "caramel": Note(
                    ("caramel",), ("with caramel", "with caramel flavour"),
                    ("a latte that tastes of toffee", "espresso with burnt sugar",
                     "a toffee cappuccino", "an americano with a fudge aroma")),
                "vanilla": Note(
                    ("vanilla",), ("with vanilla", "with vanilla flavour"),
                    ("a latte as smooth as custard", "espresso that smells of crème brûlée",
                     "a cappuccino with custard aroma", "an americano that tastes of custard")),
            },
            tags=("250 g", "freshly roasted", "for cafetière or filter", "medium roast", "resealable bag"),
            details=(
                "Every batch is small and tasted before it is packed.",
                "Strong enough to wake you, gentle enough for a second cup.",
                "It needs no milk.",
                "Water just below the boil brings out the sweetness.",
                "Keep the bag closed and in the dark.",
            )),
        "zh": Words(
            nouns=("咖啡", "研磨咖啡"), measures=("一袋",),
            notes={
                "caramel": Note(
                    ("焦糖", "焦糖味"), ("焦糖味", "焦糖风味"),
                    ("太妃糖口味的拿铁", "有焦香、喝了不犯困的", "太妃糖味的卡布奇诺", "太妃味美式")),
                "vanilla": Note(
                    ("香草", "香草味"), ("香草味", "香草风味"),
                    ("布丁口味的拿铁", "冰淇淋味、喝了不犯困的", "冰淇淋口味的卡布奇诺", "闻着像布丁的美式")),
            },
            tags=("250克", "新鲜烘焙", "手冲适用", "中度烘焙", "自封袋装"),
            details=(
                "小批量制作，香气足。", "够提神，又不会太苦。", "不加奶也好喝。",
                "水温略低于沸点，甜味更明显。", "开封后密封避光保存。",
            )),
    },
    "tea": {
        "en": Words(
            nouns=("tea", "herbal tea"), measures=("a pack of",),
            notes={
                "mint": Note(
                    ("mint",), ("with mint", "with whole mint leaves"),
                    ("a hot drink that cools like menthol", "something to brew that freshens the breath",
                     "a menthol brew", "a soothing brew that cools the throat")),
            },
            tags=("100 g", "about forty cups", "loose leaf", "new season", "resealable pack"),
            details=(
                "Whole leaves, dried in the shade.",
                "One teaspoon per cup, and four minutes to steep.",
                "A second pot is as good as the first.",
                "Store it away from light and strong smells.",
                "Enough for about forty cups.",
            )),
        "zh": Words(
            nouns=("茶", "花草茶"), measures=("一包",),
            notes={
                "mint": Note(
                    ("薄荷",), ("加薄荷叶", "薄荷风味"),
                    ("喝了嘴里凉凉的热饮", "像口香糖一样清凉的冲泡饮品", "清凉醒脑、用来冲泡的",
                     "凉凉的冲泡饮品，饭后去味")),
            },
            tags=("100克", "可泡四十杯", "散装原叶", "当季新采", "自封袋装"),
            details=(
                "整片叶子，阴干而成。", "每杯一小勺，泡四分钟。", "可以续泡，第二泡同样好喝。",
                "避光保存，远离异味。", "一包能泡四十杯左右。",
            )),
    },
    "juice": {
        "en": Words(
            nouns=("juice", "fruit juice", "orchard juice"), measures=("a bottle of",),
            notes={
                "ginger": Note(
                    ("ginger",), ("with ginger", "with freshly grated ginger"),
                    ("a smoothie with a pungent spice", "a vitamin boost with a warming spice",
                     "a vitamin shot that burns in the throat", "a smoothie, pungent and warming")),
                "mint": Note(
                    ("mint",), ("with mint", "with a sprig of mint"),
                    ("a smoothie that cools like menthol", "a vitamin boost that cools the mouth",
                     "a menthol smoothie", "a vitamin shot that tastes of menthol")),
            },
            tags=("one serving", "cold pressed", "no sugar added", "not from concentrate", "with pulp"),
            details=(
                "Pressed cold, bottled within the hour.",
                "Shake it, because the pulp settles.",
                "No sugar or water is added.",
                "Best on the day you open it.",
                "Half a kilo of fruit goes into every bottle.",
            )),
        "zh": Words(
            nouns=("果汁", "鲜榨果汁"), measures=("一瓶",),
            notes={
                "ginger": Note(
                    ("生姜味", "姜味"), ("生姜味", "加生姜汁"),
                    ("喝了暖胃的维生素饮品", "有点辛辣的维生素饮品", "辛辣暖身的果昔", "喝完喉咙热热的维生素饮品")),
                "mint": Note(
                    ("薄荷味", "薄荷"), ("薄荷味", "加薄荷叶"),
                    ("清凉的果昔", "像口香糖一样凉的维生素饮品", "喝着凉凉的果昔", "清凉的维生素饮品")),
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
                    ("a citrus drink with morello syrup", "a tart squash that tastes of maraschino",
                     "a tart thirst quencher with morello syrup")),
            },
            tags=("500 ml", "hand-squeezed", "made with cane sugar", "swing-top bottle", "best over ice"),
            details=(
                "Lemons are squeezed by hand every morning.",
                "At its best ice-cold.",
                "Sweet at first, a little sour at the end.",
                "Sweetened with cane sugar, but not too much.",
                "Turn the bottle gently before you open it.",
            )),
        "zh": Words(
            nouns=("柠檬水", "柠檬饮料"), measures=("一瓶",),
            notes={
                "cherry": Note(
                    ("樱桃",), ("樱桃味", "加樱桃汁"),
                    ("加了车厘子的酸甜饮品", "加了车厘子的柑橘冷饮", "聚会喝的车厘子酸味饮品")),
            },
            tags=("500毫升", "瓶装", "蔗糖调味", "加冰更佳", "山泉水制"),
            details=(
                "柠檬都是当天早上手工榨的。", "倒在冰块上，再放一片柠檬。", "入口清甜，回味微酸。",
                "用蔗糖调味，甜而不腻。", "开瓶前轻轻倒转一下。",
            )),
    },
    "milk": {
        "en": Words(
            nouns=("milk", "whole milk"), measures=("a bottle of",),
            notes={
                "vanilla": Note(
                    ("vanilla", "vanilla-flavoured"), ("with vanilla",),
                    ("something creamy that tastes of custard", "a dairy treat like crème brûlée",
                     "a custard drink that helps my daughter nod off")),
                "caramel": Note(
                    ("caramel", "caramel-flavoured"), ("with caramel",),
                    ("something creamy that tastes of toffee", "a dairy treat with burnt sugar",
                     "a toffee drink that helps my daughter nod off")),
            },
            tags=("500 ml", "gently pasteurised", "from grass-fed cows", "keep chilled"),
            details=(
                "The cows graze outside from April to October.",
                "It is only lightly sweetened.",
                "Shake well before you pour.",
                "As delicious cold as it is warm.",
                "Use within three days of opening.",
            )),
        "zh": Words(
            nouns=("牛奶", "牛奶饮品"), measures=("一瓶", "一盒"),
            notes={
                "vanilla": Note(
                    ("香草味", "香草口味"), ("香草味", "香草风味"),
                    ("有布丁味道的奶味饮料", "冰淇淋味的奶味饮料", "给女儿喝的布丁味饮料")),
                "caramel": Note(
                    ("焦糖味", "焦糖口味"), ("焦糖味", "焦糖风味"),
                    ("有太妃糖味道的奶味饮料", "像太妃糖一样的奶味饮料", "给女儿喝的太妃糖饮料")),
            },
            tags=("500毫升", "巴氏杀菌", "牧场直供", "冷藏保存"),
            details=(
                "奶牛四月到十月都在户外吃草。", "低温巴氏杀菌。", "喝前摇匀，七度以下冷藏。",
                "凉着喝不错，温一温更香。", "开封后三天内喝完。",
            )),
    },
}
# fmt: on
