"""What the clock does for the surveys package: the bodies of its jobs, each of which may be run again."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from config import settings
from pulse import db
from pulse.months import month_of, written
from pulse.scheduler import once
from surveys.ballots import count, keys, retention
from surveys.ballots.models import Ballot, Code, Remark, UnitKey
from surveys.ballots.rewriting import rewrite
from surveys.ballots.urn import arrived, note_rewritten, tally, urn_tally
from surveys.cases import news
from surveys.cases import retention as case_retention
from surveys.cases import service as cases_service
from surveys.delivery import retention as message_retention
from surveys.delivery.sender import send_due
from surveys.invitations import retention as customers
from surveys.proposals import service as proposals_service
from surveys.responses import arrivals, counting
from surveys.starting import service as starting
from surveys.starting import uploads
from surveys.waves import mails, service
from surveys.waves.models import Issued


def open_wave(now: datetime) -> str:
    """Open this month's wave when it is due. Keys still missing are made before: writers need not wait.

    While a first run is under way on screen waves are planned, and none opens: nobody is asked by surprise.
    """
    zone, k = settings().zone, settings().min_respondents
    with db.reading() as session:
        held, needed = starting.holds_waves(session, now), keys.due(session, now, zone=zone)
    if held:
        with once(db.main) as session:
            starting.plan(session, now, zone=zone, k=k)
        return "no wave opens before the first run is finished"
    keys.stock(db.main, needed)
    with once(db.main) as session:
        wave = service.open_due(session, now, zone=zone, k=k)
        if wave:
            keys.assign(session, wave)
        return f"opened the wave of {written(wave.month)}" if wave else "no wave to open"


def invite_to_wave(now: datetime) -> str:
    """Queue a mail to everybody who can draw a ballot of the open wave and has none yet."""
    return _mailed(now, mails.invite_some, "invitations")


def remind_of_wave(now: datetime) -> str:
    """Queue reminders on the last working days of the open wave to those who have drawn no ballot."""
    return _mailed(now, mails.remind_some, "reminders")


def _mailed(now: datetime, some: Callable[..., mails.Done], what: str) -> str:
    """Queue mails of the open wave in transactions of a few: nobody who answers waits long for them."""
    known = settings()
    with db.reading() as session:
        wave = service.taking_answers(session, now)
        root = (keys.fingerprint(session, wave.month) or "") if wave else ""
    if wave is None:
        return "no open wave"
    secret = known.secret_key.get_secret_value() if known.secret_key else ""
    head = mails.Letterhead(known.site_url, root, secret, known.zone)
    queued, after = 0, 0
    while True:
        with db.writing() as session:
            done = some(session, wave, now, head=head, after=after)
        queued += done.queued
        if done.last is None:
            return f"{queued} {what} queued"
        after = done.last


def forget_mails(now: datetime) -> str:
    """Delete the mails of waves that ended a month ago."""
    with once(db.main) as session:
        return f"{mails.forget(session, now)} mails of waves deleted"


def close_waves(now: datetime) -> str:
    """Close the waves that are over and count them into the ledger.

    Three steps, each of which may be done again: take no more answers; write the urn and the list of who
    answered anew in the order of their keys; count, and post the counts in one transaction.
    """
    with db.writing() as session:
        service.close_due(session, now)
    with db.reading() as session:
        months = service.to_be_tallied(session, now)
    if not months:
        return "no wave to count"
    _rewrite()
    scores = 0
    for month in months:
        with db.reading() as session:
            asked = count.asked(session, month)
        with urn_tally.reading() as box:
            tallies = tally(box, month, asked)
        with db.night.writing() as session:  # the web's role reads no sum
            scores += count.post(session, month, tallies, now)
    return f"counted {', '.join(map(written, months))}: {scores} scores"


def make_keys(now: datetime) -> str:
    """Make the keys of the next wave ahead, some each hour: a big organisation needs many."""
    day = now.astimezone(settings().zone).date()
    with db.reading() as session:
        needed = keys.wanted(session, month_of(day), day)
    return f"{keys.stock(db.main, needed, most=keys.AN_HOUR)} keys made"


def destroy_keys(now: datetime) -> str:
    """Destroy the keys that nobody can draw a ballot with any more."""
    with once(db.main) as session:
        return f"{keys.forget(session, now)} keys destroyed"


def rewrite_urn(now: datetime) -> str:
    """Write urn and issuing list anew in the order of their keys, as soon as enough new ballots are there."""
    with db.reading() as session:
        waves = {wave.month: wave.threshold for wave in service.being_cast(session)}
    with urn_tally.reading() as box:
        counts = {month: arrived(box, month) for month in waves}
    if not any(new >= waves[month] for month, (_, new) in counts.items()):
        return "nothing to write anew"
    _rewrite()
    with urn_tally.writing() as box:
        for month, (there, _) in counts.items():
            note_rewritten(box, month, there)
    return "written anew"


def _rewrite() -> None:
    rewrite(urn_tally, Ballot, Remark, Code)
    rewrite(db.night, Issued, UnitKey)


def purge(now: datetime) -> str:
    """Delete for good what has lived long enough, and keep the proof of it.

    The proof of what goes from the urn is written first: broken off in between, the next run finds the same
    rows, proves the same and goes on.
    """
    today = now.astimezone(settings().zone).date()
    with db.reading() as session:
        due = retention.due(session, now)
    gone = [
        f"{what} of {written(month)}" for what in due for month in due[what] if _purged(what, month, today)
    ]
    if gone:
        _rewrite()
    return f"purged {', '.join(gone) or 'nothing'}"


def _purged(what: str, month: date, today: date) -> bool:
    if what not in retention.IN_THE_URN:
        with db.writing() as session:
            rows, digest = retention.destroy_list(session, month)
            if rows:
                retention.prove(session, what, month, rows, digest, today)
        return rows > 0
    with urn_tally.reading() as box:
        rows, digest = retention.condemned(box, what, month)
    if rows:
        with db.writing() as session:
            retention.prove(session, what, month, rows, digest, today)
        with urn_tally.writing() as box:
            retention.destroy(box, what, month)
    return rows > 0


def count_responses(now: datetime) -> str:
    """Count customers' open months into the ledger."""
    with db.night.reading() as session:
        counts = counting.open_counts(session)
    with once(db.night) as session:
        counting.post(session, counts)
    return f"{len({month for month, _ in counts})} open months counted"


def close_customer_months(now: datetime) -> str:
    """Close the customer months that ended a few days ago."""
    with db.night.reading() as session:
        zone = settings().zone
        if not any(counting.is_over(month, now, zone) for month, _ in counting.open_counts(session)):
            return "no month to close"
    with once(db.night) as session:
        months = counting.close_due(session, now, zone=zone, k=settings().min_respondents)
    return f"closed {', '.join(map(written, months)) or 'none'}"


def forget_arrivals(now: datetime) -> str:
    """Delete yesterday's salt, and counts of answers by open links that no hour needs any more."""
    with once(db.main) as session:
        arrivals.forget(session, now)
    return "old salts and counts forgotten"


def count_months_again(now: datetime) -> str:
    """Count closed customer months again from which answers were erased, or to which some were let in."""
    with db.night.reading() as session:
        months = counting.asked_again(session)
        counts = {
            key: sums for month in months for key, sums in counting.closed_counts(session, month).items()
        }
    if not months:
        return "no month to count again"
    with once(db.night) as session:
        counting.count_again(session, months, counts, now, k=settings().min_respondents)
    return f"counted again {', '.join(map(written, months))}"


def forget_customers(now: datetime) -> str:
    """Forget whose interactions those of long ago were."""
    with once(db.main) as session:
        return customers.forget(session, now, rest=timedelta(days=settings().rest_days))


def open_cases(now: datetime) -> str:
    """Open cases for customers who agreed to be contacted."""
    with once(db.main) as session:
        return f"{cases_service.open_wished(session, now, zone=settings().zone)} cases opened"


def forget_cases(now: datetime) -> str:
    """Forget customers whose case is over, and what customers wrote a year ago."""
    with once(db.main) as session:
        customers, words = case_retention.forget(session, now)
    return f"{customers} customers of cases and the words of {words} answers forgotten"


def tell_customers(now: datetime) -> str:
    """Tell customers who agreed to be contacted what became of what they named."""
    with db.reading() as session:
        if not news.concerning(session, named=proposals_service.named(session)):
            return "nobody to tell"
    with once(db.main) as session:
        told = news.tell(session, now, known=settings(), named=proposals_service.named(session))
    return f"{told} customers told"


def group_words(now: datetime) -> str:
    """Group what customers wrote in their own words into proposed irritants."""
    from surveys.proposals import nightly as night  # scikit-learn: only who runs the night needs it

    return night.regroup(db.night, now, now.astimezone(settings().zone).date())


def send_messages(now: datetime) -> str | None:
    """Send some of the messages that are due."""
    return send_due(db.main, settings(), now)


def forget_messages(now: datetime) -> str:
    """Delete what was sent to customers a month ago, with their addresses."""
    with once(db.main) as session:
        return f"{message_retention.forget(session, now)} messages to customers deleted"


def forget_folders(now: datetime) -> str:
    """Forget company folders that were brought in on screen and not taken over within a day."""
    return f"{uploads.forget_old()} folders forgotten"
