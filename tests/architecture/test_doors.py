"""Every page says who may enter: its view bears for_grant or open_to_all."""

import pytest
from flask import Flask

from pulse import web


def test_every_view_says_who_may_enter(app):
    views = {name: view for name, view in app.view_functions.items() if name != "static"}

    assert views
    assert [
        name for name, view in views.items() if not isinstance(getattr(view, "door", None), web.Door)
    ] == []


def test_an_unmarked_view_keeps_pulse_from_starting():
    planted = Flask("planted")
    planted.add_url_rule("/open", "open", web.open_to_all(lambda: ""))
    planted.add_url_rule("/planted", "planted", lambda: "")
    reception = web.Reception(visitor=lambda: None, sign_in="open")

    with pytest.raises(web.UnmarkedView, match=r": planted$"):
        web.set_up(planted, languages=("en",), reception=reception, menu=(), errors=())
