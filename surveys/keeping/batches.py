"""Which ballots may enter a backup: decided so that two backups compared single nobody out.

Whoever holds yesterday's backup and today's sees which ballots came in between, and the lists of both days
say who drew one in between. Were that one person and one ballot, they would be linked. So while a wave is not
counted its ballots enter in batches, unit by unit, and some stay out until it is.
"""

from collections.abc import Collection
from random import Random


def entering(there: Collection[bytes], entered: Collection[bytes], k: int, chance: Random) -> list[bytes]:
    """The keys of a unit's ballots that enter backups now, in their order; at least k, or none.

    there -- keys of all its ballots; entered -- those that backups already hold
    chance -- draws who stays out: any rule that could be known would tell the new ones from the old

    At least k stay out: all of them enter when the wave is counted, and the last batch must be no smaller
    than any other, for the sums of the count less those of the backup before are the sums of that batch.
    """
    waiting = sorted(set(there) - set(entered))
    if len(waiting) < 2 * k:
        return []
    return sorted(chance.sample(waiting, len(waiting) - k))
