"""The month that a page's address asks for."""

from django.http import Http404

from office.months import Month


def month_asked(request) -> Month | None:
    """`?month=2026-11`; None when nothing is asked, 404 for a month that does not exist."""
    text = request.GET.get("month", "")
    try:
        return Month.parse(text) if text else None
    except ValueError:
        raise Http404 from None
