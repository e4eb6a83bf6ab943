"""Blind signatures agree with RFC 9474 to the byte, and what is not as it should be is refused."""

import json
import math
import secrets
import traceback
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.ballots import blind
from surveys.ballots.blind import PSS_RANDOMIZED, VARIANTS, Key, PrivateKey, Refused

RFC = json.loads((Path(__file__).parent / "rfc9474.json").read_text(encoding="utf-8"))
NUMBERS = {name: int(digits, 16) for name, digits in RFC["key"].items()}
PUBLISHED = PrivateKey(NUMBERS["p"], NUMBERS["q"], NUMBERS["d"], Key(NUMBERS["n"], NUMBERS["e"]))
MINE = PrivateKey.made(1024)  # half the usual length: the same mathematics, and quicker to try often
MESSAGE = b"pulse ballot\n2026-11\nnorth"


def signed(
    private: PrivateKey, message: bytes, variant: blind.Variant = PSS_RANDOMIZED
) -> tuple[bytes, bytes]:
    """A prepared message and its signature, by all the steps."""
    prepared = blind.prepare(message)
    blinded = blind.blind(private.key, prepared, variant)
    answer = blind.blind_sign(private, blinded.message)
    return prepared, blind.finalize(private.key, prepared, answer, blinded.inverse, variant)


# The standard


@pytest.mark.parametrize("number", range(4), ids=[vector["name"] for vector in RFC["vectors"]])
def test_every_example_of_the_standard_comes_out_to_the_byte(number):
    vector, variant = RFC["vectors"][number], VARIANTS[number]
    given = {name: bytes.fromhex(vector[name]) for name in vector if name not in ("name", "inv")}
    inverse = int(vector["inv"], 16)
    assert vector["name"] == variant.name
    prepared = blind.prepare(bytes.fromhex(RFC["msg"]), given["msg_prefix"])
    blinded = blind.blind(
        PUBLISHED.key, prepared, variant, salt=given["salt"], r=pow(inverse, -1, PUBLISHED.key.n)
    )
    assert blinded == blind.Blinded(given["blinded_msg"], inverse)
    answer = blind.blind_sign(PUBLISHED, blinded.message)
    assert answer == given["blind_sig"]
    assert blind.finalize(PUBLISHED.key, prepared, answer, inverse, variant) == given["sig"]
    assert blind.verified(PUBLISHED.key, prepared, given["sig"], variant)


def test_the_standards_key_is_one():
    key, exponent = PUBLISHED.key, math.lcm(PUBLISHED.p - 1, PUBLISHED.q - 1)
    assert (key.size, key.n) == (512, PUBLISHED.p * PUBLISHED.q)
    assert PUBLISHED.d * key.e % exponent == 1


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_a_finished_signature_is_a_plain_pss_signature(variant):
    prepared, signature = signed(MINE, MESSAGE, variant)
    way = padding.PSS(padding.MGF1(hashes.SHA384()), variant.salt)
    MINE.key.public.verify(signature, prepared, way, hashes.SHA384())


def test_what_we_encode_is_what_the_library_would_sign():
    """The library signs a message with a salt of its own; with its salt, ours is the same number."""
    key = rsa.generate_private_key(65537, 1024)
    way = padding.PSS(padding.MGF1(hashes.SHA384()), 0)
    theirs = int.from_bytes(key.sign(MESSAGE, way, hashes.SHA384()))
    numbers = key.public_key().public_numbers()
    ours = int.from_bytes(blind.encode(MESSAGE, numbers.n.bit_length() - 1, VARIANTS[1], b""))
    assert pow(theirs, numbers.e, numbers.n) == ours


# Properties


@settings(max_examples=40, deadline=None)
@given(message=st.binary(max_size=200), variant=st.sampled_from(VARIANTS))
def test_whatever_is_signed_blindly_verifies_and_nothing_beside_it(message, variant):
    prepared, signature = signed(MINE, message, variant)
    assert blind.verified(MINE.key, prepared, signature, variant)
    assert not blind.verified(MINE.key, prepared + b"x", signature, variant)
    other = bytearray(signature)
    other[secrets.randbelow(len(other))] ^= 1 << secrets.randbelow(8)
    assert not blind.verified(MINE.key, prepared, bytes(other), variant)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200))
def test_what_the_issuer_saw_fits_any_other_message_as_well(message):
    """For every message there is a factor by which it would have become what the issuer saw."""
    key = MINE.key
    seen = int.from_bytes(blind.blind(key, blind.prepare(MESSAGE)).message)
    other = int.from_bytes(blind.encode(blind.prepare(message), key.n.bit_length() - 1))
    factor = int.from_bytes(blind.blind_sign(MINE, (seen * pow(other, -1, key.n) % key.n).to_bytes(key.size)))
    assert other * pow(factor, key.e, key.n) % key.n == seen


@settings(max_examples=40, deadline=None)
@given(st.integers(1, MINE.key.n - 1))
def test_signing_is_the_plain_power_whatever_it_is_multiplied_with(number):
    blinded = number.to_bytes(MINE.key.size)
    if number in (1, MINE.key.n - 1) or math.gcd(number, MINE.key.n) > 1:
        return
    assert int.from_bytes(blind.blind_sign(MINE, blinded)) == pow(number, MINE.d, MINE.key.n)
    assert blind.blind_sign(MINE, blinded) == blind.blind_sign(MINE, blinded)


def test_two_messages_prepared_alike_are_never_blinded_alike():
    seen = {blind.blind(MINE.key, MESSAGE).message for _ in range(50)}
    assert len(seen) == len({blind.prepare(MESSAGE) for _ in range(50)}) == 50


# What is refused


@pytest.mark.parametrize(
    "blinded",
    [
        b"",
        b"\0" * 127,
        b"\1" * 129,
        bytes(128),
        (1).to_bytes(128),
        MINE.key.n.to_bytes(128),
        (MINE.key.n - 1).to_bytes(128),
        b"\xff" * 128,
    ],
    ids=["nothing", "short", "long", "0", "1", "n", "n-1", "above n"],
)
def test_what_is_no_blinded_message_is_not_signed(blinded):
    with pytest.raises(Refused, match="not a blinded message"):
        blind.blind_sign(MINE, blinded)


def test_a_signature_that_is_not_for_the_message_is_not_finished():
    prepared = blind.prepare(MESSAGE)
    blinded = blind.blind(MINE.key, prepared)
    answer = blind.blind_sign(MINE, blinded.message)
    for wrong in ((b"other", answer, blinded.inverse), (prepared, answer, blinded.inverse + 1)):
        with pytest.raises(Refused, match="invalid signature"):
            blind.finalize(MINE.key, *wrong)
    with pytest.raises(Refused, match="unexpected input size"):
        blind.finalize(MINE.key, prepared, answer[1:], blinded.inverse)


def test_a_key_that_is_wrong_in_one_part_gives_no_signature_away():
    """A signature under a wrong part would give the factors away (Boneh, DeMillo and Lipton 1997)."""
    broken = PrivateKey(MINE.p, MINE.q, MINE.d + 2, MINE.key)
    with pytest.raises(Refused, match="signing failure"):
        blind.blind_sign(broken, blind.blind(MINE.key, MESSAGE).message)


def test_the_key_of_one_unit_verifies_nothing_of_another():
    prepared, signature = signed(MINE, MESSAGE)
    assert not blind.verified(PrivateKey.made(1024).key, prepared, signature)


def test_a_key_too_short_for_its_salt_is_refused():
    with pytest.raises(Refused, match="encoding error"):
        blind.encode(MESSAGE, 700)


# Keys


def test_keys_are_read_as_they_were_written_and_have_the_fingerprint_of_their_standard_form():
    made = PrivateKey.made()
    assert made.key.n.bit_length() == 2048
    assert PrivateKey.read(made.der) == made
    assert Key.read(made.key.der) == made.key
    standard = made.key.public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert len(made.key.fingerprint) == 64
    assert b"BEGIN PUBLIC KEY" in standard


def test_no_error_quotes_a_private_key():
    with pytest.raises(Refused) as refused:
        blind.blind_sign(MINE, b"")
    said = "".join(traceback.format_exception(refused.value)) + repr(MINE)
    for number in (MINE.p, MINE.q, MINE.d):
        assert str(number) not in said
