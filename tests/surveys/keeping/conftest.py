"""Databases to take backups of, and empty ones to bring them back into."""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from pulse.db import main, night
from surveys.ballots.urn import urn, urn_tally
from tests.conftest import Addresses, _administer, _postgresql, made

NUMBERS = count()


@pytest.fixture
def running(addresses: Addresses) -> Iterator[Flask]:
    """The application over fresh databases, on each engine."""
    yield made(addresses)
    for database in (main, night, urn, urn_tally):
        database.close()


@pytest.fixture
def empty(addresses: Addresses, tmp_path: Path) -> Iterator[Callable[[], Addresses]]:
    """Makes two databases with nothing in them, on the same engine."""
    names: list[str] = []

    def make() -> Addresses:
        number = next(NUMBERS)
        if make_url(addresses.main).get_backend_name() == "sqlite":
            return Addresses(*(f"sqlite:///{tmp_path}/{name}-{number}.sqlite" for name in ("main", "urn")))
        mine = [f"empty_{os.getpid()}_{number}_{name}" for name in ("main", "urn")]
        for name in mine:
            _administer(f"CREATE DATABASE {name}")
        names.extend(mine)
        return Addresses(*map(_postgresql, mine))

    yield make
    for database in (main, night, urn, urn_tally):
        database.close()
    for name in names:
        _administer(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
