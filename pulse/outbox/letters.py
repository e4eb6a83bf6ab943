"""Letters: paragraphs that become a mail's plain text and its page, which say the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import escape

from pulse.i18n import language

FONT = "font:16px/1.5 system-ui,sans-serif"
HEADING = "font-size:18px;line-height:1.3;margin:28px 0 8px"
BUTTON = (
    "display:inline-block;padding:12px 24px;border-radius:6px;background:#0b5c8e;color:#ffffff;"
    "font-weight:bold;text-decoration:none"
)


@dataclass(frozen=True)
class Link:
    """A paragraph that is an address to go to.

    label -- what is to be read instead of the address, where a page shows it
    button -- whether it is what the letter is for
    """

    address: str
    label: str | None = None
    button: bool = False


@dataclass(frozen=True)
class Heading:
    """A paragraph that says what the next ones are about."""

    words: str


Paragraph = str | Link | Heading
Letter = tuple[str, Sequence[Paragraph]]  # subject and paragraphs


def as_text(paragraphs: Sequence[Paragraph]) -> str:
    """A letter as plain text."""
    return "\n\n".join(_plain(paragraph) for paragraph in paragraphs) + "\n"


def as_html(paragraphs: Sequence[Paragraph], title: str = "Pulse") -> str:
    """The same letter as a page, with nothing in it that a mail reader would have to fetch."""
    lines = "\n".join(_marked(paragraph) for paragraph in paragraphs)
    return (
        f'<!doctype html>\n<html lang="{language()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(title)}</title></head>\n'
        f'<body style="{FONT}">\n{lines}\n</body></html>\n'
    )


def stopping(address: str) -> dict[str, str]:
    """The headers that let a mail program offer to stop such mails at one click (RFC 2369, RFC 8058)."""
    return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def one_line(words: str) -> str:
    """Words from outside as they may stand in a letter: on one line, and never taken for a secret's mark."""
    kept = "".join(c if c.isprintable() else " " for c in words.replace("{", "(").replace("}", ")"))
    return " ".join(kept.split())


def _plain(paragraph: Paragraph) -> str:
    if isinstance(paragraph, str):
        return paragraph
    if isinstance(paragraph, Heading):
        return f"{paragraph.words}\n{'-' * len(paragraph.words)}"
    return f"{paragraph.label}\n{paragraph.address}" if paragraph.label else paragraph.address


def _marked(paragraph: Paragraph) -> str:
    if isinstance(paragraph, str):
        return f"<p>{escape(paragraph)}</p>"
    if isinstance(paragraph, Heading):
        return f'<h2 style="{HEADING}">{escape(paragraph.words)}</h2>'
    address, label = escape(paragraph.address), escape(paragraph.label or paragraph.address)
    look = f' style="{BUTTON}"' if paragraph.button else ""
    return f'<p><a href="{address}"{look}>{label}</a></p>'
