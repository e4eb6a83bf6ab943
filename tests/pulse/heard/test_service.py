"""What is written, published and taken down, on both engines."""

import pytest
from sqlalchemy import select

from pulse.dashboards import chain_queries
from pulse.heard import queries, service
from pulse.organisation.models import Fix, Side
from pulse.people.models import Person
from tests.pulse.dashboards.told import LAST, NOW, tell
from tests.pulse.heard.test_pages import WORDS


def test_words_are_kept_published_and_taken_down_on_both_engines(database):
    with database.writing() as session:
        tell(session)
    with database.writing() as session:
        fix = session.scalars(select(Fix).where(Fix.code == "refund-48h")).one()
        how = {"teams": ["Billing"], "now": NOW, "by": session.scalars(select(Person.id)).first()}
        with pytest.raises(service.NothingWritten):
            service.take_down(session, fix, Side.CUSTOMER, by=how["by"])
        service.keep(session, fix, Side.CUSTOMER, {**WORDS, "next_en": " "}, **how)
        for words, refusal in (
            ({"next_en": " "}, service.WordsMissing),
            ({"next_fr": "Billing."}, service.TeamNamed),
        ):
            with pytest.raises(refusal, match=r"next_(en|fr)"):
                service.keep(session, fix, Side.CUSTOMER, {**WORDS, **words}, publish=True, **how)
        assert not queries.anything(session, Side.CUSTOMER)
        service.keep(session, fix, Side.CUSTOMER, WORDS, publish=True, **how)
    with database.writing() as session:
        (item,) = queries.published(session, Side.CUSTOMER)
        assert queries.changed(session, [item], Side.CUSTOMER) == {item.number: NOW}
        assert queries.published(session, Side.EMPLOYEE) == []
        assert [row.fix.code for row in queries.rows(session, LAST) if row.under(queries.Show.TOLD)] == [
            "refund-48h"
        ]
        service.take_down(session, session.get_one(Fix, item.number), Side.CUSTOMER, by=1)
        assert queries.published(session, Side.CUSTOMER) == []


def test_the_chain_is_read_on_both_engines(database):
    with database.writing() as session:
        tell(session)
        known = chain_queries.chain(session, LAST)
    assert known.links == (("billing", "counter"), ("counter", None))
    assert known.cut_off == ["crew"]
    assert [(burden.fix, burden.own, burden.landing) for burden in known.burdens] == [
        ("refund-48h", ("counter",), ("billing", "counter"))
    ]
    assert known.ways == {"refund-48h": (("counter", "billing"), ("counter",))}
