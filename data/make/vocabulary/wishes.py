"""What people write around a wish when they write at length: nothing in it says what the product is."""

# fmt: off
#: What comes before the wish, a whole sentence: by department, English and Chinese.
REASONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "clothing": (
        ("I am tired of mending old things.", "We have just moved, and half of our clothes are missing.",
         "A friend of ours has just what we are looking for.",
         "I saw somebody on the tram and had to ask where she shops.",
         "We left a suitcase on the train last week.", "My sister keeps telling me about your shop.",
         "I have been through four shops this afternoon without any luck.",
         "It is time to replace what is worn out."),
        ("原来的旧了，一直没找到合适的。", "刚搬完家，好多东西都找不着了。", "同事刚买了，我看着特别喜欢。",
         "昨天在地铁上看到别人有，特别心动。", "上次旅行弄丢了，还没补上。", "妹妹买了之后天天夸，我也心动了。",
         "逛了一下午商场，什么都没看中。", "换季了，想添点新的。"),
    ),
    "food": (
        ("Our neighbour let us taste hers last week.",
         "The pantry is empty and the shops close at six.",
         "My husband emptied the pantry without telling me.",
         "On holiday we had something I have been dreaming about ever since.",
         "The corner shop no longer stocks what we always bought.", "Our youngest asks for the same thing every day.",
         "I am tired of what the supermarket sells.", "Grandad asked me to bring him something nice."),
        ("在邻居家尝过一次，全家都念念不忘。", "家里的快没了，周末爸妈要来住几天。", "家里的存货被我老公偷偷吃完了。",
         "去年度假时尝过，一直忘不了。", "楼下超市不再卖我们常买的那种了。", "家里人最近老念叨这个。",
         "吃腻了超市里的东西，想换换口味。", "外公托我帮他买点合口味的。"),
    ),
    "drinks": (
        ("I tasted something wonderful at a restaurant last Friday.",
         "The shelf is empty and my parents are coming over.",
         "A colleague gave me a taste and I asked at once where it came from.",
         "My usual order is out of stock.",
         "My flatmate has finished everything again.", "My parents-in-law arrive on Friday.",
         "Our usual shop has closed.",
         "A friend brought something to our party and would not say where she had bought it."),
        ("上周五在餐厅喝过，念念不忘。", "家里喝完了，爸妈周日要来。", "同事请我尝了尝，我马上问是哪里买的。",
         "老喝那几样，想换换口味。", "家里的被室友喝完了。", "想试试朋友们都没喝过的。",
         "常去的那家店关门了。", "聚会上有人带了这个，却不肯说在哪儿买的。"),
    ),
}
# fmt: on
