"""What looks wrong with the two questions of a pair before anybody is asked them. Pure."""

from collections.abc import Collection

from pulse.i18n import gettext as _
from pulse.organisation.service import Pair


def doubts(pair: Pair, labels: Collection[str] = ()) -> list[str]:
    """What somebody should look at again; nothing here keeps a pair from being saved.

    labels -- those of other irritants, in both languages
    """
    found = []
    if _same(pair.customer_question_en, pair.employee_question_en) or _same(
        pair.customer_question_fr, pair.employee_question_fr
    ):
        found.append(
            _(
                "Both sides are asked in the same words. Customers should say how much it bothered them,"
                " employees how much it landed on them."
            )
        )
    for side, english, french in (
        (_("customers"), pair.customer_question_en, pair.customer_question_fr),
        (_("employees"), pair.employee_question_en, pair.employee_question_fr),
    ):
        if _same(english, french):
            found.append(_("The French question to %(side)s is the English one.", side=side))
    if {_plain(pair.label_en), _plain(pair.label_fr)} & {_plain(label) for label in labels}:
        found.append(_("Another irritant has this name already. Is it the same one?"))
    if any("?" not in question for question in _questions(pair)):
        found.append(_("A question ends with a question mark."))
    return found


def _questions(pair: Pair) -> tuple[str, ...]:
    return (
        pair.customer_question_en,
        pair.customer_question_fr,
        pair.employee_question_en,
        pair.employee_question_fr,
    )


def _same(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("\N{NARROW NO-BREAK SPACE}", " ").split()).rstrip(" ?")
