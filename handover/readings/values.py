"""What stands in one cell of a file that somebody exported: counts, seconds, yuan, days, instants. Pure.

Every reader takes the text of a cell and gives a value, None for an empty one, or raises `Wrong` with words for it.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from office.money import LARGEST_FEN, to_fen
from office.sheet_in import Value

MOST_COUNT = 999_999
# A month of a hundred people talking without a pause.
MOST_SECONDS = 999_999_999
# What tools write where they have nothing to say.
NOTHING = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "null", "none", "n/a", "nan"})
COUNTED = "人次条个单通笔件轮"
NUMBER = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
PERCENT = re.compile(rf"[-+]?{NUMBER} ?[%‰]")
AMOUNT = re.compile(rf"(-?) ?(?:¥|CNY|RMB)? ?(-?)({NUMBER}) ?(?:元|圆)?", re.IGNORECASE)
COUNT = re.compile(rf"(-?)({NUMBER}) ?[{COUNTED}]?")
SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
CLOCKED = re.compile(r"(?:([0-9]{1,5}):)?([0-9]{1,5}):([0-9]{1,2}(?:\.[0-9]+)?)")
SPELT = re.compile(
    r"(?:([0-9]+) ?(?:小时|时|h))? ?(?:([0-9]+) ?(?:分钟|分|min|m|'))? ?"
    r"(?:([0-9]+(?:\.[0-9]+)?) ?(?:秒钟|秒|sec|s|''|\"))?",
    re.IGNORECASE,
)
DAY = re.compile(r"([0-9]{4})(?:[-/.]|年)([0-9]{1,2})(?:[-/.]|月)([0-9]{1,2})日?")
TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)? ?(Z|[-+][0-9]{2}:?[0-9]{2})?", re.IGNORECASE)
# Excel counts days from here; numbers in this range are days of our time.
EPOCH = date(1899, 12, 30)
DAYS_OF_OUR_TIME = range(36_526, 73_415)
# Colours of flags as tools write them, by their letters and by their numbers.
FLAGS = {
    "red": ("红", "red", "1"),
    "yellow": ("黄", "yellow", "2"),
    "green": ("绿", "green", "3"),
    "blue": ("蓝", "blue", "4"),
    "purple": ("紫", "purple", "5"),
    "": ("灰", "gray", "grey", "0"),
}
YES = frozenset({"是", "yes", "y", "true", "1", "√", "静默", "静默下单", "自助下单"})
NO = frozenset({"否", "no", "n", "false", "0", "×", "x", "非静默", "询单", "询单下单"})


class Wrong(ValueError):
    """A cell that cannot be taken; its text says why, to people."""


def kept(value: Value) -> str:
    """A cell as the text that is kept of it: every digit that Excel shows, an instant to the second."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        # What Excel itself keeps: 15 digits. A number that has more was rounded before it came here.
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime):
        try:
            rounded = value + timedelta(milliseconds=500)
        except OverflowError:
            # The last moment of the calendar.
            rounded = value
        return rounded.date().isoformat() if rounded.time() < time(0, 0, 1) else rounded.isoformat(" ", "seconds")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours:02}:{minutes:02}:{seconds:02}"
    if isinstance(value, date | time):
        return value.isoformat() if isinstance(value, date) else value.isoformat("seconds")
    return clean(str(value))


def clean(text: str) -> str:
    """Without signs that cannot be seen, blanks as one; ="1234" is how some tools keep Excel from rounding 1234."""
    seen = text
    # Most cells have no such sign, and there are many of them.
    if not text.isprintable():
        seen = "".join(" " if sign.isspace() else sign for sign in text if sign.isspace() or _can_be_seen(sign))
    seen = " ".join(seen.split())
    wrapped = re.fullmatch(r"=\"(.*)\"", seen)
    return wrapped[1].strip() if wrapped else seen


def _can_be_seen(sign: str) -> bool:
    return not unicodedata.category(sign).startswith("C")


def plain(text: str) -> str:
    """With full-width signs as narrow ones, and blanks as one."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("−", "-").split())


def count_of(text: str) -> int | None:
    """A whole number of customers, rounds or calls: "1,204", "36人"; no percent, nothing negative."""
    said = plain(text)
    if said.casefold() in NOTHING:
        return None
    if PERCENT.fullmatch(said):
        raise Wrong(_("This is a percentage; a count is wanted."))
    found = COUNT.fullmatch(said)
    if found is None:
        raise Wrong(_("This is no number."))
    number = Decimal(found[2].replace(",", ""))
    if found[1] and number:
        raise Wrong(_("This is negative."))
    if number != number.to_integral_value():
        raise Wrong(_("This is no whole number."))
    if number > MOST_COUNT:
        raise Wrong(_("This is more than %(most)s.") % {"most": MOST_COUNT})
    return int(number)


def mean_of(text: str) -> Decimal | None:
    """Seconds, perhaps with decimals: "80", "36.5秒", "1分20秒", "00:01:20", "1:20"."""
    said = plain(text)
    if said.casefold() in NOTHING:
        return None
    if said.startswith("-"):
        raise Wrong(_("This is negative."))
    if PERCENT.fullmatch(said):
        raise Wrong(_("This is a percentage; a time is wanted."))
    if re.fullmatch(NUMBER, said):
        seconds = Decimal(said.replace(",", ""))
    elif found := CLOCKED.fullmatch(said) or SPELT.fullmatch(said):
        hours, minutes, rest = (Decimal(part or 0) for part in found.groups())
        seconds = 3600 * hours + 60 * minutes + rest
    else:
        raise Wrong(_("This is no time; write seconds, or like 1:20."))
    if seconds > MOST_SECONDS:
        raise Wrong(_("This is more than %(most)s.") % {"most": MOST_SECONDS})
    return seconds


def seconds_of(text: str) -> int | None:
    """Whole seconds, written like a mean; parts of a second are no sum of anything and refused."""
    seconds = mean_of(text)
    if seconds is None:
        return None
    if seconds != seconds.to_integral_value():
        raise Wrong(_("These are no whole seconds."))
    return int(seconds)


def fen_of(text: str) -> int | None:
    """An amount in yuan as fen: "1,234.50", "￥88", "88元"; never negative, at most two decimals."""
    said = plain(text)
    if said.casefold() in NOTHING:
        return None
    if PERCENT.fullmatch(said):
        raise Wrong(_("This is a percentage; an amount is wanted."))
    found = AMOUNT.fullmatch(said)
    if found is None:
        raise Wrong(_("This is no amount."))
    amount = Decimal(found[3].replace(",", ""))
    if (found[1] or found[2]) and amount:
        raise Wrong(_("This is negative."))
    try:
        fen = to_fen(amount)
    except ValueError:
        raise Wrong(_("An amount has at most two decimals.")) from None
    if fen > LARGEST_FEN:
        raise Wrong(_("This amount cannot be."))
    return fen


def day_of(text: str) -> date | None:
    """A day: 2026-11-10, 2026/11/10, 2026.11.10, 2026年11月10日, 20261110, or Excel's number of a day."""
    said = plain(text)
    if said.casefold() in NOTHING:
        return None
    if re.fullmatch(r"[0-9]{8}", said):
        said = f"{said[:4]}-{said[4:6]}-{said[6:]}"
    if re.fullmatch(r"[0-9]{5}", said) and int(said) in DAYS_OF_OUR_TIME:
        return EPOCH + timedelta(days=int(said))
    day, _rest = _day_and_rest(said)
    return day


def _day_and_rest(said: str) -> tuple[date, str]:
    found = DAY.match(said)
    rest = said[found.end() :].lstrip("T").strip() if found else ""
    if found is None or (rest and not TIME.fullmatch(rest)):
        raise Wrong(_("This is no day; write it like 2026-11-10."))
    try:
        return date(*(int(part) for part in found.groups())), rest
    except ValueError:
        raise Wrong(_("There is no such day.")) from None


def instant_of(text: str, zone: ZoneInfo) -> datetime | None:
    """A day and a time on the wall clock of `zone`, unless an offset stands with it; in UTC. A day alone: its start."""
    said = plain(text)
    if said.casefold() in NOTHING:
        return None
    day, rest = _day_and_rest(said)
    found = TIME.fullmatch(rest or "00:00")
    assert found is not None
    try:
        wall = datetime.combine(day, time(int(found[1]), int(found[2]), int(found[3] or 0)))
        if offset := found[4]:
            return datetime.fromisoformat(f"{wall.isoformat()}{offset.upper()}").astimezone(UTC)
        return wall.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Wrong(_("There is no such time.")) from None


def flag_of(text: str) -> str | None:
    """The colour of a flag, as the rulebook's schema names it; "" for a grey one, which is none."""
    said = plain(text).casefold()
    if said in NOTHING:
        return None
    word = said.removeprefix("插").removesuffix("旗").removesuffix("色").removesuffix(".0")
    for colour, called in FLAGS.items():
        if word in called:
            return colour
    raise Wrong(_("This is no flag; there are red, yellow, green, blue and purple."))


def yes_of(text: str) -> bool | None:
    said = plain(text).casefold()
    if said in NOTHING:
        return None
    if said in YES or said in NO:
        return said in YES
    raise Wrong(_("This is neither yes nor no."))


def text_of(text: str, longest: int) -> str | None:
    said = clean(text)
    if len(said) > longest:
        raise Wrong(_("This has more than %(most)s characters.") % {"most": longest})
    return said or None


def number_of(text: str, longest: int) -> str | None:
    """The number of an order, every digit of it: what Excel has rounded is refused."""
    said = plain(clean(text)).lstrip("'")
    if said.casefold() in NOTHING:
        return None
    if SCIENTIFIC.fullmatch(said):
        raise Wrong(_("Excel has rounded this number. Export it as text, or hand in the file as it was exported."))
    return text_of(said, longest)
