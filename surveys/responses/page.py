"""A page as it was shown: when, with which irritants, and which page it is. It travels in its own form.

Signed, so that nobody answers about what was not shown, sooner than it was shown, or twice on one page.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

NONCE = 9  # bytes


class Stale(Exception):
    """A page that was shown too long ago for the door it is behind; the link may be as good as ever."""


SOONEST = timedelta(seconds=3)  # nobody reads two questions and answers them within


@dataclass(frozen=True)
class Page:
    """One page that was shown.

    shown -- ids of its irritants in the order shown
    """

    nonce: str
    opened: datetime
    shown: tuple[int, ...]

    @property
    def once(self) -> str:
        """What is stored of a page that counts once (Response.once)."""
        return hashlib.sha256(f"page {self.nonce}".encode()).hexdigest()

    def is_too_fast(self, now: datetime) -> bool:
        """Whether an answer that comes now comes sooner than anybody can read the page.

        Never where it seems to come before: then the clocks of two machines differ, and the page is signed.
        """
        return timedelta(0) <= now - self.opened < SOONEST


def fresh(now: datetime) -> Page:
    """A page that is about to be shown; its irritants are still to be chosen."""
    return Page(secrets.token_urlsafe(NONCE), now.replace(microsecond=0), ())


def written(page: Page, link: str, *, key: str) -> str:
    """A page as its form carries it; it holds behind this link alone."""
    return str(_signer(link, key).dumps([page.nonce, int(page.opened.timestamp()), list(page.shown)]))


def read(text: str | None, link: str, *, key: str) -> Page | None:
    """The page a form came from; None where it is none of ours behind this link."""
    try:
        nonce, opened, shown = _signer(link, key).loads(text or "")
    except (BadSignature, ValueError):
        return None
    return Page(nonce, datetime.fromtimestamp(opened, UTC), tuple(shown))


def _signer(link: str, key: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        key, salt=f"page of a survey\n{link}", signer_kwargs={"digest_method": hashlib.sha256}
    )
