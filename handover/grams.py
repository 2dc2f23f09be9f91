"""Texts cut into pairs of signs, so that an index of words finds any two signs that stand together: 退款 in 要求退款.

Pure. The databases' indexes know words of letters and digits: a pair is written as the code points of its signs.
"""

import re
import unicodedata

# Signs that are words by themselves: a search for one of them alone is a search for a word.
IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def plain(text: str) -> str:
    """As it is compared: full-width signs as their ordinary ones, no capitals, white space as single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def grams_of(*texts: str) -> str:
    """What the index keeps of these texts: each pair of neighbours and each single ideograph once, sorted."""
    return " ".join(sorted({gram for text in texts for gram in _grams(text)}))


def wanted(words: str) -> list[str]:
    """What an entry must hold to be found by these words, all of it; nothing when they are too short to be looked up.

    It may find too much (the pairs of a longer word may stand apart), never too little: who asks compares the texts.
    """
    found: set[str] = set()
    for word in plain(words).split():
        pairs = {_written(word[at : at + 2]) for at in range(len(word) - 1)}
        found |= pairs or {_written(word)} & {_written(sign) for sign in IDEOGRAPH.findall(word)}
    return sorted(found)


def _grams(text: str) -> set[str]:
    found: set[str] = set()
    for word in plain(text).split():
        found |= {_written(word[at : at + 2]) for at in range(len(word) - 1)}
        found |= {_written(sign) for sign in IDEOGRAPH.findall(word)}
    return found


def _written(signs: str) -> str:
    return "".join(f"u{ord(sign):x}" for sign in signs)
