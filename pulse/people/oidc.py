"""The organisation's sign-in service (OpenID Connect): led to, and believed only as far as it proves.

Authlib speaks the protocol: authorization code with PKCE (S256), state and nonce, the id token's signature
and claims against what the service says of itself at its issuer's address.
"""

import enum
import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.urls import add_params_to_uri
from authlib.integrations.base_client.errors import MismatchingStateError, OAuthError
from authlib.integrations.flask_client import FlaskIntegration
from authlib.integrations.flask_client.apps import FlaskOAuth2App
from flask import request, session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from config import OWN_MACHINE, Settings, settings
from pulse.i18n import Lazy
from pulse.i18n import lazy as _
from pulse.people import claims
from pulse.people.claims import Claimed

LOG = logging.getLogger(__name__)
PATIENCE = 5  # seconds for each question to the service
AN_HOUR = 3600  # seconds what the service says of itself and its keys is believed
BEGUN = 3  # sign-ins begun at once on one browser, in tabs beside each other
# Signatures that only the service can make: none, or one by a secret that both know, proves nothing.
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
ENDPOINTS = (
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
)
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
LATELY = 5 * 60  # seconds a logout token is believed
BUSY = ("temporarily_unavailable", "server_error")


class Why(enum.Enum):
    """Why somebody whom the service sent back is not signed in."""

    CANCELLED = (_("You are not signed in"), _("Signing in was cancelled there, or you may not use Pulse."))
    STALE = (
        _("Start signing in once more"),
        _("This sign-in was begun in another browser, was used before, or took too long. Nothing is wrong."),
    )
    UNTRUSTED = (
        _("This sign-in cannot be trusted"),
        _(
            "The answer of your organisation’s sign-in service does not prove who you are. Tell whoever looks"
            " after Pulse: its settings and those of the service may not fit together."
        ),
    )
    UNVERIFIED = (
        _("Your e-mail address is not confirmed"),
        _(
            "Your organisation’s sign-in service does not vouch for your e-mail address, by which Pulse knows"
            " you. Have it confirmed there, then sign in again."
        ),
    )
    UNKNOWN = (
        _("Pulse does not know you yet"),
        _(
            "Nobody in Pulse has the e-mail address of your account. Ask your human resources department to"
            " put you into the file of people."
        ),
    )
    CLOSED = (_("Your account is closed"), _("Ask an administrator of Pulse if you think it should be open."))
    TAKEN = (
        _("This address belongs to another account"),
        _(
            "Somebody else signed in with this e-mail address before, by another account of the sign-in"
            " service. If you were given a new account, an administrator of Pulse can undo the old link."
        ),
    )


class Refused(Exception):
    """Whoever came back from the service is not signed in; why -- the reason, in words for their page."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.name)
        self.why = why

    @property
    def title(self) -> Lazy:
        """What has happened."""
        return self.why.value[0]

    @property
    def advice(self) -> Lazy:
        """What to do."""
        return self.why.value[1]


class Unreachable(Exception):
    """The service does not answer, or not so that one could go on."""


class _Service:
    """The service of these settings, and what it said of itself; asked again after an hour."""

    def __init__(self, known: Settings) -> None:
        secret = known.oidc_secret.get_secret_value() if known.oidc_secret else None
        self.issuer = known.oidc_issuer or ""
        self.made = time.monotonic()
        self.app = FlaskOAuth2App(
            FlaskIntegration("service"),
            name="service",
            client_id=known.oidc_client,
            client_secret=secret,
            server_metadata_url=f"{self.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": known.oidc_scopes,
                "code_challenge_method": "S256",
                "default_timeout": PATIENCE,
                "max_redirects": 0,
            },
        )

    def metadata(self) -> Mapping[str, Any]:
        """What the service says of itself; raises Unreachable where it does not fit the settings."""
        fresh = "_loaded_at" not in self.app.server_metadata
        said = self.app.load_server_metadata()
        if fresh:
            try:
                self._check(said)
            except Unreachable:
                self.app.server_metadata = {}  # asked again next time: a slip there may be put right
                raise
        return said

    def _check(self, said: dict[str, Any]) -> None:
        if said.get("issuer") != self.issuer:
            raise _unfit("it calls itself by another name than PULSE_OIDC_ISSUER")
        if not all(is_safe(said[name]) for name in ENDPOINTS if name in said):
            raise _unfit("it names an address without https")
        if not {"authorization_endpoint", "token_endpoint", "jwks_uri"} <= set(said):
            raise _unfit("it does not name all its addresses")
        signatures = said.get("id_token_signing_alg_values_supported", ["RS256"])
        said["id_token_signing_alg_values_supported"] = [sign for sign in signatures if sign in SIGNATURES]
        ways = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        way = "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"
        self.app.client_kwargs["token_endpoint_auth_method"] = way if self.app.client_secret else "none"


_services: dict[str, _Service] = {}  # of this process, by issuer and client: one, but in tests


def configured() -> bool:
    """Whether there is a sign-in service."""
    return settings().oidc_issuer is not None


def is_safe(address: object) -> bool:
    """Whether an address may be believed: encrypted, or on this machine."""
    parts = urlsplit(address) if isinstance(address, str) else None
    return parts is not None and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in OWN_MACHINE)
    )


def begin(back: str, ahead: str | None) -> str:
    """The service's address to send a browser to.

    back -- the address here at which the service sends it back; ahead -- the page to go on to in the end

    Raises Unreachable.
    """
    service = _service()
    try:
        service.metadata()
        made = service.app.create_authorization_url(back)
    except (requests.RequestException, ValueError) as error:
        raise _silent(error) from error
    _keep_few()
    held = {
        "redirect_uri": back,
        "nonce": made["nonce"],
        "code_verifier": made["code_verifier"],
        "ahead": ahead,
    }
    service.app.framework.set_state_data(session, made["state"], held)
    return str(made["url"])


def come_back() -> tuple[Claimed, str | None]:
    """Who the service says has come back with this request, and the page to go on to.

    Raises Refused or Unreachable. What was begun is over then: the same address works no second time.
    """
    service, known = _service(), settings()
    begun = service.app.framework.get_state_data(session, request.args.get("state"))
    if request.args.get("error"):
        raise _answered(request.args["error"], begun)
    if begun is None:
        raise Refused(Why.STALE)
    try:
        metadata = service.metadata()
        if request.args.get("iss", service.issuer) != service.issuer:  # RFC 9207: sent by another service
            raise Refused(Why.UNTRUSTED)
        token = service.app.authorize_access_token(claims_options=_expected(service))
        said = _all_claims(service, metadata, token)
        claimed = claims.read(
            said,
            trust_email=known.oidc_trust_email,
            groups_claim=known.oidc_grants_claim,
            team_claim=known.oidc_team_claim,
        )
    except MismatchingStateError:
        raise Refused(Why.STALE) from None
    except requests.RequestException as error:
        raise _silent(error) from error
    except OAuthError as error:
        LOG.warning("the sign-in service refuses a code: %s", error.error)
        raise Refused(Why.STALE if error.error == "invalid_grant" else Why.UNTRUSTED) from None
    except (AuthlibBaseError, JoseError, claims.NoSubject, KeyError, TypeError, ValueError) as error:
        LOG.warning("an answer of the sign-in service proves nothing: %s", type(error).__name__)
        raise Refused(Why.UNTRUSTED) from None
    return claimed, begun.get("ahead")


def farewell(back: str) -> str | None:
    """The address at which somebody signs out of the service too; None where it has none, or is away."""
    if not configured():
        return None
    try:
        service = _service()
        if "end_session_endpoint" not in service.metadata():
            return None
        said = {"client_id": service.app.client_id, "post_logout_redirect_uri": back}
        return str(add_params_to_uri(service.metadata()["end_session_endpoint"], said.items()))
    except (Unreachable, requests.RequestException, ValueError):
        return None


def ended(token: str) -> str:
    """The subject who has signed out of the service, as its logout token proves (Back-Channel Logout 1.0).

    Raises Refused or Unreachable. Keys are not asked for anew for a token of a key unknown so far: whoever
    sends made-up ones would have us ask the service as often as they like.
    """
    service = _service()
    try:
        metadata = service.metadata()
        keys = KeySet.import_key_set(service.app.fetch_jwk_set())
        ways = JWSRegistry(
            algorithms=metadata["id_token_signing_alg_values_supported"], strict_check_header=False
        )
        said = jwt.decode(token, key=keys, registry=ways).claims
    except requests.RequestException as error:
        raise _silent(error) from error
    except (JoseError, KeyError, TypeError, ValueError):
        raise Refused(Why.UNTRUSTED) from None
    if not _is_logout(said, service) or not isinstance(said.get("sub"), str):
        raise Refused(Why.UNTRUSTED)
    return str(said["sub"])


def _is_logout(said: Mapping[str, Any], service: _Service) -> bool:
    """Whether claims are those of a logout token made for us lately, and no id token."""
    aud, events, made = said.get("aud"), said.get("events"), said.get("iat")
    return (
        said.get("iss") == service.issuer
        and service.app.client_id in (aud if isinstance(aud, list) else [aud])
        and isinstance(events, dict)
        and LOGOUT in events
        and "nonce" not in said
        and isinstance(made, int | float)
        and abs(time.time() - made) < LATELY
    )


def _service() -> _Service:
    known = settings()
    name = f"{known.oidc_issuer} {known.oidc_client} {known.oidc_scopes}"
    found = _services.get(name)
    if found is None or time.monotonic() - found.made > AN_HOUR:
        found = _services[name] = _Service(known)
    return found


def _keep_few() -> None:
    """Forget the oldest of the sign-ins begun on this browser: a cookie has little room."""
    begun = sorted(
        (name for name in session if name.startswith("_state_service_")),
        key=lambda name: session[name]["exp"],
    )
    for name in begun[: max(0, len(begun) - BEGUN + 1)]:
        session.pop(name)


def _expected(service: _Service) -> dict[str, dict[str, object]]:
    return {
        "iss": {"essential": True, "value": service.issuer},
        "aud": {"essential": True, "value": service.app.client_id},
    }


def _all_claims(
    service: _Service, metadata: Mapping[str, Any], token: Mapping[str, Any]
) -> dict[str, object]:
    """The claims of the id token, and beside them what the service says when asked about the same person."""
    told = dict(token["userinfo"])  # there only where the id token was checked, nonce included
    wanted = {"email", settings().oidc_team_claim}
    if settings().oidc_grants:
        wanted.add(settings().oidc_grants_claim)
    missing = [name for name in wanted if name and name.partition(".")[0] not in told and name not in told]
    if not missing or "userinfo_endpoint" not in metadata:
        return told
    more = dict(service.app.userinfo(token=token))
    if more.get("sub") != told["sub"]:
        raise ValueError("the service speaks of somebody else")
    return more | told


def _answered(error: str, begun: object) -> Exception:
    """What to raise where the service sends an error instead of a code."""
    if error in BUSY:
        return Unreachable()
    if begun is None:
        return Refused(Why.STALE)
    LOG.warning("the sign-in service answers: %s", error if error.isidentifier() else "no known error")
    return Refused(Why.CANCELLED if error == "access_denied" else Why.UNTRUSTED)


def _silent(error: Exception) -> Unreachable:
    LOG.warning("the sign-in service does not answer: %s", type(error).__name__)
    return Unreachable()


def _unfit(why: str) -> Unreachable:
    LOG.error("the sign-in service does not fit: %s", why)
    return Unreachable()
