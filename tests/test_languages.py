"""Chinese first, English complete: no page, notice, file or command speaks a word of the other language.

The English department holds Latin letters only, the Chinese one none: a Chinese character on an English page is a leak,
and so are two Latin letters in a row on a Chinese one. What is marked with another `lang` is meant to be in it.
"""

import ast
import re
from collections.abc import Iterator
from contextlib import ExitStack
from io import StringIO
from itertools import chain
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.utils import translation

import messages
from office import clock
from office.models import Upload
from people.models import Department, Right, Role, User
from people.services import set_rights
from rulebooks.keys import every_key
from tests.conftest import LIBRARY
from tests.factories import JOINED
from tests.pages import reading
from tests.pages.asking import never_kept, signed_in
from tests.pages.row import Page
from tests.pages.table import TABLE
from tests.pages.world import World, build, empty

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.pages]
SOURCE = LIBRARY / "three-shift-desk.yaml"
LANGUAGES = ("en", "zh-hans")
ROOT = settings.BASE_DIR
OURS = ("config", "desk", "kpi", "handover", "shifts", "ledger", "rulebooks", "people", "office")
GETTEXTS = {"_", "gettext", "ngettext", "pgettext", "npgettext", "gettext_noop"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!%)%[sd]|\{\w*\}")

both_languages = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def houses(django_db_setup, django_db_blocker) -> Iterator[dict[str, list[World]]]:
    """In each language a department in which much has happened, one without anything, and one without a rulebook."""
    with django_db_blocker.unblock(), ExitStack() as ends:
        # Nobody is counted.
        ends.enter_context(override_settings(ACCOUNT_RATE_LIMITS=False, DEMO=True))
        ends.enter_context(never_kept())
        source, made = SOURCE.read_bytes(), {}
        for language, other in zip(LANGUAGES, reversed(LANGUAGES), strict=True):
            # Everything in it was done by people who read the other language: nothing of that may be kept.
            ends.enter_context(translation.override(other))
            worlds = [build(f"house-{language}", source, language), empty(f"new-{language}", language, source)]
            worlds.append(empty(f"bare-{language}", language))
            rights = {right: [*Role] for right in Right.values}
            set_rights(department=worlds[-1].department, rights=rights, from_day=JOINED)
            made[language] = worlds
        ends.enter_context(clock.at(worlds[0].evening))
        yield made


# What a rulebook file is written with, as the help beside the editor names it, and two keys of the keyboard.
WORDS_OF_A_FILE = frozenset(
    {"true", "false", "Tab", "Esc", "Enter", "JPEG", "PNG", "WebP", "PDF", "MB", "JSON", "xlsx", "csv", "tsv"}
    | {key.name for key in every_key()}
    | {value for key in every_key() for value in key.values}
)


def known_to(world: World) -> frozenset[str]:
    """Names that stand on pages as they are: who signs in, and what the rulebook calls its parts."""
    names = {user.username for user in world.people.values()} | {world.department.code, "three-shift-desk"}
    names |= set(Upload.objects.filter(department=world.department).values_list("name", flat=True))
    rulebook = world.rulebook_or_none
    if rulebook:
        kinds = rulebook.leave.kinds if rulebook.leave else ()
        parts = chain(rulebook.shifts, rulebook.clauses, rulebook.scorecard.indicators, [rulebook.rest], kinds)
        names |= {part.code for part in parts}
        # The quick capture is told them for its buttons.
        names |= {category.code for category in rulebook.notebooks.issue_register.categories}
    return frozenset(names) | WORDS_OF_A_FILE


def readings(page: Page, world: World, language: str, most: int) -> Iterator[tuple[str, HttpResponse]]:
    """What the page answers to those who may read it, at most so many of them; and its Excel file, where it has one."""
    # A colleague sees what an agent sees, and a leader what an agent and a supervisor do.
    readers = [name for name in page.entitled(world) if name not in ("colleague", "leader")] or page.entitled(world)
    for number, name in enumerate(readers[:most] if page.gets else ()):
        client, address = signed_in(world.people[name], language), page.address(world)
        yield name, client.get(address)
        if number == 0:
            file = client.get(address + ("&" if "?" in address else "?") + "export=xlsx")
            if "html" not in file.headers.get("Content-Type", ""):
                yield f"{name}, exported", file


def sendings(page: Page, world: World, language: str) -> Iterator[tuple[str, HttpResponse]]:
    """What it answers to a form with nothing in it, and to one that is right: with the toast that follows."""
    forms = {"nothing": {}, "nothing by htmx": {}, "a form": page.sent(world)} if page.posts else {}
    for name in page.entitled(world)[:1]:
        for what, data in forms.items():
            headers = {"HX-Request": "true"} if "htmx" in what else {}
            with never_kept():
                client = signed_in(world.people[name], language)
                yield f"{name}, sending {what}", client.post(page.address(world), data, headers=headers, follow=True)


@both_languages
# What programs ask is answered in codes and keys; tests/shifts/test_api.py reads the sentences beside them.
@pytest.mark.parametrize("page", [page for page in TABLE if not page.name.startswith("api:")], ids=str)
def test_a_page_speaks_one_language_and_writes_days_and_money_one_way(page, language, houses):
    faults: dict[str, str] = {}
    for busy, world in zip((True, False, False), houses[language], strict=True):
        if not busy and page.needs_things(world):
            continue
        known = known_to(world)
        # Pages of a department differ from role to role; without anything in it less so.
        most = len(world.people) if busy and page.in_department else 2
        sent = sendings(page, world, language) if busy else ()
        for who, answer in chain(readings(page, world, language, most), sent):
            texts = reading.texts_of(answer, language)
            for text in reading.strange(texts, language, known) + reading.misshapen(texts):
                faults.setdefault(text, f"{world.department.code} {who}: {text}")
    assert not faults, f"{page} in {language}:\n" + "\n".join(faults.values())


def test_whoever_is_refused_is_told_so_in_their_language(client, houses):
    for language, (world, *_others) in houses.items():
        agent = signed_in(world.people["agent"], language)
        stranger = Client(headers={"accept-language": language})
        careless = Client(enforce_csrf_checks=True, headers={"accept-language": language})
        told = {
            403: agent.get(f"/d/{world.department.code}/dues/"),
            404: agent.get("/no/such/page/"),
            405: stranger.get("/no/such/page/"),
            "no token": careless.post("/accounts/login/", {"login": "a", "password": "b"}),
            "no host": agent.get("/", headers={"host": "elsewhere.example"}),
        }
        for status, answer in told.items():
            assert reading.strange(reading.texts_of(answer, language), language) == [], status


@both_languages
@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "templates").glob("[0-9]*.html")))
def test_no_page_of_trouble_does(name, language):
    """Also of those that no test can bring about: they stand without a request."""
    with translation.override(language):
        texts = reading.html_texts(render_to_string(name), language)
    assert len(texts) > 2
    assert reading.strange(texts, language) == []


# -- What is not a page ------------------------------------------------------------------------------------------------


def marked(names: set[str]) -> Iterator[tuple[str, str]]:
    """(file, message) of every text marked by one of these functions in our sources."""
    for room in OURS:
        for path in sorted((ROOT / room).rglob("*.py")):
            tree = ast.parse(path.read_text())
            called = {
                alias.asname or alias.name
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom)
                for alias in node.names
                if alias.name in names
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in called:
                    for argument in node.args[:1]:
                        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                            yield str(path.relative_to(ROOT)), argument.value


def test_every_text_marked_for_later_is_translated_with_the_same_blanks():
    found = list(marked({"gettext_noop"}))
    assert len(found) > 10
    wrong = []
    with translation.override("zh-hans"):
        for file, text in found:
            said = translation.gettext(text)
            if said == text and reading.LATIN.search(PLACEHOLDER.sub("", text)):
                wrong.append(f"{file}: not translated: {text}")
            elif set(PLACEHOLDER.findall(said)) != set(PLACEHOLDER.findall(text)):
                wrong.append(f"{file}: other blanks: {text} → {said}")
    assert not wrong, "\n".join(wrong)


def test_no_message_hides_in_an_f_string(request):
    """xgettext does not look into them: such a text never comes into the catalog."""
    hidden = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for room in OURS
        for path in sorted((ROOT / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in GETTEXTS
    ]
    assert hidden == []


def catalog() -> list[messages.Entry]:
    return list(messages.entries_of((ROOT / messages.CATALOG).read_text()).values())


def test_no_translation_loses_or_invents_a_blank():
    wrong = []
    for entry in catalog():
        wanted = set(PLACEHOLDER.findall(entry.plural or entry.msgid))
        # "one customer" needs no number; its plural does.
        for text in entry.translations.values():
            if text and set(PLACEHOLDER.findall(text)) != wanted:
                wrong.append(f"{entry.msgid!r} → {text!r}")
    assert not wrong, "\n".join(wrong)


def test_what_is_counted_is_counted_in_both_languages():
    counted = [entry for entry in catalog() if entry.plural]
    assert len(counted) > 5
    for entry in counted:
        assert list(entry.translations) == [0], f"Chinese has one form: {entry.msgid!r}"
        for number in (0, 1, 2, 21):
            with translation.override("zh-hans"):
                assert ngettext_of(entry, number) == entry.translations[0]
            with translation.override("en"):
                assert ngettext_of(entry, number) == (entry.msgid if number == 1 else entry.plural)


def ngettext_of(entry: messages.Entry, number: int) -> str:
    if entry.context:
        return translation.npgettext(entry.context, entry.msgid, entry.plural, number)
    return translation.ngettext(entry.msgid, entry.plural, number)


def test_english_is_never_filled_up_with_chinese():
    """The site's own language is Chinese; what English lacks must not fall back to it."""
    with translation.override("en"):
        assert [text.msgid for text in catalog() if reading.CHINESE.search(translation.gettext(text.msgid))] == []


@both_languages
def test_no_choice_of_a_model_does(language):
    with translation.override(language):
        labels = {
            str(label)
            for model in apps.get_models()
            if model._meta.app_label in OURS
            for field in model._meta.get_fields()
            for _value, label in getattr(field, "choices", None) or ()
        }
    assert len(labels) > 20
    assert reading.strange(sorted(labels), language) == []


@both_languages
def test_no_letter_does(language, houses, client, request):
    """allauth's letters: the link to a new password."""
    world = houses[language][0]
    user = world.people["agent"]
    with never_kept():
        User.objects.filter(pk=user.pk).update(email="agent@example.org")
        client.post("/accounts/password/reset/", {"email": "agent@example.org"}, headers={"accept-language": language})
    letter = mail.outbox[0]
    # The address of the site and the user's name are the same in every language.
    text = re.sub(r"https?://\S+|example\.com|testserver", " ", f"{letter.subject}\n{letter.body}")
    assert reading.strange([text], language, known_to(world)) == []


def known_fault(request, language: str, reason: str) -> None:
    """What stays English for Chinese readers as yet; whoever mends it takes the reason away."""
    if reason and language == "zh-hans":
        request.applymarker(pytest.mark.xfail(strict=True, reason=reason))


COMMANDS = [
    ("verify_ledger",),
    ("demo_accounts",),
    ("score_month", "2026-10", "--department", "{code}"),
    ("score_month", "2026-10", "--department", "nowhere"),
    ("score_month", "soon", "--department", "{code}"),
    ("score_month", "2027-10", "--department", "{code}"),
    ("import_rulebook", "{file}", "--department", "{code}", "--from", "2026-12-01"),
    ("import_rulebook", "{file}", "--department", "{code}", "--from", "2026-01-01"),
    ("import_rulebook", "{file}", "--department", "{code}", "--from", "soon"),
    ("import_rulebook", "{file}", "--department", "nowhere", "--from", "2026-12-01"),
    ("import_rulebook", "{broken}", "--department", "{code}", "--from", "2026-12-01"),
]


QUOTED = r"""/\S+|\b[\w.]+(?=: )|"Broken One\""""
# What one types stands as it is typed.
WORDS_OF_COMMANDS = frozenset({"department", "from", "nowhere", "soon", "import_rulebook", "score_month", "back-dated"})


@both_languages
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_does(command, language, houses, tmp_path, request):
    world, broken = houses[language][0], tmp_path / "broken.yaml"
    broken.write_text("banzu: 1\ncode: Broken One\nshifts: 7\nmore: {}\n")
    blanks = {"code": world.department.code, "file": str(SOURCE), "broken": str(broken)}
    out = StringIO()
    with never_kept(), translation.override(language):
        try:
            call_command(*[part.format(**blanks) for part in command], stdout=out, stderr=out)
        except CommandError as refusal:
            out.write(str(refusal))
    # Files, and what a mistake of a rulebook quotes of it: its key and its value.
    said = re.sub(QUOTED if "{broken}" in command else r"/\S+", " ", out.getvalue())
    codes = frozenset(Department.objects.values_list("code", flat=True))
    assert reading.strange(said.splitlines(), language, known_to(world) | codes | WORDS_OF_COMMANDS) == []


# -- Scripts and style sheets ------------------------------------------------------------------------------------------


def strings_of(source: str) -> Iterator[str]:
    """The string literals of a script, in order; comments are passed over."""
    token = r"""//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`"""
    for match in re.finditer(token, source, re.DOTALL):
        if match[0][0] in "\"'`":
            yield match[0][1:-1]


def is_said(text: str) -> bool:
    """Whether a literal reads as words for people: a capital with more to follow, or the end of a sentence."""
    if reading.CHINESE.search(text):
        return True
    return bool(re.match(r"[A-Z][a-z]+ [a-z]+", text) or re.search(r"[a-z]{2,} [a-z]{2,}[.!?…]$", text))


@pytest.mark.parametrize("path", sorted((ROOT / "static/js").glob("**/*.js")), ids=lambda path: path.name)
def test_scripts_hold_no_words(path: Path):
    """What a script says stands in data-… of the page, where the catalog reaches it."""
    source = path.read_text()
    assert [text for text in strings_of(source) if is_said(text)] == []
    shown = re.findall(r"""(?:textContent|innerText|title|placeholder|ariaLabel)\s*=\s*(["'`][^"'`]*["'`])""", source)
    shown += re.findall(r"""setAttribute\(\s*["'](?:aria-label|title|alt)["'],\s*(["'`][^"'`]*["'`])""", source)
    assert [text for text in shown if re.search(r"[A-Za-z]{2}", re.sub(r"\$\{[^}]*\}", "", text))] == []


@pytest.mark.parametrize("path", sorted((ROOT / "static/css").glob("**/*.css")), ids=lambda path: path.name)
def test_style_sheets_hold_no_words(path: Path):
    contents = re.findall(r"""content:\s*(["'])(.*?)\1""", path.read_text())
    assert [text for _quote, text in contents if re.search(r"[A-Za-z]{2}", re.sub(r"\\[0-9a-f]+", "", text))] == []
    assert [text for _quote, text in contents if reading.CHINESE.search(text)] == []
