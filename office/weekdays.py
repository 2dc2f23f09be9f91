"""Days of the week in the fewest letters, for columns."""

from datetime import date

from django.utils.translation import pgettext_lazy

SHORT = (
    pgettext_lazy("weekday", "Mo"),
    pgettext_lazy("weekday", "Tu"),
    pgettext_lazy("weekday", "We"),
    pgettext_lazy("weekday", "Th"),
    pgettext_lazy("weekday", "Fr"),
    pgettext_lazy("weekday", "Sa"),
    pgettext_lazy("weekday", "Su"),
)
NAMES = (
    pgettext_lazy("day of the week", "Mon"),
    pgettext_lazy("day of the week", "Tue"),
    pgettext_lazy("day of the week", "Wed"),
    pgettext_lazy("day of the week", "Thu"),
    pgettext_lazy("day of the week", "Fri"),
    pgettext_lazy("day of the week", "Sat"),
    pgettext_lazy("day of the week", "Sun"),
)
SATURDAY, SUNDAY = 5, 6


def short(day: date) -> str:
    """ "Mo" to "Su", 一 to 日."""
    return str(SHORT[day.weekday()])


def name(day: date) -> str:
    """ "Mon" to "Sun", 周一 to 周日."""
    return str(NAMES[day.weekday()])
