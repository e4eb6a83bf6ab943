"""Nobody who answers waits long behind a backup: writing anew gives way to whoever reads."""

import pytest
from sqlalchemy import text

from surveys.ballots import rewriting
from surveys.ballots.models import Ballot
from surveys.ballots.urn import urn_tally


def test_a_table_that_is_read_is_written_anew_a_little_later(postgresql_addresses, monkeypatch):
    monkeypatch.setattr(rewriting, "WAIT", "50ms")
    urn_tally.connect(postgresql_addresses.urn)
    with urn_tally.reading() as dump:
        dump.execute(text("SELECT count(*) FROM ballot"))
        with pytest.raises(rewriting.StillRead):
            rewriting.rewrite(urn_tally, Ballot)
    rewriting.rewrite(urn_tally, Ballot)
    urn_tally.close()
