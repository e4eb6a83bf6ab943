"""Open links: one address a touchpoint, for QR codes, posters and sites, by which anybody can answer.

Of a link's secret only a digest is stored. It is not drawn but worked out from the installation's key, the
touchpoint and a serial number, so that the same poster can be printed again years later without the secret
lying anywhere. A link made anew has the next serial number: what was printed with the old one ends.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.organisation.models import Touchpoint
from surveys.invitations.models import TouchpointSurvey
from surveys.invitations.service import NotInvited

LENGTH, GROUP = 12, 4  # letters of a link: 60 bits, short enough to be typed from a poster
LOOKS_LIKE = str.maketrans({"0": "o", "1": "l"})  # the alphabet a-z2-7 has neither digit


@dataclass(frozen=True)
class Opened:
    """What an open link leads to.

    counts -- whether its answers weigh in verdicts
    origins -- of the sites that may show the survey in a frame
    """

    touchpoint_id: int
    counts: bool
    origins: tuple[str, ...]


def secret_of(key: str, touchpoint: str, serial: int) -> str:
    """The secret of a touchpoint's link, in three groups of four letters and digits.

    key -- the installation's; touchpoint -- its code; serial -- how many links it has had
    """
    mixed = hmac.new(key.encode(), f"open link\n{touchpoint}\n{serial}".encode(), hashlib.sha256).digest()
    letters = base64.b32encode(mixed).decode().lower()[:LENGTH]
    return "-".join(letters[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def digest(secret: str) -> str:
    """What is stored of a link: however it was typed, with capitals or without hyphens."""
    typed = secret.lower().replace("-", "").translate(LOOKS_LIKE)
    return hashlib.sha256(f"open link {typed}".encode()).hexdigest()


def look(session: Session, secret: str) -> Opened:
    """What an open link leads to; raises NotInvited where there is none of this secret."""
    row = select(TouchpointSurvey).where(TouchpointSurvey.open_digest == digest(secret))
    found = session.scalars(row).one_or_none()
    if found is None:
        raise NotInvited
    return Opened(found.touchpoint_id, found.open_counts, tuple(found.origins))


def settings_of(session: Session, touchpoint_id: int) -> TouchpointSurvey:
    """How customers of a touchpoint are asked; made, and added to the session, where nothing was set."""
    found = session.get(TouchpointSurvey, touchpoint_id)
    if found is None:
        found = TouchpointSurvey(touchpoint_id=touchpoint_id, origins=[])
        session.add(found)
        session.flush()
    return found


def make(session: Session, touchpoint: Touchpoint, *, key: str) -> str:
    """Give a touchpoint an open link, the next one where it has one; its secret."""
    known = settings_of(session, touchpoint.id)
    known.open_serial += 1
    secret = secret_of(key, touchpoint.code, known.open_serial)
    known.open_digest = digest(secret)
    session.flush()
    return secret


def close(session: Session, touchpoint: Touchpoint) -> None:
    """Let a touchpoint's open link end; the next one made is another."""
    settings_of(session, touchpoint.id).open_digest = None


def secret_now(session: Session, touchpoint: Touchpoint, *, key: str) -> str | None:
    """The secret of a touchpoint's open link; None where it has none, or one made under another key."""
    known = session.get(TouchpointSurvey, touchpoint.id)
    if known is None or known.open_digest is None:
        return None
    found = secret_of(key, touchpoint.code, known.open_serial)
    return found if digest(found) == known.open_digest else None
