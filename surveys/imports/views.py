"""The admin's page for the file of people: read, looked at, and only then taken over."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pulse import db
from pulse.i18n import gettext as _
from pulse.people import files, login, service, taking_over
from pulse.people.models import Grant
from pulse.web import for_grant, render
from surveys.imports import people as reader
from surveys.imports.forms import KeepForm, PeopleForm
from surveys.imports.people import COLUMNS, Reading, Wanted

bp = Blueprint("imports", __name__)
LARGEST = 200 * 1024 * 1024  # bytes: a million people
PASTED = 20 * 1024 * 1024
ONE = "/people/file/<int(max=2147483647):file_id>"


@bp.route("/people/file", methods=["GET", "POST"])
@for_grant(Grant.ADMIN)
def people() -> ResponseReturnValue:
    """Bring a file of people in; nobody is changed by it yet."""
    request.max_content_length, request.max_form_memory_size = LARGEST, PASTED
    form = PeopleForm()
    if not form.is_submitted():
        form.starts.data = service.today()
        return render(form=form, columns=COLUMNS, reading=None)
    if not form.validate():
        return render(form=form, columns=COLUMNS, reading=None, status=422)
    reading = _read(form)
    if reading is None or reading.file_id is None:
        return render(form=form, columns=COLUMNS, reading=reading, status=422)
    return redirect(url_for("surveys.imports.people_file", file_id=reading.file_id), 303)


def _read(form: PeopleForm) -> Reading | None:
    """What reading the file came to; None where there is no file."""
    upload, visit = form.file.data, login.here()
    wanted = Wanted(
        form.starts.data, full=form.full.data, columns=form.columns, by=visit.person_id if visit else None
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        if upload:
            upload.save(path)
            name = Path(upload.filename or "").name[:100] or path.name
        elif form.text.data and form.text.data.strip():
            path.write_text(form.text.data, encoding="utf-8", newline="")
            name = _("the lines pasted")
        else:
            form.want_file()
            return None
        return reader.read(db.main, path, wanted, name=name, now=datetime.now(UTC))


@bp.get(ONE)
@for_grant(Grant.ADMIN)
def people_file(file_id: int) -> ResponseReturnValue:
    """What a file would change, or has changed."""
    return _page(file_id, KeepForm())


def _page(file_id: int, form: KeepForm, *, status: int = 200) -> ResponseReturnValue:
    with db.reading() as session:
        try:
            file = files.waiting(session, file_id)
        except files.NoSuchFile:
            abort(404)
        told = files.summary(session, file)
        return render(page="surveys.imports.people_file", status=status, file=file, summary=told, form=form)


@bp.post(ONE)
@for_grant(Grant.ADMIN)
def keep_people(file_id: int) -> ResponseReturnValue:
    """Take a file over, or put it aside."""
    form = KeepForm()
    if not form.validate():
        return _page(file_id, form, status=422)
    if "aside" in request.form:
        with db.writing() as session:
            files.drop(session, file_id)
        return redirect(url_for("surveys.imports.people"), 303)
    if not _kept(file_id, form):
        return _page(file_id, form, status=409)
    return redirect(url_for("surveys.imports.people_file", file_id=file_id), 303)


def _kept(file_id: int, form: KeepForm) -> bool:
    """Whether the file was taken over; if not, the form says why."""
    visit, number = login.here(), form.leavers.data
    try:
        with db.writing() as session:
            by, now = visit.person_id if visit else None, datetime.now(UTC)
            reader.keep(session, file_id, leavers_confirmed=number, by=by, now=now)
    except files.NoSuchFile:
        abort(404)
    except taking_over.TooManyLeavers:
        form.want_number()
    except taking_over.NoAdminLeft:
        form.refuse(
            _("Nobody would be left to look after accounts: make somebody who stays an administrator")
        )
    except taking_over.Overtaken:
        form.refuse(_("People were changed since this file was read. Bring it in again"))
    else:
        return True
    return False
