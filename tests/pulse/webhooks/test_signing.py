"""Receivers know our news by a signature that any library of the Standard Webhooks checks."""

from datetime import UTC, datetime, timedelta

import pytest

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
