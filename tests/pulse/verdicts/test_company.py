"""The company that the night reads: irritants, and nothing that is none."""

from datetime import UTC, date, datetime

from pulse.ledger import store
from pulse.ledger.models import Source
from pulse.organisation.models import Break, Indicator, Irritant, Side, Team
from pulse.verdicts import company

MAY = date(2026, 5, 1)


def test_an_indicator_is_no_irritant_that_a_burden_could_land_on(database):
    words = {
        f"{what}_{language}": "Waiting"
        for what in ("label", "customer_question", "employee_question")
        for language in ("en", "fr")
    }
    with database.writing() as session:
        team = Team(code="A", name_en="A", name_fr="A")
        waiting = Irritant(code="wait", touchpoints=[], **words)
        enps = Indicator(code="enps", label_en="eNPS", label_fr="eNPS")
        session.add_all([team, waiting, enps])
        session.flush()
        session.add(Break(side=Side.EMPLOYEE, month=MAY, measure_id=enps.id, note="Other words"))
        sums = [store.Sum(about.id, team.id, 10, 5000, 2_700_000) for about in (waiting, enps)]
        store.replace(session, Side.EMPLOYEE, MAY, Source.TALLY, sums)
        store.close(session, Side.EMPLOYEE, MAY, k=5, now=datetime(2026, 6, 4, tzinfo=UTC))
    with database.reading() as session:
        found = company.read(session)
    assert found.measures.codes == ("wait",)
    assert found.staff.n.tolist() == [[10]]
    assert found.staff.broken is None or not found.staff.broken.any()
