"""Addresses and texts of the pages of scores."""

import re

from django.urls import reverse

from tests.kpi.facts import OCTOBER


def url(name, *args, month=OCTOBER, code="desk"):
    return reverse(f"kpi:{name}", args=[code, month, *args])


def text_of(response) -> str:
    """The page as it reads: no tags, single spaces."""
    bare = re.sub(r"<(script|style|svg).*?</\1>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare)).replace("&#x27;", "'")
