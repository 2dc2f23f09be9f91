"""The checks behind `make check` and CI: each finds what it is for, and only that."""

import pytest

import check_house
import check_report
import lock
import messages


class TestHouseRules:
    @pytest.mark.parametrize(
        ("template", "words"),
        [
            ('<p style="color: red">', "style attribute"),
            ('{% if late %}<p STYLE = "x">{% endif %}', "style attribute"),
            ("<style>p {}</style>", "style element"),
            ('<a hx-on:click="go()">', "hx-on"),
            ('<a onclick="go()">', "inline handler"),
            ("<script>go()</script>", "inline script"),
            ('<script src="{% static "js/a.js" %}">go()</script>', "inline script"),
            ('<a href="javascript:go()">', "javascript:"),
            ('<img src="https://cdn.example.com/a.png">', "cdn.example.com"),
            ('<link href="//cdn.example.com/a.css">', "cdn.example.com"),
        ],
    )
    def test_what_the_policy_of_the_site_refuses_is_found(self, template, words):
        [(line, found)] = check_house.template_faults(f"<div>\n{template}</div>")
        assert (line, words in found) == (2, True)

    @pytest.mark.parametrize(
        "template",
        [
            '<script src="{% static "js/a.js" %}" defer></script>',
            '{% include "x.html" with style="wide" only %}',
            '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
            "{# style= https://example.com #}{% comment %}<style>{% endcomment %}<!-- hx-on -->",
            '<p class="onward" data-style="x">one=1 / two // three</p>',
        ],
    )
    def test_what_it_allows_is_not(self, template):
        assert list(check_house.template_faults(template)) == []

    def test_files_are_named_with_their_line(self, tmp_path):
        (tmp_path / "templates").mkdir()
        (tmp_path / "templates" / "a.html").write_text('<p>\n<p style="x">')
        (tmp_path / "desk").mkdir()
        (tmp_path / "desk" / "long.py").write_text("x = 1\n" * 451)
        (tmp_path / "static" / "vendor").mkdir(parents=True)
        (tmp_path / "static" / "own.css").write_text("@import 'https://example.com/x.css'")
        (tmp_path / "static" / "vendor" / "theirs.css").write_text("/* https://example.com */ a {url(//example.com/x)}")
        found = list(check_house.faults(tmp_path))
        assert [line.split(": ")[0] for line in found] == [
            "templates/a.html:2",
            "static/own.css:1",
            "static/vendor/theirs.css:1",
            "desk/long.py:451",
        ]


CATALOG = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

#: a.py
msgid "Night"
msgstr "夜班"

#, python-format
msgid "%(count)s shift"
msgid_plural "%(count)s shifts"
msgstr[0] "%(count)s 个班次"

msgctxt "of a month"
msgid ""
"Closed"
msgstr ""
"已结"
"算"

#~ msgid "Gone"
#~ msgstr "没有了"
"""


class TestCatalog:
    def complaints(self, catalog, sources=CATALOG):
        return messages.complaints(catalog=catalog, sources=sources)

    def test_a_complete_catalog_has_no_fault(self):
        assert self.complaints(CATALOG) == []
        assert len(messages.entries_of(CATALOG)) == 3

    @pytest.mark.parametrize(
        ("old", "new", "fault"),
        [
            ('"夜班"', '""', "not translated: 'Night'"),
            ('"%(count)s 个班次"', '""', "not translated: '%(count)s shift'"),
            ("#: a.py", "#, fuzzy", "marked fuzzy: 'Night'"),
            ('msgid "Night"\nmsgstr "夜班"', "", "not in the catalog: 'Night'"),
            ("#~ msgid", "msgid", "no longer used: 'Gone'"),
        ],
    )
    def test_each_kind_of_gap_is_named(self, old, new, fault):
        catalog = CATALOG.replace(old, new).replace("#~ msgstr", "msgstr" if new == "msgid" else "#~ msgstr")
        assert self.complaints(catalog) == [fault]

    def test_the_same_text_in_another_context_is_another_message(self):
        catalog = CATALOG.replace('msgctxt "of a month"\n', "")
        assert self.complaints(catalog) == ["no longer used: 'Closed'", "not in the catalog: 'Closed'"]


class TestLock:
    def test_a_lock_that_fits_has_no_fault(self):
        locks = {"requirements.txt": "django==5.2.1\n"}
        assert lock.complaints(locks, locks) == []

    def test_a_missing_package_is_shown(self):
        found = lock.complaints({"requirements.txt": "a==1\n"}, {"requirements.txt": "a==1\nb==2\n"})
        assert found == ["requirements.txt does not fit pyproject.toml (run: make lock)", "    +b==2"]

    def test_an_address_is_refused(self):
        locks = {"requirements.txt": "--index-url https://packages.example.com/simple\n"}
        assert lock.complaints(locks, locks) == [
            "requirements.txt holds an address: --index-url https://packages.example.com/simple"
        ]


class TestReport:
    def complaints(self, tmp_path, *cases):
        path = tmp_path / "report.xml"
        path.write_text(f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>")
        return check_report.complaints(path)

    def test_browser_tests_that_ran_are_enough(self, tmp_path):
        walk = '<testcase file="tests/browser/test_walk.py" name="test_walk"/>'
        skipped = '<testcase file="tests/office/test_x.py" name="x"><skipped message="no"/></testcase>'
        assert self.complaints(tmp_path, walk, skipped) == []

    def test_a_skipped_one_is_named_with_its_reason(self, tmp_path):
        skipped = (
            '<testcase file="tests/browser/test_walk.py" name="test_walk"><skipped message="no Chromium"/></testcase>'
        )
        assert self.complaints(tmp_path, skipped) == ["browser test skipped: test_walk: no Chromium"]

    def test_none_at_all_is_a_fault(self, tmp_path):
        other = '<testcase file="tests/office/test_x.py" name="x"/>'
        assert self.complaints(tmp_path, other) == ["no browser test was run: there is none in tests/browser/"]
        assert self.complaints(tmp_path) == ["no test was run"]
