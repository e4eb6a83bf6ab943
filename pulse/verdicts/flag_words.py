"""What was done about a flag, in words, for pages, mails and files alike."""

from collections.abc import Mapping

from pulse.i18n import Lazy, day, language, lazy
from pulse.i18n import gettext as _
from pulse.verdicts.models import Decision, FlagEvent, FlagState

DECISIONS: dict[Decision, Lazy] = {
    Decision.KEEP: lazy("keep the fix as it is"),
    Decision.ADJUST: lazy("adjust the fix"),
    Decision.ROLL_BACK: lazy("roll the fix back"),
    Decision.GIVE_MEANS: lazy("give the teams the means to carry it"),
}
ARRIVED: dict[FlagState, Lazy] = {
    FlagState.OPEN: lazy("Raised"),
    FlagState.ACKNOWLEDGED: lazy("Acknowledged"),
    FlagState.ACTED_ON: lazy("Acted on"),
    FlagState.CLOSED: lazy("Closed"),
}


def deeds(event: FlagEvent, before: FlagEvent | None, called: Mapping[str | None, str]) -> list[str]:
    """What an event did, a short sentence each; before -- the event before it."""
    said = [] if before is not None and before.state is event.state else [str(ARRIVED[event.state])]
    if event.decision is not None:
        said.append(_("Decided: %(decision)s", decision=DECISIONS[event.decision]))
    if event.owner is not None:
        said.append(_("Handed to %(who)s", who=called[event.owner]))
    if event.corrective is not None:
        said.append(_("Corrective fix: %(fix)s", fix=event.corrective.name(language())))
    if event.recheck_on is not None:
        said.append(_("To be checked again on %(day)s", day=day(event.recheck_on)))
    return said or [_("Comment")]
