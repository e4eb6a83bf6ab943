"""You said, we did: customers who agreed to be contacted hear once what became of a fix of their irritant."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from config import Settings
from pulse.heard import queries as heard
from pulse.organisation import service as organisation
from pulse.organisation.models import Fix, Irritant, Side, Touchpoint
from pulse.outbox.service import enqueue
from pulse.people.service import NotAnAddress
from pulse.verdicts.models import Verdict
from surveys.cases import letters
from surveys.cases.models import Case, Told
from surveys.cases.retention import NEWS
from surveys.cases.rules import JUDGED, Hearer, Hearing, hearing
from surveys.invitations import contacts, mails
from surveys.invitations.models import Contact, Interaction, Invitation
from surveys.invitations.sending import next_moment
from surveys.responses.models import Response, ResponseScore

AT_ONCE = 500  # answers of one query


class NoSecretKey(Exception):
    """Without PULSE_SECRET_KEY no customer can be known again."""


@dataclass(frozen=True)
class News:
    """A case that a judged fix concerns: its customer named the irritant at a touchpoint of the fix.

    started -- the day the fix started at that touchpoint
    """

    case: Case
    response: Response
    place: Touchpoint
    fix: Fix
    verdict: Verdict
    started: date


def tell(session: Session, now: datetime, *, known: Settings, named: Iterable[tuple[int, int]] = ()) -> int:
    """Queue letters to the customers who are to hear of a fix now; how many.

    named -- (response id, irritant id) of those who named an irritant in their own words

    A customer is told of a fix once, by whichever of their cases comes first, and rests afterwards as after
    an invitation. Raises NoSecretKey.
    """
    done = {(case, fix) for case, fix in session.execute(select(Told.case_id, Told.fix_id))}
    found = [news for news in concerning(session, named=named) if (news.case.id, news.fix.id) not in done]
    if not found:
        return 0
    if known.secret_key is None:
        raise NoSecretKey
    secret, rest = known.secret_key.get_secret_value(), timedelta(days=known.rest_days)
    contacts.one_at_a_time(session)
    told = 0
    for news in found:
        keys = _keys(session, secret, news)
        if hearing(_hearer(session, news, keys), now, rest) is Hearing.NOW:
            _send(session, news, keys, now, known)
            told += 1
    return told


def concerning(
    session: Session, case: Case | None = None, *, named: Iterable[tuple[int, int]] = ()
) -> list[News]:
    """What judged fixes there are to tell customers of (of one case: its customer), oldest verdict first."""
    naming = _naming(session, case, named)
    by_irritant: dict[int, list[Verdict]] = {}
    for verdict in _judged(session, {irritant for *_, irritant in naming}):
        by_irritant.setdefault(verdict.fix.irritant_id, []).append(verdict)
    if not by_irritant:
        return []
    starts = {
        (scope.fix_id, place): day
        for scope in organisation.scopes(session)
        for place, day in scope.touchpoints
    }
    found = [
        News(case, response, place, verdict.fix, verdict, starts[verdict.fix_id, place.id])
        for case, response, place, irritant in naming
        for verdict in by_irritant.get(irritant, ())
        if (verdict.fix_id, place.id) in starts
    ]
    return sorted(found, key=lambda news: (news.verdict.as_of, news.fix.id, news.case.id))


def _judged(session: Session, irritants: Collection[int]) -> list[Verdict]:
    """The newest verdict of each fix of some irritants, where it says something."""
    if not irritants:
        return []
    last = select(Verdict.fix_id, func.max(Verdict.as_of).label("as_of")).group_by(Verdict.fix_id).subquery()
    rows = (
        select(Verdict)
        .join(last, (last.c.fix_id == Verdict.fix_id) & (last.c.as_of == Verdict.as_of))
        .join(Fix, Fix.id == Verdict.fix_id)
        .where(Fix.irritant_id.in_(irritants))
        .options(joinedload(Verdict.fix))
        .order_by(Verdict.fix_id, Verdict.revision)
    )
    newest = {verdict.fix_id: verdict for verdict in session.scalars(rows)}
    return [verdict for verdict in newest.values() if verdict.outcome in JUDGED]


def _naming(
    session: Session, only: Case | None, named: Iterable[tuple[int, int]]
) -> list[tuple[Case, Response, Touchpoint, int]]:
    """Cases with a way to reach their customer, and each irritant (by id) that the customer named."""
    cases = (
        select(Case, Response, Touchpoint)
        .join(Response, Response.id == Case.response_id)
        .join(Touchpoint, Touchpoint.id == Response.touchpoint_id)
        .where(Case.contact.is_not(None))
        .order_by(Case.id)
    )
    if only is not None:
        cases = cases.where(Case.id == only.id)
    ticked = (
        cases.add_columns(ResponseScore.measure_id)
        .join(ResponseScore, ResponseScore.response_id == Response.id)
        .where(ResponseScore.score > 0)
    )
    found = {(row[0].id, row[3]): tuple(row) for row in session.execute(ticked)}
    worded: dict[int, set[int]] = defaultdict(set)
    for response_id, irritant in named:
        worded[response_id].add(irritant)
    for start in range(0, len(worded), AT_ONCE):
        some = sorted(worded)[start : start + AT_ONCE]
        for found_case, response, place in session.execute(cases.where(Response.id.in_(some))):
            for irritant in sorted(worded[response.id]):
                found.setdefault((found_case.id, irritant), (found_case, response, place, irritant))
    return list(found.values())


def _keys(session: Session, secret: str, news: News) -> list[str]:
    """The keys of a customer: of the address they left, first, and those they were invited by."""
    invited = (
        select(Interaction.contact_keys)
        .join(Invitation, Invitation.interaction_id == Interaction.id)
        .where(Invitation.id == news.response.invitation_id)
    )
    try:
        left = contacts.keys(secret, email=news.case.contact)
    except NotAnAddress:
        left = []
    return list(dict.fromkeys([*left, *(session.scalar(invited) or [])])) if left else []


def _hearer(session: Session, news: News, keys: Sequence[str]) -> Hearer:
    known = session.scalars(select(Contact).where(Contact.key.in_(keys))).all()
    told = select(Told.fix_id).where(
        Told.fix_id == news.fix.id, (Told.case_id == news.case.id) | Told.contact_key.in_(keys)
    )
    return Hearer(
        outcome=news.verdict.outcome,
        told=session.scalar(told.limit(1)) is not None,
        contact=news.case.contact if keys or news.case.contact is None else "",
        opted_out=any(contact.opted_out_at for contact in known),
        unreachable=any(contact.unreachable_since for contact in known),
        asked_at=max((contact.asked_at for contact in known if contact.asked_at), default=None),
    )


def _send(session: Session, news: News, keys: Sequence[str], now: datetime, known: Settings) -> None:
    due = next_moment(now, known.zone, known.sending_hours, known.sending_days)
    stop = f"{known.site_url}/stop/{contacts.stop_mark(keys)}"
    told = heard.told(session, [news.fix.id], Side.CUSTOMER).get(news.fix.id)
    said = letters.Said(
        language=news.response.language,
        name=news.case.name,
        month=news.response.month,
        place={"en": news.place.name_en, "fr": news.place.name_fr},
        irritant=_labels(session.get_one(Irritant, news.fix.irritant_id)),
        fix={"en": news.fix.name_en, "fr": news.fix.name_fr},
        started=news.started,
        outcome=news.verdict.outcome,
        underway=news.started <= news.response.answered_at.astimezone(known.zone).date(),
        stop=stop,
        done={"en": told.done_en, "fr": told.done_fr} if told else {},
        then={"en": told.next_en, "fr": told.next_fr} if told else {},
        page=f"{known.site_url}/you-said" if heard.anything(session, Side.CUSTOMER) else "",
    )
    subject, text, html = letters.news(said, known)
    enqueue(
        session,
        key=f"{NEWS}{news.fix.id}:{news.case.id}",
        channel="email",
        recipient=news.case.contact or "",
        subject=subject,
        text=text,
        html=html,
        headers=mails.headers(stop),
        now=now,
        due=due,
    )
    session.add(
        Told(
            case_id=news.case.id,
            fix_id=news.fix.id,
            contact_key=keys[0],
            outcome=news.verdict.outcome,
            at=now,
        )
    )
    contacts.mark_asked(session, keys, due)
    session.flush()


def _labels(irritant: Irritant) -> dict[str, str]:
    return {"en": irritant.label_en, "fr": irritant.label_fr}
