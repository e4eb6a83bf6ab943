"""Work on one company shared out among processes, each with the application of its own."""

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

from flask import Flask

from wsgi import create_app

Result = TypeVar("Result")
_apps: list[Flask] = []


class Crew:
    """Those who work: this process alone, or so many others side by side."""

    def __init__(self, app: Flask, pool: ProcessPoolExecutor | None) -> None:
        self._app, self._pool = app, pool

    def each(self, work: Callable[..., Result], tasks: Iterable[tuple[Any, ...]]) -> Iterator[Result]:
        """What comes of work(app, *task) for each task, in their order; raises what it raises."""
        if self._pool is None:
            yield from (work(self._app, *task) for task in tasks)
        else:
            for done in [self._pool.submit(_at_work, work, task) for task in tasks]:
                yield done.result()


@contextmanager
def crew(app: Flask, number: int) -> Iterator[Crew]:
    """So many at work: 1 = this process."""
    if number == 1:
        yield Crew(app, None)
        return
    with ProcessPoolExecutor(number, mp_context=get_context("spawn"), initializer=_begin) as pool:
        yield Crew(app, pool)


def _begin() -> None:
    """An application by the settings that a process inherits."""
    logging.getLogger().setLevel(logging.ERROR)
    app = create_app()
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.testing = True
    _apps.append(app)


def _at_work(work: Callable[..., Result], task: tuple[Any, ...]) -> Result:
    return work(_apps[0], *task)
