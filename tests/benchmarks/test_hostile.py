"""The benchmark of hostile strings: what it looks for, and a small run of it."""

import random

import pytest
from playwright.sync_api import Browser

from benchmarks.hostile import lines, said
from benchmarks.hostility.filling import Report
from benchmarks.hostility.forms import Kind
from benchmarks.hostility.pages import Page, dangers
from benchmarks.hostility.strings import HOSTILE, strings
from benchmarks.hostility.visits import is_formula
from benchmarks.hostility.writing import Way, buttons, one_by_one, texts, values

HARMLESS = """<form method="post" action="/x" id="f"><input name="a" value="1&quot;"><textarea name="b">
&lt;script&gt;alert(1)&lt;/script&gt;</textarea><select name="c"><option value="1">One</select></form>
<button form="f" name="d" value="2">Go</button><a href="/on?onload=javascript:alert(1)">x</a>
<script src="/static/x.js"></script><script type="application/json">{"a": "</b>"}</script>"""


def test_a_page_is_read_as_a_browser_reads_it():
    page = Page(HARMLESS)
    assert page.dangers == []
    assert page.links == ["/on?onload=javascript:alert(1)"]
    [form] = page.forms
    assert (form.method, form.action, form.names) == ("POST", "/x", ("a", "b", "c", "d"))
    assert {field.name: field.value.strip() for field in form.fields} == {
        "a": '1"',
        "b": "<script>alert(1)</script>",
        "c": "1",
        "d": "2",
    }


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<script src="https://evil.example/x.js"></script>',
        '<img src="x" onerror="alert(1)">',
        '<a href=" jav\nascript:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
        '<svg><a xlink:href="javascript:alert(1)">x</a></svg>',
        '<iframe src="/x"></iframe>',
        '<base href="//evil.example">',
        '<meta http-equiv="refresh" content="0;url=//evil.example">',
        '<p style="position: fixed">x</p>',
        '<form action="javascript:alert(1)"></form>',
        "<img/onerror=alert(1)>",
        '<a href="&#106;avascript:alert(1)">x</a>',
    ],
)
def test_what_could_run_is_found(text):
    assert len(dangers(f"<main>{text}</main>")) == 1


@pytest.mark.parametrize(
    "text", ["=1+1", " =1", "+1+1", "-1+1", "@A1", "\t=1", "\r=1", "\ufeff=1", "\uff1d1", "--1"]
)
def test_formulas_are_found(text):
    assert is_formula(text)


@pytest.mark.parametrize("text", ["", "1", "-1", "-1.8", "+3,5", "'=1+1", "a=1", "-12%"])
def test_texts_and_numbers_are_no_formulas(text):
    assert not is_formula(text)


FIELDS = """<form method="post" action="/x"><input type="hidden" name="csrf_token" value="t">
<input name="name" required><textarea name="q-late"></textarea><textarea name="q-rude"></textarea>
<input type="email" name="email"><input type="checkbox" name="tick"><input type="password" name="new">
<button name="do" value="check">Check</button><button name="do" value="save">Save</button></form>"""


def test_each_text_field_is_told_from_what_is_chosen():
    [form] = Page(FIELDS).forms
    assert texts(form) == ({"name", "q-late", "q-rude", "new"}, {"email"})
    assert buttons(form) == [("do", "check"), ("do", "save")]
    assert [one_by_one({"name", "q-late", "q-rude"}, number) for number in (0, 1)] == [
        ["name", "q-late"],
        ["name", "q-rude"],
    ]


def test_a_form_holds_the_string_where_it_should_and_what_is_usual_elsewhere():
    [form] = Page(FIELDS).forms
    said = values(form, Way(frozenset({"q-late"}), ("do", "save")), "<b>", random.Random(1))
    assert (said["q-late"], said["q-rude"], said["name"], said["do"]) == ("<b>", "", "plain", "save")
    assert (said["csrf_token"], said["email"]) == ("t", "somebody@example.org")
    said = values(form, Way(frozenset({"email"}), end="@example.org"), "<b> 1", random.Random(1))
    assert said["email"] == "<b>1@example.org"


def test_a_field_without_all_strings_is_told_of():
    kind = Kind("surveys.codes.code", "POST", ("code",))
    report, more = Report(), Report({kind}, 3)
    more.given[kind, "code"] |= {0, 2}
    report.add(more)
    assert report.short(3) == ["POST surveys.codes.code code of code: 2 of 3"]
    assert report.short(2) == []
    assert report.reached == {"surveys.codes.code"}


def test_hostile_strings_run_nowhere_and_become_no_formula(browser: Browser):
    if not HOSTILE.is_dir():
        pytest.skip("the hostile strings of ../shared/data are not here")
    report = said(strings(40)[20:21], browser, samples=1, read=2, roles=("customer", "employee"))
    assert (report.ran, report.violations, report.formulas, report.faults) == ([], [], [], [])
    assert report.short == []
    assert report.fields > report.taken > 15
    assert report.forms > 10
    assert report.sent > 10
    assert report.visited > 20
    assert len(lines(report)) >= 6
