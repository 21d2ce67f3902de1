"""What people write around a wish when they write at length: nothing in it says what the product is."""

# fmt: off
#: What comes before the wish, a whole sentence: by department, English and Chinese.
REASONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "clothing": (
        ("Ours fell apart last month.", "We have just moved, and half of my clothes are missing.",
         "A friend of ours has just what we are looking for.",
         "I saw somebody on the tram and had to ask where she shops.",
         "Ours got lost on the train last week.", "My sister will not stop talking about hers.",
         "I have been through four shops this afternoon without any luck.",
         "It is time to replace what the moths ate."),
        ("原来的旧了，一直没找到合适的。", "刚搬完家，衣柜里空空的。", "同事刚买了，我看着特别喜欢。",
         "昨天在地铁上看到别人有，想买同样的。", "上次旅行弄丢了，到现在还心疼。", "妹妹天天跟我念叨她新买的。",
         "逛了一下午商场，什么都没看中。", "换季了，想添点新的。"),
    ),
    "food": (
        ("Our neighbour let us taste hers last week.",
         "The pantry is empty and the shops close at six.",
         "My husband emptied the pantry without telling me.",
         "On holiday we had something that I have dreamt of since.",
         "The corner shop no longer stocks what we always bought.", "Our youngest asks for the same thing every day.",
         "I am tired of what the supermarket sells.", "Grandad asked me to bring him something nice."),
        ("在邻居家吃过一次，全家都念念不忘。", "家里没什么吃的了，周末要来客人。", "家里的存货被我老公偷偷吃完了。",
         "去年度假时尝过，一直想再买。", "楼下超市不再卖我们常买的那种了。", "家里人最近老念叨这个。",
         "吃腻了超市里的东西，想换换口味。", "外公让我给他带点好吃的。"),
    ),
    "drinks": (
        ("I tasted something wonderful at a restaurant last Friday.",
         "The shelf is empty and my parents are coming over.",
         "A colleague gave me a taste and I asked at once where it came from.",
         "I would like something new for once.",
         "My flatmate has finished everything again.", "I would like to try a brand that is new to me.",
         "Our usual shop has closed.",
         "A friend brought something to our party and would not say where she had bought it."),
        ("上周五在餐厅喝过，念念不忘。", "家里喝完了，爸妈周日要来。", "同事请我尝了尝，我马上问是哪里买的。",
         "老喝那几样，想换换口味。", "家里的被室友喝完了。", "想试试朋友们都没喝过的。",
         "常去的那家店关门了。", "聚会上有人带了这个，却不肯说在哪儿买的。"),
    ),
}
# fmt: on
