"""Short words for what the tests of leave look at."""

import re

from django.urls import reverse

from office.models import Notice
from shifts.models import Assignment, Layer

NOTE = b"\xff\xd8\xff\xe0 a doctor's note"
PNG = b"\x89PNG\r\n\x1a\n" + b"png " * 20
SLIP = {"kind": "PL", "first_day": "2026-11-10", "last_day": "2026-11-12", "reason": "My sister's wedding"}


def code_of(refused):
    """The code of the first refusal."""
    return refused.value.error_list[0].code


def cells(person, layer=Layer.PUBLISHED):
    """{day of the month: code} of a person in a layer."""
    rows = Assignment.objects.filter(membership=person.membership, layer=layer)
    return {row.business_date.day: row.code for row in rows.order_by("business_date")}


def told(person):
    return [notice.text for notice in Notice.objects.filter(recipient=person).order_by("pk")]


def page(name, *args, code="desk", **query):
    return reverse(f"shifts:{name}", args=[code, *args], query=query or None)


def text_of(response):
    """What a reader sees: without tags, white space made one."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())
