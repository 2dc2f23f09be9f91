"""The addresses of handover/urls/search.py, as rows of the table of pages."""

from tests.pages.row import Page

PAGES: list[Page] = [
    Page("handover:search"),
    Page("handover:search", query=lambda world: {"q": world.words["to_do"][:2]}, as_="for words"),
]
