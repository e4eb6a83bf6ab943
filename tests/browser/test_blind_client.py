"""The browser's half of blind signing: the RFC's examples, and the server's half agreeing with it."""

import base64
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from surveys.ballots import blind
from tests.browser.visitor import Visitor, served

VECTORS = json.loads((Path(__file__).parents[1] / "surveys/ballots/rfc9474.json").read_text())
SALTED = [vector for vector in VECTORS["vectors"] if "-PSS-" in vector["name"]]  # the client knows no other
CASES, KEYS = 1000, 5

FOLLOW = """async ({key, message, salt, r, inverse, signed}) => {
  const { openKey, blind, finalize, toBytes, toText } = await import("/static/ballot.js");
  const opened = await openKey(key);
  const [hiding, back] = [BigInt("0x" + r), BigInt("0x" + inverse)];
  const made = await blind(opened, toBytes(message), toBytes(salt), [hiding, back]);
  const signature = await finalize(opened, toBytes(message), toBytes(signed), made.inverse);
  return { blinded: toText(made.blinded), signature: signature && toText(signature) };
}"""
BLIND = """async ({key, wave, unit, many}) => {
  const { openKey, blind, prepared, toText } = await import("/static/ballot.js");
  const opened = await openKey(key);
  const made = [];
  for (let at = 0; at < many; at += 1) {
    const nonce = crypto.getRandomValues(new Uint8Array(32));
    const one = await blind(opened, prepared(nonce, wave, unit));
    made.push([toText(nonce), toText(one.blinded), toText(one.inverse)]);
  }
  return made;
}"""
FINALIZE = """async ({key, wave, unit, cases}) => {
  const { openKey, finalize, prepared, toBytes, toText } = await import("/static/ballot.js");
  const opened = await openKey(key);
  const found = [];
  for (const [nonce, inverse, signed] of cases) {
    const message = prepared(toBytes(nonce), wave, unit);
    const signature = await finalize(opened, message, toBytes(signed), toBytes(inverse));
    found.push(signature ? toText(signature) : null);
  }
  return found;
}"""


def text(content: bytes) -> str:
    """Bytes as they travel: base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def octets(written: str) -> bytes:
    """The bytes of such a text."""
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))


def public(key: blind.Key) -> dict[str, str]:
    """A public key as the page gives it."""
    return {"n": text(key.n.to_bytes(key.size)), "e": text(key.e.to_bytes(3))}


@pytest.fixture
def client(app: Flask, browser: Browser) -> Iterator[Page]:
    """A page of the application, from which the client can be imported."""
    with served(app) as address:
        visitor = Visitor.at(browser, address).visit("/sign-in")
        yield visitor.page
        visitor.close()


@pytest.mark.parametrize("vector", SALTED, ids=lambda vector: vector["name"])
def test_the_browser_follows_the_examples_of_the_rfc(client: Page, vector: dict[str, Any]) -> None:
    n, inverse = int(VECTORS["key"]["n"], 16), int(vector["inv"], 16)
    given = {
        "key": public(blind.Key(n, int(VECTORS["key"]["e"], 16))),
        "message": text(bytes.fromhex(vector["msg_prefix"] + VECTORS["msg"])),
        "salt": text(bytes.fromhex(vector["salt"])),
        "r": f"{pow(inverse, -1, n):x}",
        "inverse": f"{inverse:x}",
        "signed": text(bytes.fromhex(vector["blind_sig"])),
    }
    found = client.evaluate(FOLLOW, given)
    assert octets(found["blinded"]).hex() == vector["blinded_msg"]
    assert octets(found["signature"]).hex() == vector["sig"]


def test_a_signature_by_another_key_or_cut_short_is_not_taken(client: Page) -> None:
    mine, other = blind.PrivateKey.made(), blind.PrivateKey.made()
    asked = {"key": public(mine.key), "wave": "2026-11", "unit": "nord"}
    [(nonce, blinded, inverse)] = client.evaluate(BLIND, asked | {"many": 1})
    message = octets(blinded)
    foreign = (int.from_bytes(message) % (other.key.n - 2)).to_bytes(256)
    signed = blind.blind_sign(mine, message)
    wrong = [blind.blind_sign(other, foreign), signed[:-1], bytes([signed[0] ^ 1]) + signed[1:]]
    cases = [[nonce, inverse, text(one)] for one in (*wrong, signed)]
    *refused, taken = client.evaluate(FINALIZE, asked | {"cases": cases})
    assert refused == [None, None, None]
    assert taken is not None


def test_browser_and_server_agree_on_a_thousand_random_cases(client: Page) -> None:
    agreed = 0
    for number in range(KEYS):
        private = blind.PrivateKey.made()
        unit = f"équipe-{secrets.token_hex(3)}"
        asked = {"key": public(private.key), "wave": f"2026-{number + 1:02}", "unit": unit}
        said = f"pulse ballot\n{asked['wave']}\n{unit}".encode()
        made = client.evaluate(BLIND, asked | {"many": CASES // KEYS})
        signed = [
            [nonce, inverse, text(blind.blind_sign(private, octets(blinded)))]
            for nonce, blinded, inverse in made
        ]
        found = client.evaluate(FINALIZE, asked | {"cases": signed})
        for (nonce, _, _), signature in zip(made, found, strict=True):
            assert blind.verified(private.key, octets(nonce) + said, octets(signature))
            agreed += 1
    assert agreed == CASES
