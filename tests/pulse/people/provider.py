"""A sign-in service on this machine: a real OpenID provider, between it and us a witness that checks PKCE."""

import base64
import hashlib
import io
import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Response

KID = "witness"
KEY = RSAKey.generate_key(2048, {"kid": KID})


@dataclass
class Provider:
    """The provider, what it was asked, and how its answers are bent on their way.

    asked -- the query of each authorization request; told -- the form of each token request
    bent -- claims to write into id tokens (None = take it out), signed by KEY, which it then publishes too
    key, algorithm -- another key, or another way, to sign these with
    """

    issuer: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    told: list[dict[str, str]] = field(default_factory=list)
    bent: dict[str, Any] | None = None
    key: Any = None
    algorithm: str = "RS256"
    challenges: dict[str, str] = field(default_factory=dict)

    def has(self, subject: str, **claims: Any) -> None:
        """Let somebody be known there."""
        answer = requests.put(f"{self.issuer}/users/{subject}", json=claims, timeout=5)
        answer.raise_for_status()

    def agree(self, address: str, subject: str, *, deny: bool = False) -> str:
        """Sign somebody in there, or press its other button; the address it sends the browser back to."""
        form = {"action": "deny"} if deny else {"sub": subject}
        answer = requests.post(address, data=form, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        back = answer.headers["Location"]
        self._remember(address, back)
        return back

    def _remember(self, address: str, back: str) -> None:
        """Which challenge goes with a code."""
        wanted = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked.append(wanted)
        for code in parse_qs(urlsplit(back).query).get("code", []):
            self.challenges[code] = wanted["code_challenge"]

    def witness(self, application: Any) -> Any:
        """The provider's application behind somebody who looks at token requests and bends the answers."""

        def serve(environ: dict[str, Any], start: Any) -> Any:
            if environ["PATH_INFO"] == "/oauth2/token" and not self._allows(environ):
                return Response('{"error": "invalid_grant"}', 400, mimetype="application/json")(
                    environ, start
                )
            if self.bent is None or environ["PATH_INFO"] not in ("/oauth2/token", "/jwks"):
                return application(environ, start)
            said = Response.from_app(application, environ)
            bend = self._bent if environ["PATH_INFO"] == "/oauth2/token" else self._with_our_key
            return Response(json.dumps(bend(said.get_json())), mimetype="application/json")(environ, start)

        return serve

    def _allows(self, environ: dict[str, Any]) -> bool:
        """Whether the verifier fits the challenge, which this provider leaves unchecked."""
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = io.BytesIO(body)
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        self.told.append(form)
        return _s256(form["code_verifier"]) == self.challenges.get(form["code"])

    def _bent(self, said: dict[str, Any]) -> dict[str, Any]:
        if "id_token" not in said:
            return said
        middle = said["id_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4))) | (self.bent or {})
        kept = {name: value for name, value in claims.items() if value is not None}
        return said | {"id_token": self.signed(kept)}

    def signed(self, claims: dict[str, Any]) -> str:
        """A token of these claims, signed as `algorithm` and `key` say."""
        if self.algorithm == "none":
            return ".".join((_base64(b'{"alg": "none"}'), _base64(json.dumps(claims).encode()), ""))
        header = {"alg": self.algorithm, "kid": KID}
        return jwt.encode(header, claims, self.key or KEY, algorithms=[self.algorithm])

    def _with_our_key(self, said: dict[str, Any]) -> dict[str, Any]:
        return {"keys": [*said["keys"], KEY.as_dict(private=False)]}


def _s256(verifier: str) -> str:
    return _base64(hashlib.sha256(verifier.encode()).digest())


def _base64(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


@contextmanager
def running() -> Iterator[Provider]:
    """A provider on a port of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is on its way from one part of Authlib to another
        import oidc_provider_mock
    provider = Provider()
    server: BaseWSGIServer = make_server(
        "localhost", 0, provider.witness(oidc_provider_mock.app()), threaded=True
    )
    provider.issuer = f"http://localhost:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
