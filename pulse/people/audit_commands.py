"""flask audit: whether the audit is what it was."""

import click

from pulse import db
from pulse.people.audit import Head, verify


@click.group("audit")
def audit() -> None:
    """The audit: who did what, as a chain in which nothing can be changed unnoticed."""


@audit.command("verify")
@click.option("--number", type=click.IntRange(min=0), help="an entry you were told the digest of")
@click.option("--head", "digest", help="that digest, as it stands in the daily mail")
def verify_command(number: int | None, digest: str | None) -> None:
    """Check every entry of the audit, and that the entry of a mail is still what it was.

    Ends with 1 where anything was changed, put in or taken out.
    """
    if (number is None) != (digest is None):
        raise click.UsageError("give --number and --head together, as they stand in the mail")
    known = Head(number, digest.strip().lower()) if number is not None and digest is not None else None
    with db.reading() as session:
        found = verify(session, known=known)
    if found.fault is not None:
        raise click.ClickException(
            f"the audit does not hold at entry {found.fault.number}: {found.fault.why}"
        )
    number_of = (
        "1 entry, which fits" if found.checked == 1 else f"{found.checked} entries, each of which fits"
    )
    click.echo(f"{number_of} the one before")
    if known is not None:
        click.echo(f"entry {known.number} is the one of the mail, and so is everything before it")
    if found.waiting:
        click.echo(f"{found.waiting} entries of an older release, which the next night puts into the chain")
    click.echo(f"number: {found.head.number}\nhead: {found.head.digest}")
