"""The addresses of handover/urls/readings.py, as rows of the table of pages."""

from django.core.files.uploadedfile import SimpleUploadedFile

from handover.models import Reading, ReadingState
from handover.services import keep_file
from handover.services.readings import columns_of, seen_of
from office.sheet_in import read_table
from people.models import Right
from tests.handover.reading_files import STATISTIC_HEADS, statistic, text
from tests.pages.row import ANYBODY, BOTH, POST, Page
from tests.pages.world import WORDS, World

ENGLISH_HEADS = ("Day", "Work number", "Served", "Enquiries", "Enquiries paid", "Sales")


def name_of(world: World) -> str:
    return "Figures.csv" if world.words is WORDS["en"] else "报表.csv"


def a_file(world: World) -> bytes:
    """One good row, one wrong one, headings in the words of the department."""
    day = world.department.today()
    return text(
        ENGLISH_HEADS if world.words is WORDS["en"] else STATISTIC_HEADS,
        statistic(day=day, number=world.people["agent"].memberships.first().work_number),
        statistic(day=day, number=world.words["reason"]),
    )


def sent(world: World):
    upload = SimpleUploadedFile(name_of(world), a_file(world), content_type="text/csv")
    return {"kind": "statistics", "source": world.words["receipt"], "file": upload}


def _draft(world: World) -> Reading:
    """A file that is being checked; made when it is first looked at."""
    found = Reading.objects.filter(department=world.department, state=ReadingState.DRAFT).first()
    return found or keep_file(
        department=world.department,
        kind="statistics",
        source=world.words["receipt"],
        name=name_of(world),
        table=read_table(a_file(world)),
        digest="0" * 64,
        actor=world.people[world.who_holds(Right.IMPORT_FIGURES)],
    )


def draft(world: World):
    return {"pk": _draft(world).pk}


def chosen(world: World):
    return columns_of(_draft(world))


def named(world: World):
    return {"said_0": world.words["reason"], "member_0": world.people["agent"].memberships.first().work_number}


def seen(world: World):
    return {"seen": seen_of(chosen(world), _draft(world).source.names)}


# Programs show a token; whoever is signed in, or nobody, has none.
NO_TOKEN = {"sees": ANYBODY, "answers": (401,), "whole": False}

PAGES: list[Page] = [
    Page("handover:readings", BOTH, may=Right.IMPORT_FIGURES, data=sent),
    # What its check came to is kept with it.
    Page("handover:reading", may=Right.IMPORT_FIGURES, blanks=draft, marks="handover.Reading"),
    Page("handover:reading_columns", POST, may=Right.IMPORT_FIGURES, blanks=draft, data=chosen),
    Page("handover:reading_names", POST, may=Right.IMPORT_FIGURES, blanks=draft, data=named),
    Page("handover:reading_start", POST, may=Right.IMPORT_FIGURES, blanks=draft, data=seen),
    Page("handover:reading_drop", POST, may=Right.IMPORT_FIGURES, blanks=draft),
    Page("handover:reading_wrong", may=Right.IMPORT_FIGURES, blanks=draft, whole=False),
    Page("api:statistics", POST, **NO_TOKEN),
    Page("api:orders", POST, **NO_TOKEN),
]
