"""Putting fixes on record: written down before launch, frozen from then on, rolled out, stopped."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from config import settings
from pulse import db, downloads
from pulse.i18n import gettext as _
from pulse.i18n import language
from pulse.organisation import fixes, service
from pulse.organisation.fixes import Act, DateRefused, Draft
from pulse.organisation.freezing import Stage
from pulse.organisation.models import Fix, PlaceKind
from pulse.people import login
from pulse.people import service as people
from pulse.people.login import ANALYSTS, DECIDERS
from pulse.people.models import Grant
from pulse.registering import files, queries, words
from pulse.registering.forms import (
    SAY_WHY,
    DatesForm,
    FixForm,
    OwnerForm,
    StopForm,
    WithdrawForm,
    owner_choices,
)
from pulse.registering.offers import Offer, offered
from pulse.registering.outlook import Outlook, outlook
from pulse.verdicts import flags
from pulse.verdicts.models import Flag, FlagState
from pulse.web import for_grant, render

bp = Blueprint("registering", __name__)
READERS = (*ANALYSTS, Grant.OWNER)
WRITERS = (*DECIDERS, Grant.OWNER)
ONE = "/register/fix/<code>"


@bp.get("/register")
@for_grant(*READERS)
def planned() -> Response:
    """Fixes on record by how far they have come; an owner's own ones."""
    me = _me()
    owner = None if me.may(frozenset(ANALYSTS)) else me.email
    with db.reading() as session:
        found = queries.on_record(session, people.today(), owner=owner)
        if kind := downloads.wanted():
            return downloads.sent(files.planned(found, people.today(), address=request.url), kind)
        return render(found=found, own=owner is not None, writes=me.may(frozenset(WRITERS)), say=words)


@bp.get("/register/fix")
@for_grant(*WRITERS)
def fix_form() -> Response:
    """An empty form, or one begun from a flag or an irritant."""
    with db.reading() as session:
        form = FixForm(formdata=None)
        _offer(session, form)
        form.customer_way.data, form.staff_way.data = "less", "more"
        form.owner.data = _me().email
        form.irritant.data = request.args.get("irritant", "")
        form.started.data = request.args.get("started", "")
        flag = _flag(session, request.args.get("corrects"))
        if flag is not None:
            _begin_from(session, form, flag)
        return _form_page(session, form, flag=flag)


@bp.post("/register/fix")
@for_grant(*WRITERS)
def register() -> ResponseReturnValue:
    """Check what was written, or put the fix on record."""
    form, do = FixForm(), request.form.get("do")
    with db.writing() as session:
        _offer(session, form)
        flag = _flag(session, form.corrects.data)
        if do not in ("check", "save"):
            return _form_page(session, form, flag=flag)
        if not form.validate():
            return _form_page(session, form, flag=flag, status=422)
        draft = form.draft(queries.codes(session))
        if do == "check":
            return _form_page(session, form, flag=flag, draft=draft)
        made = fixes.register(session, draft, _act())
        if flag is not None:
            _answer(session, flag, made)
        code = made.code
    return redirect(url_for("pulse.registering.fix", code=code, done="registered"), 303)


@bp.get(ONE)
@for_grant(*READERS)
def fix(code: str) -> Response:
    """A fix on record: what was written down, what may still be changed, and all that was done to it."""
    with db.reading() as session:
        found = _read(session, code)
        return _fix_page(session, found)


@bp.post(ONE)
@for_grant(*WRITERS)
def edit(code: str) -> ResponseReturnValue:
    """Check a change of what is written down, or keep it; only before the fix starts."""
    form, do = FixForm(), request.form.get("do")
    with db.writing() as session:
        found = _write(session, code)
        _offer(session, form, found)
        if do not in ("check", "save"):
            return _fix_page(session, found, form)
        if not form.validate():
            return _fix_page(session, found, form, status=422)
        draft = form.draft(queries.codes(session))
        if do == "check":
            return _fix_page(session, found, form, draft=draft)
        status = _refused(
            session, found, form, lambda seen: fixes.edit(session, found, draft, _act(), seen=seen)
        )
        if status:
            theirs = words.differences(session, fixes.draft_of(found), draft) if status == 409 else []
            return _fix_page(session, found, form, theirs=theirs, status=status)
    return _back(code, "saved", owner=draft.owner)


@bp.post(f"{ONE}/owner")
@for_grant(*WRITERS)
def hand_over(code: str) -> ResponseReturnValue:
    """Give a fix another owner, at any time."""
    form = OwnerForm()
    with db.writing() as session:
        found = _write(session, code)
        form.owner.choices = owner_choices(flags.holders(session), found.owner or "")
        if not form.validate():
            return _fix_page(session, found, form, status=422)
        owner: str = form.owner.data
        status = _refused(
            session, found, form, lambda seen: fixes.hand_over(session, found, owner, _act(), seen=seen)
        )
        if status:
            return _fix_page(session, found, form, status=status)
    return _back(code, "saved", owner=owner)


@bp.post(f"{ONE}/stop")
@for_grant(*WRITERS)
def stop(code: str) -> ResponseReturnValue:
    """Stop a fix everywhere on a day, with a reason."""
    form = StopForm()
    with db.writing() as session:
        found = _write(session, code)
        if not form.validate():
            return _fix_page(session, found, form, status=422)
        day, reason = form.last_day, form.reason.data or ""
        status = _refused(
            session,
            found,
            form,
            lambda seen: fixes.stop(session, found, day, _act(), reason=reason, seen=seen),
        )
        if status:
            return _fix_page(session, found, form, status=status)
    return _back(code, "saved")


@bp.post(f"{ONE}/withdraw")
@for_grant(*WRITERS)
def withdraw(code: str) -> ResponseReturnValue:
    """Take a fix back before it starts; it stays on record."""
    form = WithdrawForm()
    with db.writing() as session:
        found = _write(session, code)
        if not form.validate():
            return _fix_page(session, found, form, status=422)
        reason = form.reason.data or ""
        status = _refused(
            session,
            found,
            form,
            lambda seen: fixes.withdraw(session, found, _act(), reason=reason, seen=seen),
        )
        if status:
            return _fix_page(session, found, form, status=status)
    return _back(code, "withdrawn")


@bp.get(f"{ONE}/dates")
@for_grant(*READERS)
def dates(code: str) -> Response:
    """When a fix starts and stops at each of its places."""
    with db.reading() as session:
        return _dates_page(session, _read(session, code))


@bp.post(f"{ONE}/dates")
@for_grant(*WRITERS)
def roll_out(code: str) -> ResponseReturnValue:
    """Change when a fix starts and stops at places where it has not."""
    form = DatesForm()
    with db.writing() as session:
        found = _write(session, code)
        before = {at.place.id: at.dates for at in queries.dates(session, found, people.today())}
        form.read(before, request.form, found.started)
        if not form.validate() or form.refused:
            return _dates_page(session, found, form, status=422)
        reason = form.reason.data or ""
        status = _refused(
            session,
            found,
            form,
            lambda seen: fixes.roll_out(session, found, form.dates, _act(), reason=reason, seen=seen),
        )
        if status:
            return _dates_page(session, found, form, status=status)
    return redirect(url_for("pulse.registering.dates", code=code, done="saved"), 303)


Refusing = FixForm | OwnerForm | StopForm | WithdrawForm | DatesForm


def _refused(session: Session, found: Fix, form: Refusing, deed: Callable[[str], None]) -> int | None:
    """Do something to a fix; None where it was done, else the status of a page whose form says why not."""
    try:
        deed(form.seen.data or "")
    except fixes.Overtaken:
        form.seen.data = fixes.version(session, found)
        form.form_errors.append(words.overtaken(session, found))
    except fixes.Frozen:
        form.form_errors.append(_("This fix has started, so scope and expectation no longer change."))
    except fixes.Withdrawn:
        form.form_errors.append(_("This fix was withdrawn meanwhile, so nothing about it changes any more."))
    except fixes.ReasonMissing:
        assert isinstance(form, DatesForm)  # the other forms ask for it themselves
        form.reason.errors = [str(SAY_WHY)]
        return 422
    except DateRefused as refused:
        assert isinstance(form, FixForm | StopForm | DatesForm)  # the others hold no date
        form.refuse(refused.place_id, refused.why)
        return 422
    else:
        return None
    return 409


def _offer(session: Session, form: FixForm, found: Fix | None = None) -> None:
    """Give a form its choices; a fix on record keeps its irritant and its owner among them."""
    me, owner = _me(), (found.owner or "") if found else ""
    holders = flags.holders(session)
    if found is None and not me.may(frozenset(DECIDERS)):
        holders = [person for person in holders if person.email == me.email]
    irritants = queries.irritants(session, also=found.irritant.code if found else "")
    form.offer(irritants, queries.places(session), holders, owner)


def _begin_from(session: Session, form: FixForm, flag: Flag) -> None:
    """Begin the form with the place where a flagged fix's burden landed."""
    verdict = flag.verdict
    form.corrects.data, form.owner.data = str(flag.id), flag.owner or _me().email
    form.irritant.data = (verdict.landing_irritant or flag.fix.irritant.code).split("|")[0]
    codes = set((verdict.landing_team or "").split("|"))
    form.teams.data = [team.id for team in queries.places(session, PlaceKind.TEAM) if team.code in codes]


def _flag(session: Session, wanted: str | None) -> Flag | None:
    """The flag a new fix is to answer: an open one, and for an owner one of their own."""
    found = queries.flag(session, wanted)
    if found is None or found.state is FlagState.CLOSED:
        return None
    me = _me()
    return found if me.may(frozenset(DECIDERS)) or flags.is_of(found, me.email) else None


def _answer(session: Session, flag: Flag, made: Fix) -> None:
    step = flags.Step(corrective_id=made.id)
    with suppress(flags.CannotMoveTo, flags.NotCorrective):  # closed meanwhile: the fix stands all the same
        flags.take(session, flag, step, by=_me().email, now=datetime.now(UTC))


def _form_page(
    session: Session,
    form: FixForm,
    *,
    flag: Flag | None = None,
    draft: Draft | None = None,
    status: int = 200,
) -> Response:
    return render(
        page="pulse.registering.fix_form",
        status=status,
        form=form,
        flag=flag,
        outlook=_outlook(session, draft) if draft else None,
        offers=_offers(session, form),
        **_common(),
    )


def _fix_page(
    session: Session,
    found: Fix,
    form: Refusing | None = None,
    *,
    draft: Draft | None = None,
    theirs: Sequence[words.Change] = (),
    status: int = 200,
) -> Response:
    """A fix's page; form -- the one that was sent and is shown again as it was filled in."""
    stage = fixes.stage_of(found, people.today())
    writes = _may_write(found)
    editing = form if isinstance(form, FixForm) else None
    if editing is None and stage is Stage.PLANNED and writes:
        editing = FixForm(formdata=None)
        _offer(session, editing, found)
        editing.fill(fixes.draft_of(found), found.irritant.code)
        editing.seen.data = fixes.version(session, found)
    planned = draft or (fixes.draft_of(found) if stage is Stage.PLANNED else None)
    return render(
        page="pulse.registering.fix",
        status=status,
        found=found,
        stage=stage,
        launched=fixes.launched(found, people.today()),
        writes=writes,
        form=form or editing or OwnerForm(formdata=None),
        editing=editing,
        sent=isinstance(form, FixForm),
        checked=draft is not None,
        owner_form=form if isinstance(form, OwnerForm) else _owner_form(session, found),
        stop_form=form if isinstance(form, StopForm) else _stop_form(session, found),
        withdraw_form=form if isinstance(form, WithdrawForm) else _withdraw_form(session, found),
        theirs=theirs,
        places=queries.dates(session, found, people.today()),
        outlook=_outlook(session, planned, found) if planned else None,
        offers=_offers(session, editing) if editing else None,
        lines=words.log(session, found),
        **_common(),
    )


def _owner_form(session: Session, found: Fix) -> OwnerForm:
    form = OwnerForm(formdata=None)
    form.owner.choices = owner_choices(flags.holders(session), found.owner or "")
    form.owner.data, form.seen.data = found.owner or "", fixes.version(session, found)
    return form


def _stop_form(session: Session, found: Fix) -> StopForm:
    form = StopForm(formdata=None)
    form.day.data, form.seen.data = (
        (found.stopped or people.today()).isoformat(),
        fixes.version(session, found),
    )
    return form


def _withdraw_form(session: Session, found: Fix) -> WithdrawForm:
    form = WithdrawForm(formdata=None)
    form.seen.data = fixes.version(session, found)
    return form


def _dates_page(
    session: Session, found: Fix, form: DatesForm | None = None, *, status: int = 200
) -> Response:
    today = people.today()
    places = queries.dates(session, found, today)
    if form is None:
        form = DatesForm(formdata=None)
        form.show({at.place.id: at.dates for at in places}, found.started)
        form.seen.data = fixes.version(session, found)
    return render(
        page="pulse.registering.dates",
        status=status,
        found=found,
        places=places,
        form=form,
        writes=_may_write(found) and not found.withdrawn,
        today=today,
        done=request.args.get("done", ""),
    )


def _outlook(session: Session, draft: Draft, found: Fix | None = None) -> Outlook:
    return outlook(session, draft, people.today(), k=settings().min_respondents, fix=found)


def _offers(session: Session, form: FixForm) -> dict[str, Offer]:
    """The places to tick: with an irritant chosen, those near it first."""
    served = service.served(session)
    irritant = queries.codes(session).get(form.irritant.data or "")
    met = set() if irritant is None else served.where(irritant)
    ticked = {name: set(form[name].data or ()) for name in ("touchpoints", "teams")}
    likely = {"touchpoints": met, "teams": served.by(ticked["touchpoints"] or met)}
    return {
        name: offered(
            queries.places(session, kind),
            ticked=ticked[name],
            likely=likely[name],
            words=form[f"find_{name}"].data or "",
            language=language(),
        )
        for name, kind in (("touchpoints", PlaceKind.TOUCHPOINT), ("teams", PlaceKind.TEAM))
    }


def _common() -> dict[str, object]:
    return {
        "say": words,
        "k": settings().min_respondents,
        "done": request.args.get("done", ""),
        "today": people.today(),
        "analysts": frozenset(ANALYSTS),
    }


def _read(session: Session, code: str) -> Fix:
    """A fix that the reader may read: all, or those they own."""
    found = queries.fix(session, code)
    if found is None or not (_me().may(frozenset(ANALYSTS)) or _owns(found)):
        abort(404)
    return found


def _write(session: Session, code: str) -> Fix:
    found = queries.fix(session, code)
    if found is None or not _may_write(found):
        abort(404)
    return found


def _may_write(found: Fix) -> bool:
    return _me().may(frozenset(DECIDERS)) or _owns(found)


def _owns(found: Fix) -> bool:
    me = _me()
    return me.may(frozenset({Grant.OWNER})) and (found.owner or "").casefold() == me.email.casefold()


def _me() -> login.Visit:
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return visit


def _act() -> Act:
    return Act(_me().email, datetime.now(UTC), people.today())


def _back(code: str, done: str, *, owner: str | None = None) -> ResponseReturnValue:
    """Back to the fix, or to the list where it is somebody else's by now."""
    me = _me()
    gone = owner is not None and owner.casefold() != me.email.casefold() and not me.may(frozenset(ANALYSTS))
    where = (
        url_for("pulse.registering.planned")
        if gone
        else url_for("pulse.registering.fix", code=code, done=done)
    )
    return redirect(where, 303)
