"""Settings that cannot be are refused at the start, in words an operator can act on."""

import pytest
from pydantic import ValidationError

import wsgi
from config import Settings
from tests.conftest import Addresses, made


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", "pulse.sqlite"),
        ("urn_url", "mysql://pulse:secret@db/urn"),
        ("night_url", "postgresql://pulse:secret@db:port/pulse"),
        ("site_url", "pulse.example.org"),
        ("ballot_url", "https://"),
        ("smtp_url", "mail.example.org"),
        ("smtp_url", "smtp://mail.example.org:secret"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_with_what_would_be_right(name: str, value: str):
    with pytest.raises(ValidationError) as refused:
        Settings(**{name: value})
    said = refused.value.errors()[0]
    assert said["loc"] == (name,)
    assert "give " in said["msg"]
    assert "secret" not in said["msg"]


def test_addresses_of_the_site_end_without_a_slash():
    assert Settings(site_url="https://pulse.example.org/").site_url == "https://pulse.example.org"


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    nowhere = f"sqlite:///{tmp_path / 'file' / 'pulse.sqlite'}"
    with pytest.raises(wsgi.RefusesToStart, match=r"no database can be kept in .*file"):
        made(Addresses(nowhere, nowhere))
