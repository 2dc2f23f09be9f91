"""Lists that can be filtered, sorted, turned page by page, taken along as an Excel file and printed.

A view names its columns once; the page prints its rows as it likes between `components/_table_tools.html`,
`_table_head.html` and `_table_pages.html`. What is chosen stands in the address, so that a list can be sent to
somebody: `?sort=-when&page=2`, `?export=xlsx` for the file, `?rows=all` for paper.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import HttpResponse, QueryDict
from django.utils.functional import Promise

from . import clock
from .excel import CONTENT_TYPE, Kind, workbook

__all__ = ["Choice", "Column", "Kind", "Table"]

# Parameters that say how a list is shown, not what is in it.
SORT, PAGE, EXPORT, ROWS = "sort", "page", "export", "rows"
# On paper and in a file: more rows than any department's month has, and few enough to be made in one request.
MOST_PRINTED = 2_000
MOST_EXPORTED = 50_000


@dataclass(frozen=True)
class Column:
    """One column: its name in the address, its label, what a row has in it, and what to sort by.

    `value` takes a row and gives a plain value (fen for MONEY, an aware datetime for INSTANT). `sort` is the field of a
    queryset, or several; a list of rows is sorted by the value (True) or by what a function of the row gives. Without
    `on_page` a column is in the file only, without `in_file` on the page only.
    """

    name: str
    label: str | Promise
    value: Callable[[Any], Any]
    sort: str | tuple[str, ...] | bool | Callable[[Any], Any] = ()
    kind: Kind = Kind.TEXT
    on_page: bool = True
    in_file: bool = True

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.sort,) if isinstance(self.sort, str) else self.sort if isinstance(self.sort, tuple) else ()

    @property
    def key(self) -> Callable[[Any], Any]:
        return self.sort if callable(self.sort) else self.value

    @property
    def sorts(self) -> bool:
        return bool(self.sort)


@dataclass(frozen=True)
class Head:
    """The head of a column on the page. `order`: "ascending", "descending", or empty when not sorted by it."""

    column: Column
    url: str
    order: str

    @property
    def label(self) -> str:
        return str(self.column.label)

    @property
    def is_number(self) -> bool:
        return self.column.kind.is_number


@dataclass(frozen=True)
class Option:
    label: str
    url: str
    is_on: bool
    count: int | None = None


class Choice:
    """A filter of a few values, shown as a row of buttons. `options`: value, label and perhaps how many rows it has."""

    def __init__(
        self, request, name: str, label: str | Promise, options: Iterable[tuple], *, default: str = ""
    ) -> None:
        self.name, self.label = name, str(label)
        given = [(str(value), str(says), count[0] if count else None) for value, says, *count in options]
        asked = request.GET.get(name, default)
        self.value = asked if asked in {value for value, *_rest in given} else default
        self.options = [
            Option(says, address(request.GET, **{name: value if value != default else None, PAGE: None}), on, count)
            for value, says, count in given
            for on in [value == self.value]
        ]

    @property
    def is_chosen(self) -> bool:
        return any(option.is_on for option in self.options[1:])


def address(query: QueryDict, **changes: object) -> str:
    """The query with some parameters set, or taken out (None): "?state=open&sort=-when"; "?" when none is left."""
    changed = query.copy()
    for name, value in changes.items():
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = str(value)
    return f"?{changed.urlencode()}"


class Table:
    """The rows of one list as this request wants to see them.

    `rows`: a queryset (sorted by the database) or a sequence. `order`: the column's name it is sorted by at first, with
    "-" for the other way round; empty keeps the order of `rows`. `form`: a form class of GET fields, already applied to
    `rows` by the view through `cleaned(request, form)`. Unknown sorts and pages are answered with the first ones.
    """

    def __init__(
        self,
        request,
        columns: Sequence[Column],
        rows: QuerySet | Sequence,
        *,
        name: str,
        title: str | Promise,
        order: str = "",
        per_page: int = 25,
        zone: ZoneInfo | None = None,
        form: forms.Form | None = None,
        choices: Sequence[Choice] = (),
    ) -> None:
        self.request, self.columns, self.name, self.title = request, columns, name, str(title)
        self.zone, self.form, self.choices, self.per_page, self.order = zone, form, choices, per_page, order
        self.by, self.descending = self._asked_order()
        self.rows = self._sorted(rows)

    # -- Order ------------------------------------------------------------------------------------------------------
    def _asked_order(self) -> tuple[Column | None, bool]:
        known = {column.name: column for column in self.columns if column.sorts}
        for asked in (self.request.GET.get(SORT, ""), self.order):
            if column := known.get(asked.removeprefix("-")):
                return column, asked.startswith("-")
        return None, False

    def _sorted(self, rows):
        if self.by is None:
            return rows
        if isinstance(rows, QuerySet):
            # What has no value stands last, whichever way; the key makes the order the same on both engines.
            direction = "desc" if self.descending else "asc"
            fields = [getattr(F(field), direction)(nulls_last=True) for field in self.by.fields]
            return rows.order_by(*fields, "-pk" if self.descending else "pk")
        key = self.by.key
        with_value = [row for row in rows if key(row) not in (None, "")]
        without = [row for row in rows if key(row) in (None, "")]
        return sorted(with_value, key=key, reverse=self.descending) + without

    @cached_property
    def head(self) -> list[Head]:
        """The columns on the page; a press on the one it is sorted by turns the order round."""
        return [self._head(column) for column in self.columns if column.on_page]

    def _head(self, column: Column) -> Head:
        if not column.sorts:
            return Head(column, "", "")
        is_by = column is self.by
        # Figures are asked for from the largest on.
        turned = not self.descending if is_by else column.kind.is_number
        url = address(self.request.GET, **{SORT: f"{'-' if turned else ''}{column.name}", PAGE: None, ROWS: None})
        return Head(column, url, ("descending" if self.descending else "ascending") if is_by else "")

    # -- Pages ------------------------------------------------------------------------------------------------------
    @property
    def prints_all(self) -> bool:
        return self.request.GET.get(ROWS) == "all"

    @cached_property
    def page(self) -> Page:
        per_page = MOST_PRINTED if self.prints_all else self.per_page
        return Paginator(self.rows, per_page).get_page(self.request.GET.get(PAGE))

    @property
    def count(self) -> int:
        return self.page.paginator.count

    @property
    def is_filtered(self) -> bool:
        return any(choice.is_chosen for choice in self.choices) or bool(self.form and filled(self.form))

    @property
    def previous_url(self) -> str:
        return address(self.request.GET, **{PAGE: self.page.previous_page_number()})

    @property
    def next_url(self) -> str:
        return address(self.request.GET, **{PAGE: self.page.next_page_number()})

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What else stands in the address, for hidden fields of the filter's form."""
        own = {*(self.form.fields if self.form else ()), PAGE, ROWS, EXPORT}
        return [(name, value) for name, value in self.request.GET.items() if name not in own]

    @property
    def all_url(self) -> str:
        """The same list without any filter."""
        chosen = {choice.name: None for choice in self.choices}
        fields: dict[str, None] = dict.fromkeys(self.form.fields) if self.form else {}
        return address(self.request.GET, **chosen, **fields, **{PAGE: None})

    # -- Paper and file ---------------------------------------------------------------------------------------------
    @property
    def print_url(self) -> str:
        """All rows on one page, for printing; empty when they are there already."""
        if self.prints_all or not self.page.has_other_pages():
            return ""
        return address(self.request.GET, **{ROWS: "all", PAGE: None})

    @property
    def export_url(self) -> str:
        return address(self.request.GET, **{EXPORT: "xlsx", PAGE: None, ROWS: None})

    @property
    def wants_file(self) -> bool:
        return self.request.GET.get(EXPORT) == "xlsx"

    def file(self) -> HttpResponse:
        """All rows that fit the filter, in the order shown, as an Excel file named after department, list and day."""
        now = clock.now()
        columns = [column for column in self.columns if column.in_file]
        made = workbook(
            title=self.title,
            heads=[(str(column.label), column.kind) for column in columns],
            rows=([column.value(row) for column in columns] for row in self.rows[:MOST_EXPORTED]),
            zone=self.zone,
            made_at=now.astimezone(self.zone),
        )
        department = getattr(self.request, "department", None)
        parts = [department.code if department else "", self.name, f"{now.astimezone(self.zone):%Y-%m-%d}"]
        name = quote("-".join(filter(None, parts)))
        response = HttpResponse(made, content_type=CONTENT_TYPE)
        response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
        return response


def filled(form: forms.Form) -> dict[str, Any]:
    """What a filter form asks for: the fields with a valid value; anything else in the address is left aside."""
    form.is_valid()
    cleaned: Mapping[str, Any] = getattr(form, "cleaned_data", {})
    return {name: value for name, value in cleaned.items() if value not in (None, "", [], False)}
