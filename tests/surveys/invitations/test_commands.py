"""flask invite: a link from the command line."""

from pulse import db
from surveys.invitations.models import Invitation
from tests.surveys.conftest import built


def run(app, *words):
    return app.test_cli_runner().invoke(args=["invite", *words])


def test_it_prints_a_link_that_works(app, client):
    with db.writing() as session:
        built(session)
    printed = run(app, "station", "--interaction", "call-1")
    assert (printed.exit_code, printed.stderr) == (0, "")
    address, _, token = printed.stdout.strip().rpartition("/r/")
    assert address == "http://127.0.0.1:8000"
    assert client.get(f"/r/{token}").status_code == 200


def test_it_says_in_one_line_what_is_wrong(app):
    with db.writing() as session:
        built(session)
    unknown = run(app, "moon")
    assert (unknown.exit_code, unknown.stdout, unknown.stderr) == (
        1,
        "",
        "Error: there is no touchpoint moon\n",
    )
    run(app, "station", "--interaction", "call-1")
    again = run(app, "station", "--interaction", "call-1")
    assert (again.exit_code, again.stderr) == (1, "Error: interaction call-1 has led to a link before\n")
    assert run(app).exit_code == 2
    with db.reading() as session:
        assert session.query(Invitation).count() == 1
