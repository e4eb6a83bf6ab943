"""A fix is put on record, checked, changed until launch and frozen then, by those who may."""

import re

import pytest
from flask.testing import FlaskClient


def test_pages_open(analyst):
    for page in (
        "/register",
        "/register/fix",
        "/register/fix/later",
        "/register/fix/later/dates",
        "/register/fix/refund-48h",
        "/register/fix/refund-48h/dates",
        "/irritants",
        "/irritants/info",
        "/register/irritant",
        "/register/fix?corrects=1",
    ):
        assert analyst.get(page).status_code == 200, page
