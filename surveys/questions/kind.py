"""What a kind of question is: the answers it offers and the score each stands for."""

from dataclasses import dataclass

from pulse.i18n import Lazy


class NotAnAnswer(Exception):
    """What was sent is none of the answers the question offers."""


@dataclass(frozen=True)
class Choice:
    """One answer on offer; score in hundredths of a point of 0..10, None for "not concerned"."""

    value: str
    label: Lazy | str
    score: int | None


@dataclass(frozen=True)
class Kind:
    """A way to ask: its name and the answers in the order in which they are shown.

    Its page part is templates/surveys/questions/<name>.html.
    """

    name: str
    choices: tuple[Choice, ...]

    @property
    def template(self) -> str:
        """The page part that shows a question of this kind."""
        return f"surveys/questions/{self.name}.html"

    def score(self, value: str) -> int | None:
        """The score of an answer in hundredths of a point; None for "not concerned". Raises NotAnAnswer."""
        for choice in self.choices:
            if choice.value == value:
                return choice.score
        raise NotAnAnswer(value)
