"""Receivers know our news by a signature that any library of the Standard Webhooks checks."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config import ROOT
from pulse.webhooks import signing
from pulse.webhooks.signing import Secrets

KEY = "a key for tests only, long enough to be taken"
NOW = datetime.fromtimestamp(1614265330, UTC)
NAME, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}'
# The vector of the specification's own tests (standard-webhooks, libraries/*/ "sign function works").
SECRET, SIGNED = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_signature_is_the_one_of_the_specification():
    assert signing.signature(SECRET, NAME, 1614265330, BODY) == SIGNED
    assert signing.headers(Secrets(SECRET), NAME, BODY, NOW) == {
        "webhook-id": NAME,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNED,
    }


def test_for_a_day_the_former_secret_signs_beside_the_new_one():
    new = signing.made_up()
    held = Secrets(SECRET).replaced(new, NOW)
    both = signing.headers(held, NAME, BODY, NOW + timedelta(hours=23))["webhook-signature"].split()
    assert len(both) == 2
    assert signing.headers(held, NAME, BODY, NOW)["webhook-signature"].endswith(f" {SIGNED}")
    assert len(held.valid(NOW + timedelta(hours=24))) == 1


def test_secrets_are_kept_sealed_and_open_under_the_same_key_alone():
    held = Secrets(SECRET).replaced(signing.made_up(), NOW)
    kept = signing.sealed(held, KEY)
    assert SECRET not in kept
    assert signing.opened(kept, KEY) == held
    with pytest.raises(signing.Unreadable):
        signing.opened(kept, KEY + "!")


def test_secrets_are_long_and_never_the_same():
    assert len({signing.made_up() for _ in range(50)}) == 50
    assert len(signing.made_up()) == len("whsec_") + 44


def test_a_receiver_that_checks_as_the_documentation_says_knows_what_is_ours():
    told = re.search(
        r"```python\n(.*?)```", (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert told is not None
    known: dict[str, Any] = {}
    exec(told[1], known)  # the lines work as they stand there
    is_ours, secret = known["is_ours"], signing.made_up()
    held = Secrets(secret).replaced(signing.made_up(), datetime.now(UTC))
    sent = signing.headers(held, NAME, BODY, datetime.now(UTC))
    assert is_ours(secret, sent, BODY.encode())
    assert is_ours(held.current, sent, BODY.encode())
    assert not is_ours(secret, sent, BODY.encode() + b" ")
    assert not is_ours(signing.made_up(), sent, BODY.encode())
    old = signing.headers(held, NAME, BODY, datetime.now(UTC) - timedelta(minutes=6))
    assert not is_ours(secret, old, BODY.encode())
