"""The ends of a text's lines, which a browser sends back all alike (CR LF). Pure: text in, text out."""

import re
from collections import Counter
from difflib import SequenceMatcher

LINE = re.compile("([^\r\n]*)(\r\n|\r|\n|\\Z)")
# Comparing longer ones line by line takes too long; nobody writes them.
MOST_LINES = 5000


def end_of(source: str) -> str:
    """What ends most of its lines."""
    [(end, _times)] = Counter(re.findall("\r\n|\r|\n", source)).most_common(1) or [("\n", 1)]
    return end


def with_ends_of(source: str, text: str, usual: str) -> str:
    """`text` with each line ended as it is in `source`; a line that is not there ends as those around it.

    `usual` ends the lines of a text that says nothing about it.
    """
    old, new = _lines(source), _lines(text)
    ends = {end for _words, end in old if end}
    if len(ends) > 1 and max(len(old), len(new)) <= MOST_LINES:
        return _line_by_line(old, new, usual)
    end = ends.pop() if len(ends) == 1 else usual
    return "".join(words + (end if ended else "") for words, ended in new)


def _line_by_line(old: list[tuple[str, str]], new: list[tuple[str, str]], usual: str) -> str:
    before, after = [words for words, _end in old], [words for words, _end in new]
    found: dict[int, str] = {}
    for kind, first, last, start, stop in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal" or (kind == "replace" and last - first == stop - start):
            found.update(zip(range(start, stop), (end for _words, end in old[first:last]), strict=True))
    made, end = [], old[0][1] or usual
    for index, (words, ended) in enumerate(new):
        end = found.get(index) or end
        made.append(words + (end if ended else ""))
    return "".join(made)


def _lines(text: str) -> list[tuple[str, str]]:
    """Each line's words and its end; the last one may have none."""
    return [(words, end) for words, end in LINE.findall(text) if words or end]
