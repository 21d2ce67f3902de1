"""How people mistype: neighbouring keys in English; in Chinese a word that sounds or looks alike, or pinyin."""

import numpy as np

#: Keys beside each key of an English keyboard.
NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry", "u": "yi",
    "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
#: English words in which nobody notices a slip.
SMALL_WORDS = ("from", "with", "that", "made")
#: What the input method offers instead of a word: (same sound or similar shape, ..., pinyin).
SLIPS = {
    "T恤": ("T血", "T续", "txu"), "短袖": ("短秀", "duanxiu"), "连衣裙": ("连一裙", "莲衣裙", "lianyiqun"),
    "裙子": ("群子", "qunzi"), "长裤": ("长库", "changku"), "裤子": ("库子", "kuzi"),
    "直筒裤": ("直桶裤", "zhitongku"), "袜子": ("袜纸", "wazi"), "短袜": ("短抹", "duanwa"),
    "围巾": ("围金", "违巾", "weijin"), "运动鞋": ("运动协", "yundongxie"), "休闲鞋": ("修闲鞋", "xiuxianxie"),
    "鞋子": ("邪子", "xiezi"), "夹克": ("甲克", "jiake"), "外套": ("外淘", "waitao"), "短裤": ("短库", "duanku"),
    "毛线帽": ("毛线冒", "maoxianmao"), "汤": ("烫", "tang"), "冷帽": ("冷冒", "lengmao"),
    "果粒酱": ("果粒浆", "guolijiang"), "蔬菜汤": ("疏菜汤", "shucaitang"), "薯片": ("署片", "暑片", "shupian"),
    "土豆片": ("土逗片", "tudoupian"), "果酱": ("果浆", "果将", "guojiang"), "苹果": ("平果", "苹菓", "pingguo"),
    "面包": ("面抱", "mianbao"), "奶酪": ("奶烙", "nailao"), "芝士": ("知士", "zhishi"),
    "蛋糕": ("旦糕", "蛋高", "dangao"), "梨": ("离", "li"), "红酒": ("洪酒", "hongjiu"),
    "葡萄酒": ("葡桃酒", "蒲萄酒", "putaojiu"), "汽水": ("气水", "qishui"), "咖啡": ("咖非", "卡啡", "kafei"),
    "茶叶": ("查叶", "chaye"), "茶": ("察", "cha"), "果汁": ("果汗", "果枝", "guozhi"),
    "柠檬水": ("宁檬水", "ningmengshui"), "柠檬": ("柠蒙", "宁檬", "ningmeng"), "牛奶": ("牛乃", "牛耐", "niunai"),
    "再生": ("在生", "zaisheng"), "复古": ("付古", "复谷", "fugu"), "手工": ("手公", "首工", "shougong"),
    "手作": ("手座", "shouzuo"), "限量": ("线量", "限亮", "xianliang"), "轻薄": ("清薄", "轻博", "qingbo"),
    "轻便": ("清便", "qingbian"), "儿童": ("儿重", "ertong"), "樱桃": ("缨桃", "樱挑", "yingtao"),
    "香草": ("相草", "香早", "xiangcao"), "生姜": ("生江", "生疆", "shengjiang"), "蜜桃": ("密桃", "蜜逃", "mitao"),
    "薄荷": ("薄何", "博荷", "bohe"), "焦糖": ("蕉糖", "焦唐", "jiaotang"), "蜂蜜": ("蜂密", "峰蜜", "fengmi"),
    "有机": ("友机", "有几", "youji"), "烟熏": ("烟薰", "烟勋", "yanxun"), "香辣": ("香拉", "香剌", "xiangla"),
    "清淡": ("清谈", "轻淡", "qingdan"), "橡木": ("像木", "象木", "xiangmu"), "果香": ("果相", "guoxiang"),
}  # fmt: skip


def mistyped(text: str, language: str, rng: np.random.Generator) -> str:
    """A text with one or two slips; an English word keeps its first letter, as hurried fingers do.

    Args:
        text: a query as it was meant.
        language: "en" or "zh".
        rng: chooses what goes wrong.

    Returns:
        A text with at least one slip, if it has an English word of four letters, or a Chinese word of `SLIPS`.
    """
    return _mistyped_chinese(text, rng) if language == "zh" else _mistyped_english(text, rng)


def _mistyped_english(text: str, rng: np.random.Generator) -> str:
    words = text.split(" ")
    long = [place for place, word in enumerate(words) if len(word) > 3 and word not in SMALL_WORDS]
    for choice in rng.permutation(len(long))[: 1 + int(rng.integers(2))]:
        words[long[choice]] = _slip(words[long[choice]], rng)
    return " ".join(words)


def _slip(word: str, rng: np.random.Generator) -> str:
    """One of four slips: two letters swapped, one left out, one doubled, a neighbouring key."""
    places = [i for i in range(1, len(word) - 1) if word[i].lower() in NEIGHBOURS and word[i + 1].lower() in NEIGHBOURS]
    if not places:
        return word
    i = places[rng.integers(len(places))]
    here, after = word[i], word[i + 1]
    keys = NEIGHBOURS[here.lower()]
    slips = (after + here, after, here + here + after, keys[rng.integers(len(keys))] + after)
    slip = slips[rng.integers(len(slips))]
    if slip == here + after:  # two equal letters swapped
        slip = after
    return word[:i] + slip + word[i + 2 :]


def _mistyped_chinese(text: str, rng: np.random.Generator) -> str:
    known = sorted((word for word in SLIPS if word in text), key=lambda word: (-len(word), word))
    known = [word for i, word in enumerate(known) if not any(word in longer for longer in known[:i])]
    for choice in rng.permutation(len(known))[: 1 + int(rng.integers(2))]:
        wrong = SLIPS[known[choice]]
        text = text.replace(known[choice], wrong[rng.integers(len(wrong))])
    return text
