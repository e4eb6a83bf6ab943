"""Settings that cannot be are refused at the start, in words an operator can act on."""

import pytest
from pydantic import ValidationError

import wsgi
from config import GRANTS, Settings
from pulse.people.models import Grant
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
        ("sms_url", "http://sms.example.org/send?key=secret"),
        ("sms_url", "https://[secret"),
        ("sms_header", "Bearer secret"),
        ("sms_header", "Authorization: Bearer secret\r\nHost: elsewhere"),
        ("sms_body", '{"to": "{to}", "key": "secret"}'),
        ("sms_body", '["{to}", "{text}"]'),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_with_what_would_be_right(name: str, value: str):
    with pytest.raises(ValidationError) as refused:
        Settings(**{name: value})
    said = refused.value.errors()[0]
    assert said["loc"] == (name,)
    assert "give " in said["msg"]
    assert "secret" not in said["msg"]


def test_what_a_gateway_is_to_be_sent_is_json_and_flat_where_it_is_a_form():
    with pytest.raises(ValidationError, match="this is no JSON"):
        Settings(sms_body="to={to}&text={text}")
    nested = '{"messages": [{"to": "{to}", "text": "{text}"}]}'
    assert Settings(sms_body=nested).sms_body == nested
    with pytest.raises(ValidationError, match="a form has no messages"):
        Settings(sms_body=nested, sms_form=True)


def test_a_gateway_on_this_machine_needs_no_encryption():
    assert Settings(sms_url="http://127.0.0.1:8025/send").sms_url == "http://127.0.0.1:8025/send"


def test_addresses_of_the_site_end_without_a_slash():
    assert Settings(site_url="https://pulse.example.org/").site_url == "https://pulse.example.org"


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    nowhere = f"sqlite:///{tmp_path / 'file' / 'pulse.sqlite'}"
    with pytest.raises(wsgi.RefusesToStart, match=r"no database can be kept in .*file"):
        made(Addresses(nowhere, nowhere))


def test_when_customers_may_be_written_to_is_said_in_words():
    said = Settings(sending_hours="8 - 24", sending_days="sun, Mon,mon")
    assert (said.sending_hours, said.sending_days) == ((8, 24), (0, 6))
    assert Settings().sending_hours == (9, 20)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sending_hours", "9"),
        ("sending_hours", "20-9"),
        ("sending_hours", "9-25"),
        ("sending_hours", "9:00-20:00"),
        ("sending_hours", "²-9"),
        ("sending_days", ""),
        ("sending_days", "monday"),
        ("rest_days", 0),
        ("burden_budget", 0),
        ("calling_code", "+33"),
        ("calling_code", "0033"),
    ],
)
def test_hours_days_and_codes_that_cannot_be_are_refused(name: str, value: object):
    with pytest.raises(ValidationError) as refused:
        Settings(**{name: value})
    assert refused.value.errors()[0]["loc"] == (name,)


def test_customers_are_asked_in_the_name_of_the_organisation_or_of_the_sender():
    assert Settings(organisation=" The\nRailway ").asker == "The Railway"
    assert Settings(mail_from="The Railway <ask@example.org>").asker == "The Railway"
    assert Settings(mail_from="ask@example.org").asker == "Pulse"


@pytest.mark.parametrize(
    "said",
    [
        {"oidc_issuer": "http://login.example.org", "oidc_client": "pulse"},
        {"oidc_issuer": "login.example.org", "oidc_client": "pulse"},
        {"oidc_issuer": "https://login.example.org"},
        {"oidc_alone": True},
        {"oidc_scopes": "email profile"},
        {"oidc_grants": "analyst"},
        {"oidc_grants": '{"HR": "boss"}'},
        {"oidc_grants": '{"leads": "manager"}'},
        {"second_factor": "perhaps"},
        {"visit_hours": 169},
        {"visit_idle_minutes": 0},
    ],
    ids=str,
)
def test_ways_to_sign_in_that_cannot_be_are_refused(said: dict[str, object]):
    with pytest.raises(ValidationError) as refused:
        Settings(**said)
    assert refused.value.errors()[0]["loc"][0] in said


def test_a_sign_in_service_is_named_with_the_grants_it_gives():
    said = Settings(
        oidc_client="pulse",
        oidc_issuer="https://login.example.org/",
        oidc_alone=True,
        oidc_team_claim="unit",
        oidc_grants='{"HR": "analyst", "leads": "manager"}',
    )
    assert said.oidc_issuer == "https://login.example.org/"  # to the letter, as the service calls itself
    assert said.oidc_grants == {"HR": "analyst", "leads": "manager"}
    assert {grant.value for grant in Grant} == set(GRANTS)
