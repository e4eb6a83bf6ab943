"""The benchmark of hostile strings: what it looks for, and a small run of it."""

import pytest
from playwright.sync_api import Browser

from benchmarks.hostile import lines, said
from benchmarks.hostility.pages import Page, dangers
from benchmarks.hostility.strings import HOSTILE, strings
from benchmarks.hostility.visits import is_formula

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


def test_hostile_strings_run_nowhere_and_become_no_formula(browser: Browser):
    if not HOSTILE.is_dir():
        pytest.skip("the hostile strings of ../shared/data are not here")
    report = said(strings(40)[20:21], browser, samples=1, read=2, roles=("customer", "employee"))
    assert (report.ran, report.violations, report.formulas, report.faults) == ([], [], [], [])
    assert report.forms > 10
    assert report.sent > 10
    assert report.visited > 20
    assert len(lines(report)) >= 6
