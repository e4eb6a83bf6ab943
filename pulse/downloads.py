"""A page's figures as a file: the same address with ?as=csv, xlsx or json, behind the same door."""

from typing import Literal, get_args

from flask import Response, make_response, request

from pulse.exports import Book, as_csv, as_json, as_xlsx
from pulse.i18n import gettext as _

Kind = Literal["csv", "xlsx", "json"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def wanted() -> Kind | None:
    """The kind of file this request asks for instead of the page; None = the page."""
    asked = request.args.get("as", "")
    return next((kind for kind in KINDS if kind == asked), None)


def sent(book: Book, kind: Kind) -> Response:
    """A book as a file to keep; of a CSV file the sheet that ?sheet= names, or the first one."""
    if kind == "csv":
        sheet = book.sheet(request.args.get("sheet", ""))
        name = book.name if sheet is book.sheets[0] else f"{book.name}-{sheet.code}"
        return attached(as_csv(sheet).encode(), f"{name}.csv", TYPES[kind])
    body = as_json(book).encode() if kind == "json" else as_xlsx(book, about=_("About this file"))
    return attached(body, f"{book.name}.{kind}", TYPES[kind])


def attached(body: bytes, name: str, mimetype: str) -> Response:
    """A file to keep under a name."""
    response = make_response(body)
    response.headers["Content-Type"] = mimetype
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
