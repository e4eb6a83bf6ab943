"""A receiver is called once, at the address that was checked, and for no longer than a few seconds."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from pulse.webhooks import calling
from pulse.webhooks.calling import NoAnswer
from pulse.webhooks.models import Trouble
from tests.pulse.webhooks.receiver import HOST, Receiver, certificate, receiving

SHORT = 0.6  # seconds


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def call(receiver: Receiver, path: str, **more: Any) -> calling.Answer:
    values = {"inwards": (receiver.origin,), "patience": SHORT} | more
    return calling.call(receiver.origin + path, '{"é": 1}', {"webhook-id": "msg_1"}, **values)


def trouble(receiver: Receiver, path: str, **more: Any) -> Trouble:
    with pytest.raises(NoAnswer) as refused:
        call(receiver, path, **more)
    found: Trouble = refused.value.args[0]
    return found


def test_what_is_sent_arrives_whole(receiver):
    assert call(receiver, "/ok?a=b").status == 200
    got = receiver.at("/ok?a=b")[0]
    assert got.body == '{"é": 1}'
    assert got.headers["webhook-id"] == "msg_1"
    assert got.headers["content-type"] == "application/json; charset=utf-8"
    assert f"http://{got.headers['host']}" == receiver.origin


@pytest.mark.parametrize("status", [204, 400, 410, 500])
def test_the_status_is_what_the_receiver_says(receiver, status):
    assert call(receiver, f"/status/{status}").status == status


def test_interim_answers_are_passed_over_and_a_wait_is_heard(receiver):
    assert call(receiver, "/continues").status == 204
    assert call(receiver, "/busy").wait.total_seconds() == 7200


def test_redirects_are_not_followed(receiver):
    before = len(receiver.at("/ok"))
    assert call(receiver, "/redirects").status == 302
    assert len(receiver.at("/ok")) == before


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/hangs", Trouble.TIMEOUT),
        ("/drips", Trouble.TIMEOUT),
        ("/shouts", Trouble.NO_HTTP),
        ("/mumbles", Trouble.NO_HTTP),
    ],
)
def test_what_is_no_answer_is_told_apart_and_waited_for_no_longer(receiver, path, said):
    assert trouble(receiver, path) is said


def test_nobody_there_and_no_encryption_are_told_apart(receiver):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(NoAnswer) as refused:
            calling.call(nobody, "{}", {}, inwards=(nobody,), patience=SHORT)
    assert refused.value.args[0] is Trouble.REFUSED
    plain = receiver.origin.replace("http:", "https:")
    with pytest.raises(NoAnswer) as refused:
        calling.call(plain, "{}", {}, inwards=(plain,), patience=SHORT)
    assert refused.value.args[0] in (Trouble.NOT_TRUSTED, Trouble.TIMEOUT)


def test_without_the_operators_word_nothing_is_sent_to_this_machine(receiver):
    before = len(receiver.got)
    assert trouble(receiver, "/ok", inwards=()) is Trouble.INWARDS
    assert len(receiver.got) == before


def test_a_name_is_resolved_once_and_its_certificate_checked_at_the_address_found(monkeypatch, tmp_path):
    """A name that leads elsewhere when it is asked for again (DNS rebinding) is never asked for again."""
    public, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    leads, resolver = iter(["127.0.0.1", "169.254.169.254"]), socket.getaddrinfo

    def rebinding(host: str, port: int, *words: Any, **named: Any) -> Any:
        return resolver(next(leads) if host == HOST else host, port, *words, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with receiving(context) as receiver:
        assert call(receiver, "/ok", patience=5.0).status == 200
        assert next(leads) == "169.254.169.254"
        assert receiver.at("/ok")[0].headers["host"] == receiver.origin.removeprefix("https://")


def test_a_certificate_of_somebody_else_is_not_trusted(monkeypatch, tmp_path):
    public, context = certificate(tmp_path, "other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    resolver = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *words, **named: resolver("127.0.0.1" if host == HOST else host, *words, **named),
    )
    with receiving(context) as receiver:
        assert trouble(receiver, "/ok", patience=5.0) is Trouble.NOT_TRUSTED
        assert receiver.got == []
