"""The words for clothing, English and Chinese."""

from vocabulary.entry import Note, Words

# fmt: off
CLOTHING: dict[str, dict[str, Words]] = {
    "tshirt": {
        "en": Words(
            nouns=("t-shirt", "tee", "tee shirt"), article="a",
            notes={
                "recycled": Note(
                    ("recycled",), ("made from recycled yarn", "in recycled fabric"),
                    ("a short-sleeved top made out of old clothes", "an eco-friendly top for the gym",
                     "a short-sleeved top spun from worn-out garments", "a sustainable top that avoids waste")),
                "vintage": Note(
                    ("vintage", "retro", "vintage-style"), ("in a vintage cut",),
                    ("a short-sleeved top like in the seventies", "an old-school top",
                     "a short-sleeved top that looks forty years old", "a top like my father wore at college")),
            },
            tags=("crew neck", "relaxed fit", "unisex", "sizes S to XXL", "boxy shape"),
            details=(
                "It keeps its shape after many washes.",
                "The collar does not stretch, and nothing scratches at the back of the neck.",
                "The hem is straight, so it can be tucked in or left out.",
                "Wear it on its own or under a jumper.",
                "Fits true to size; take one size up for a roomy look.",
            )),
        "zh": Words(
            nouns=("T恤", "圆领T恤", "短袖T恤"), measures=("一件",),
            notes={
                "recycled": Note(
                    ("再生面料", "再生纤维"), ("再生面料", "环保再生"),
                    ("旧衣服回收做的夏天上衣", "不浪费资源的半袖", "废旧衣物做成的半袖上衣", "废料再利用做的汗衫")),
                "vintage": Note(
                    ("复古", "复古风"), ("复古风", "复古版型"),
                    ("老派的半袖上衣", "像八十年代的汗衫", "怀旧样式的半袖", "爸爸年轻时穿的那种汗衫")),
            },
            tags=("宽松百搭", "男女同款", "S至XXL码", "落肩剪裁", "四季内搭"),
            details=(
                "多次洗涤也不易变形。", "领口不松垮，后颈没有扎人的标签。", "下摆平直，塞进裤腰或放在外面都好看。",
                "单穿、内搭都合适。", "按平时的尺码选就合适。",
            )),
    },
    "dress": {
        "en": Words(
            nouns=("dress", "A-line dress"), article="a",
            notes={
                "handmade": Note(
                    ("handmade", "hand-sewn"), ("made by hand", "sewn by hand"),
                    ("a gown stitched by a local tailor", "an artisan's gown",
                     "a gown that a seamstress finished stitch by stitch",
                     "a gown that no factory could make")),
                "limited": Note(
                    ("limited-edition",), ("made in limited numbers", "made in a limited run"),
                    ("a gown that nobody else will have", "a rare gown, hard to find",
                     "a gown of which only fifty exist", "a gown for collectors, soon sold out")),
            },
            tags=("fitted waist", "knee length", "with pockets", "sizes 34 to 46"),
            details=(
                "The waist is fitted and the hem swings when you turn.",
                "Two hidden pockets hold a phone and a lipstick.",
                "Goes with flat sandals as well as with heels.",
                "The lining sits smoothly and does not cling.",
                "Hang it up overnight and it needs no ironing.",
            )),
        "zh": Words(
            nouns=("连衣裙", "裙子"), measures=("一条",),
            notes={
                "handmade": Note(
                    ("手工缝制", "手作"), ("手工缝制", "手工制作"),
                    ("裁缝一针一线做的女装", "匠人做的小礼服", "师傅亲自剪裁的小礼服", "不是流水线生产的女装")),
                "limited": Note(
                    ("限量版", "限量"), ("限量发售", "限量版"),
                    ("绝不撞衫的小礼服", "市面上很少见的女装", "全国只做五十件的礼服", "卖完就没有的小礼服")),
            },
            tags=("收腰显瘦", "及膝", "带口袋", "A字版型", "气质优雅"),
            details=(
                "腰部收得恰到好处，转身时裙摆轻轻扬起。", "两侧暗袋放得下手机和唇膏。", "配平底凉鞋或高跟鞋都好看。",
                "内衬服帖，不粘身。", "晚上挂起来，第二天不用熨烫。",
            )),
    },
    "trousers": {
        "en": Words(
            nouns=("trousers", "straight-leg trousers"), measures=("a pair of",),
            notes={
                "lightweight": Note(
                    ("lightweight", "featherlight"), ("that weigh almost nothing", "in a lightweight cloth"),
                    ("airy slacks for hot weather", "slacks you barely feel",
                     "thin slacks for the height of summer", "breezy chinos for the tropics")),
            },
            tags=("mid-rise", "with belt loops", "deep pockets", "lengths 30 to 36", "easy care"),
            details=(
                "The waistband gives a little when you sit.",
                "Deep front pockets and a hidden one at the back for a card.",
                "They roll up small and come out without creases.",
                "Machine wash at 30 °C, no tumble dryer.",
                "Belt loops are wide enough for any belt.",
            )),
        "zh": Words(
            nouns=("长裤", "裤子", "直筒裤"), measures=("一条",),
            notes={
                "lightweight": Note(
                    ("轻薄", "轻薄透气"), ("轻薄透气", "轻薄面料"),
                    ("夏天穿不热的西裤", "不贴腿的凉快工装裤", "大热天穿不闷的西裤", "凉快的阔腿裤，不厚重")),
            },
            tags=("中腰", "深口袋", "显腿长", "免烫", "加长可选"),
            details=(
                "腰头带弹性，久坐不勒。", "前袋够深，后面还有一个放卡的暗袋。", "卷起来不占地方，打开也没有折痕。",
                "30度机洗，不要烘干。", "裤襻够宽，什么腰带都能系。",
            )),
    },
    "socks": {
        "en": Words(
            nouns=("socks", "everyday socks"), measures=("a pair of",),
            notes={
                "kids": Note(
                    ("kids'", "children's"), ("for kids", "for children"),
                    ("something warm for my toddler's feet", "something for a schoolboy's cold feet",
                     "hosiery for a six-year-old", "something for little girls to wear in their boots")),
            },
            tags=("reinforced heels", "non-slip soles", "sizes 24 to 35", "name label inside", "flat seam at the toes"),
            details=(
                "The cuff stays up without pinching.",
                "Heels are reinforced, because playgrounds are rough.",
                "Left and right are the same, so dressing is quicker.",
                "They survive the washing machine week after week.",
                "A flat toe seam keeps blisters away.",
            )),
        "zh": Words(
            nouns=("袜子", "短袜"), measures=("一双",),
            notes={
                "kids": Note(
                    ("儿童",), ("儿童款", "适合小朋友"),
                    ("宝宝脚上穿的", "给幼儿园孩子暖脚丫的", "六岁男孩脚上穿的，要吸汗", "女儿穿在靴子里的")),
            },
            tags=("后跟加固", "防滑底", "三至十岁", "无骨缝头", "可写姓名"),
            details=(
                "袜口有弹力，不掉也不勒。", "后跟加固，在操场上跑也不怕磨。", "不分左右脚，自己穿也很快。",
                "天天机洗也不变形。", "袜头缝得平整，不磨脚。",
            )),
    },
    "scarf": {
        "en": Words(
            nouns=("scarf", "winter scarf"), article="a",
            notes={
                "handmade": Note(
                    ("handmade", "hand-finished"), ("made by hand", "finished by hand"),
                    ("a shawl someone spent weeks on", "an artisan neck warmer",
                     "a shawl from a craftsman's own loom", "a shawl from craftspeople, each one unique")),
                "recycled": Note(
                    ("recycled",), ("made from recycled fibres", "in recycled fabric"),
                    ("a sustainable shawl", "a neck warmer spun out of old jumpers",
                     "an eco-friendly neck warmer", "a shawl from reclaimed textiles")),
            },
            tags=("180 cm", "fringed ends", "gift wrapped", "extra wide", "one size"),
            details=(
                "Long enough to go twice round and tie.",
                "The ends are fringed and knotted so that they do not fray.",
                "Folded, it fits into a coat pocket.",
                "Wash it separately in cool water and dry it flat.",
                "It keeps the draught out, even with your coat open.",
            )),
        "zh": Words(
            nouns=("围巾", "长围巾"), measures=("一条",),
            notes={
                "handmade": Note(
                    ("手工", "手工编织"), ("手工收边", "手工制作"),
                    ("老师傅织的围脖", "匠人织的，脖子上围的", "每条都独一无二的围脖", "手艺人用织机做的围脖")),
                "recycled": Note(
                    ("再生面料", "再生纤维"), ("环保再生", "再生面料"),
                    ("旧毛衣回收做的围脖", "回收料织的围脖", "用废旧纺织品做的围脖", "不浪费材料的、脖子上围的")),
            },
            tags=("加宽", "流苏", "礼盒装", "两面可戴", "秋冬百搭"),
            details=(
                "够长，绕两圈还能打结。", "两端流苏打了结，不易散开。", "折起来能放进大衣口袋。",
                "冷水单独手洗，平铺晾干。", "骑车挡风，晚上披在肩上。",
            )),
    },
    "shoe": {
        "en": Words(
            nouns=("sneakers", "trainers", "shoes"), measures=("a pair of",),
            notes={
                "limited": Note(
                    ("limited-edition",), ("released in limited numbers", "released in a limited run"),
                    ("rare kicks for collectors", "running footwear that soon sells out",
                     "kicks that only a few people own", "hard-to-get footwear for the street")),
            },
            tags=("low cut", "padded collar", "sizes 36 to 46", "numbered box", "removable insole"),
            details=(
                "The heel is padded, and the tongue does not slip.",
                "The laces are long enough for a double knot.",
                "If you have wide feet, go half a size up.",
                "The insole comes out to make room for your own orthotics.",
                "The tread grips on wet paving stones.",
            )),
        "zh": Words(
            nouns=("运动鞋", "休闲鞋"), measures=("一双",),
            notes={
                "limited": Note(
                    ("限量版", "限量"), ("限量发售", "限量编号"),
                    ("收藏家才有的球鞋", "很快断货的跑鞋", "很难抢到的球鞋", "没几个人有的球鞋")),
            },
            tags=("低帮", "36至46码", "附防尘袋", "鞋垫可拆", "透气防滑"),
            details=(
                "后跟加厚，鞋舌不跑偏。", "鞋带够长，能系双结。", "脚宽的可以选大半码。",
                "鞋垫可以取出，换上自己的。", "鞋底抓地，下雨天也不打滑。",
            )),
    },
    "jacket": {
        "en": Words(
            nouns=("jacket", "casual jacket"), article="a",
            notes={
                "lightweight": Note(
                    ("lightweight", "light"), ("that weighs almost nothing", "in a lightweight cloth"),
                    ("a thin windbreaker for spring", "an airy blazer",
                     "a windbreaker you hardly notice on your shoulders", "a thin outer layer for cool evenings")),
                "vintage": Note(
                    ("vintage", "retro"), ("in a vintage cut", "in vintage style"),
                    ("an old-school blazer", "a windbreaker from the eighties",
                     "an outer layer like in old films", "a nostalgic blazer")),
            },
            tags=("two inside pockets", "regular fit", "hip length", "stand-up collar", "sizes XS to XL"),
            details=(
                "The cuffs can be turned back and the collar stands up against the wind.",
                "Two inside pockets are deep enough for a passport.",
                "There is room for a jumper underneath.",
                "A loop at the neck lets you hang it anywhere.",
                "Drizzle rolls off; for a downpour, bring an umbrella.",
            )),
        "zh": Words(
            nouns=("夹克", "夹克外套"), measures=("一件",),
            notes={
                "lightweight": Note(
                    ("轻薄", "轻便"), ("轻薄防风", "轻便好收纳"),
                    ("春天穿的薄风衣", "不压肩膀的薄风衣", "早晚凉时披的薄上装", "穿着不累赘的风衣")),
                "vintage": Note(
                    ("复古", "复古风"), ("复古版型", "复古风"),
                    ("老电影里那种风衣", "怀旧样式的上装", "八十年代感觉的风衣", "老派的上装")),
            },
            tags=("立领", "两个内袋", "男女同款", "春秋百搭", "及腰"),
            details=(
                "袖口可以翻起，立领挡风。", "两个内袋放得下护照。", "里面还能穿一件毛衣。",
                "领后有挂环，随处可挂。", "小雨不透，大雨请带伞。",
            )),
    },
    "shorts": {
        "en": Words(
            nouns=("shorts", "casual shorts"), measures=("a pair of",),
            notes={
                "kids": Note(
                    ("kids'", "children's"), ("for kids", "for children"),
                    ("Bermudas for a boy of eight", "Bermudas for my little girl, size 128",
                     "Bermudas for the little ones")),
                "recycled": Note(
                    ("recycled",), ("made from recycled yarn", "in recycled fabric"),
                    ("sustainable Bermudas for a heatwave", "eco-friendly Bermudas for sunbathing",
                     "Bermudas made out of old fishing nets")),
            },
            tags=("drawstring waist", "above the knee", "three pockets", "quick to dry", "machine washable"),
            details=(
                "A drawstring at the waist keeps them in place.",
                "They dry on the line within an hour or two.",
                "The legs are wide enough to climb and cycle in.",
                "Three pockets hold coins, tissues and a snack.",
                "Grass stains come out at 30 °C.",
            )),
        "zh": Words(
            nouns=("短裤", "休闲短裤"), measures=("一条",),
            notes={
                "kids": Note(
                    ("儿童",), ("儿童款", "适合小朋友"),
                    ("给八岁男孩玩水穿的", "女儿玩沙子时穿的", "宝宝穿的，不到膝盖")),
                "recycled": Note(
                    ("再生面料", "再生纤维"), ("环保再生", "再生面料"),
                    ("废旧渔网做的泳裤", "回收料做的沙滩裤", "旧衣回收做的，遛弯时穿的")),
            },
            tags=("抽绳腰", "膝上款", "三个口袋", "速干", "可机洗"),
            details=(
                "腰间抽绳，松紧随意调。", "晾一两个小时就干。", "裤腿宽，走路骑车都不碍事。",
                "三个口袋，零钱、纸巾都放得下。", "沾了草渍，30度机洗就干净。",
            )),
    },
    "beanie": {
        "en": Words(
            nouns=("beanie", "winter beanie"), article="a",
            notes={
                "handmade": Note(
                    ("handmade", "hand-knitted"), ("made by hand", "knitted by hand"),
                    ("a cosy cap that someone's grandmother crocheted", "an artisan's cap for frosty weather",
                     "a bobble cap from a craftswoman")),
            },
            tags=("one size", "turn-up brim", "fits under a helmet", "unisex", "gift wrapped"),
            details=(
                "Pull it over your ears or turn up the brim.",
                "It stretches to fit every head and springs back.",
                "No two are quite alike.",
                "Thin enough to go under a bicycle helmet.",
                "Wash it in cool water and let it dry on a towel.",
            )),
        "zh": Words(
            nouns=("毛线帽", "冷帽"), measures=("一顶",),
            notes={
                "handmade": Note(
                    ("手工编织", "手织"), ("手工编织", "纯手工"),
                    ("奶奶一针一针钩的护耳帽子", "人家亲手织的，天冷时头上戴的", "手艺人钩的护耳帽子")),
            },
            tags=("均码", "翻边", "可戴在头盔里", "男女通用", "冬季必备"),
            details=(
                "可以拉下来盖住耳朵，也可以翻边戴。", "弹性好，什么头围都合适。", "每一顶都略有不同。",
                "轻薄不臃肿，骑车时能戴在头盔里。", "冷水手洗，铺在毛巾上晾干。",
            )),
    },
}
# fmt: on
