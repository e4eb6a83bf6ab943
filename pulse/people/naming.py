"""What people are called on pages: by their name where an address is somebody's, never by one forgotten."""

from collections.abc import Iterable, Iterator, Mapping

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.i18n import gettext as _
from pulse.people.models import Person

FORMER = "former colleague"  # in place of an address that is forgotten; with a space: nobody's address


def somebody(address: str | None) -> str:
    """An address as pages write it where no name is looked up: one forgotten is nobody's."""
    return _("a former colleague") if address == FORMER else address or ""


def set_up(app: Flask) -> None:
    """Let templates write addresses so: {{ fix.owner | somebody }}."""
    app.jinja_env.filters["somebody"] = somebody


class Called(Mapping[str | None, str]):
    """Names by e-mail address; an address that is nobody's stands for itself, one forgotten for nobody."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def __getitem__(self, address: str | None) -> str:
        return self._names.get(address or "") or somebody(address)

    def __iter__(self) -> Iterator[str | None]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def called(session: Session, addresses: Iterable[str | None]) -> Called:
    """The names of whoever has these addresses."""
    known = {address for address in addresses if address and address != FORMER}
    if not known:
        return Called({})
    rows = select(Person.email, Person.name).where(Person.email.in_(known))
    return Called({email: name or email for email, name in session.execute(rows)})
