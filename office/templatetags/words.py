from datetime import date

from django import template

from office import weekdays
from office.lists import joined as as_line

register = template.Library()


@register.filter
def weekday(day: date) -> str:
    """The day of the week as people say it: "Mon", 周一."""
    return weekdays.name(day)


@register.filter
def joined(names) -> str:
    """Names in one line, with the comma of the language."""
    return as_line(names)
