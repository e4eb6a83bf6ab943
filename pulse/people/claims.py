"""What a sign-in service says of somebody, read into our words. Pure: claims in, a value out."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulse.people.models import Grant

LONGEST = 255  # characters of a subject (OpenID Connect Core, 2)


class NoSubject(Exception):
    """The claims do not say who this is."""


@dataclass(frozen=True)
class Claimed:
    """Somebody as a sign-in service knows them.

    subject -- what it calls them, for ever; email -- their address, None where it names none
    verified -- whether the address is known to be theirs
    groups -- their groups or roles there; team -- the code of their team, None where it names none
    """

    subject: str
    email: str | None
    verified: bool
    groups: frozenset[str] = frozenset()
    team: str | None = None

    def grants(self, mapping: Mapping[str, str]) -> frozenset[Grant]:
        """The grants that their groups give them."""
        return frozenset(Grant(grant) for group, grant in mapping.items() if group in self.groups)


def read(claims: Mapping[str, object], *, trust_email: bool, groups_claim: str, team_claim: str) -> Claimed:
    """Somebody as the claims say; raises NoSubject.

    trust_email -- take an address as verified where the claims do not say whether it is
    groups_claim, team_claim -- which claims to read; a name such as realm_access.roles leads inwards
    """
    subject, email = claims.get("sub"), claims.get("email")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST or not subject.isprintable():
        raise NoSubject
    said = claims.get("email_verified", trust_email)
    return Claimed(
        subject=subject,
        email=email if isinstance(email, str) and email else None,
        verified=said is True or said == "true",
        groups=frozenset(_texts(_at(claims, groups_claim))),
        team=next(iter(_texts(_at(claims, team_claim))), None),
    )


def _at(claims: Mapping[str, object], name: str) -> object:
    """The claim of a name: one spelled so, or else one within others."""
    if not name or name in claims:
        return claims.get(name)
    outer, _, inner = name.partition(".")
    within = claims.get(outer)
    return _at(within, inner) if inner and isinstance(within, Mapping) else None


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text.strip() for text in values if isinstance(text, str) and text.strip()]
