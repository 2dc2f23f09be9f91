"""The buyers of the demo's shop: invented handles and phone numbers, whole as the department has them."""

import random

# How a handle begins, and how it goes on.
_FIRST = (
    "淘气 木木 糖糖 阿宁 橙子 夏天 静静 小鱼 青柠 南风 北岸 云朵 半夏 桃桃 豆豆 麦田 初雪 晚晴 安安 小满 "
    "芒果 星河 乐乐 知秋 海盐 可可 老王 圆圆 阿杰 暖阳 柚子 团团 十一 小北 阿飞 米粒 苏苏 石头 竹子 栗子"
)
_LAST = (
    "小鹿 家的橱柜 的新家 妈妈 爱装修 的小院 不吃辣 在路上 同学 木作 花店 的猫 慢生活 小屋 有点困 "
    "书房 的阳台 爱喝茶 一号 先生 的厨房 看世界 小铺 家居控 不熬夜 今天早睡 搬家中 养猫人 在杭州 很认真"
)
_FIGURES = ("", "", "", "88", "_07", "2026", "521", "66", "_cc", "99")
# The first of a line of numbers that nobody answers.
_PHONE = 13_800_000_001
# The share of those who were here before.
RETURNS = 0.16


class Buyers:
    """Whoever writes to the shop and buys there: mostly somebody new, now and then one of the last again."""

    def __init__(self, chance: random.Random):
        handles = [f"{first}{last}" for first in _FIRST.split() for last in _LAST.split()]
        chance.shuffle(handles)
        self._new = iter([f"{handle}{chance.choice(_FIGURES)}" for handle in handles])
        self._known: list[str] = []
        self._phones = 0
        self._chance = chance

    def next(self) -> str:
        new = None if self._known and self._chance.random() < RETURNS else next(self._new, None)
        if new is None:
            return self._chance.choice(self._known[-200:])
        self._known.append(new)
        return new

    def phone(self) -> str:
        self._phones += 1
        return str(_PHONE + self._phones % 90)
