"""Three backups around somebody who answers alone: whether they tell whose ballot is whose."""

import gzip
import io
import subprocess
import tarfile
from collections.abc import Collection
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import delete, update

from benchmarks import linkage
from benchmarks.linkage import Plan
from benchmarks.serving import SECRET
from pulse import db
from surveys.ballots.models import Entered
from surveys.ballots.urn import urn_tally
from surveys.keeping import backup
from surveys.waves.models import Wave, WaveState


class Chosen(Random):
    """Chance that lets these enter first, and nothing after."""

    def __init__(self, entering: Collection[bytes]) -> None:
        super().__init__(0)
        self.entering = sorted(entering)

    def sample(self, population: Any, k: int, *, counts: Any = None) -> list[Any]:
        """Those that were chosen, where that many are asked for; else any of them."""
        if k == len(self.entering) and set(self.entering) <= set(population):
            return self.entering
        return super().sample(population, k, counts=counts)


def around(plan: Plan, chance: Random, *, swapped: int | None = None) -> list[dict[str, bytes]]:
    """What three backups hold: before the last person of a plan answers, after, and once all is counted.

    swapped -- somebody who answered before casts the last one's ballot, and the last one theirs
    """
    last, found = plan.order[-1], []
    casts = {who: who for who in plan.order}
    if swapped is not None:
        casts[swapped], casts[last] = last, swapped
    for who in plan.order[:-1]:
        linkage._answer(plan, who, casts[who])
    found.append(_taken(chance))
    linkage._answer(plan, last, casts[last])
    found.append(_taken(chance))
    with db.writing() as session:
        session.execute(update(Wave).values(state=WaveState.TALLIED))
    found.append(_taken(chance))
    return found


def fitting(people: int = 13) -> tuple[int, int]:
    """How many of the ballots held back may be that of whoever came alone since; and how many there are."""
    with linkage.in_memory() as base, linkage.fresh(base):
        plan = linkage.prepared(people, bits=1024)
        first = around(plan, Random(3))
        known = {line.split('"')[1] for line in first[0]["urn.gz"].decode().splitlines() if line[:2] == '["'}
        entered = [bytes.fromhex(key) for key in known]
        out = [who for who in plan.order[:-1] if linkage.key_of(plan.ballots[who]) not in entered]
        alike = 0
        for who in out:
            emptied()
            alike += around(plan, Chosen(entered), swapped=who) == first
        return alike, len(out)


def emptied() -> None:
    """Back to a wave in which nobody has drawn or cast."""
    linkage.emptied()
    with db.writing() as session:
        session.execute(update(Wave).values(state=WaveState.OPEN))
    with urn_tally.writing() as box:
        box.execute(delete(Entered))


def _taken(chance: Random) -> dict[str, bytes]:
    out = io.BytesIO()
    backup.take(out, None, secret=SECRET, now=linkage.NOW, chance=chance)
    out.seek(0)
    return contents(out)


def contents(source: Any) -> dict[str, bytes]:
    """What the members of a backup hold, unpacked; of a SQLite file all but its counters of changes."""
    found = {}
    with tarfile.open(fileobj=source) as tar:
        for entry in tar:
            content = tar.extractfile(entry)
            assert content is not None
            plain = content.read()
            if entry.name.endswith(".gz"):
                plain = gzip.decompress(plain)
            if entry.name == "main.sqlite.gz":
                plain = plain[: linkage.CHANGES.start] + plain[linkage.CHANGES.stop :]
            if entry.name == "main.dump":
                plain = _as_text(plain)
            if entry.name not in ("manifest.json", "seal"):
                found[entry.name] = plain
    return found


def _as_text(dump: bytes) -> bytes:
    with TemporaryDirectory() as folder:
        (Path(folder) / "dump").write_bytes(dump)
        said = subprocess.run(
            ["pg_restore", "--file=-", f"{folder}/dump"], check=True, capture_output=True
        ).stdout
    # Newer releases of PostgreSQL fence what they write with a random word.
    return b"\n".join(line for line in said.split(b"\n") if not line.startswith((b"\\restrict", b"\\unres")))
