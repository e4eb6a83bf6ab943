"""What customers are told, as an Atom feed (RFC 4287)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as xml

from pulse.heard.telling import HEADINGS, Item
from pulse.i18n import language

ATOM = "http://www.w3.org/2005/Atom"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)  # when an empty feed was changed last


def feed(
    items: Sequence[Item], changed: Mapping[int, datetime], *, title: str, author: str, page: str, itself: str
) -> bytes:
    """The feed in the language being spoken.

    changed -- when each item changed last, by its number; page, itself -- addresses, the one of the page that
    says the same and the feed's own
    """
    xml.register_namespace("", ATOM)
    root = _node(None, "feed", attributes={"{http://www.w3.org/XML/1998/namespace}lang": language()})
    _node(root, "id", itself)
    _node(root, "title", title)
    _node(root, "updated", _moment(max(changed.values(), default=LONG_AGO)))
    _node(_node(root, "author"), "name", author)
    _node(root, "link", attributes={"rel": "self", "type": "application/atom+xml", "href": itself})
    _node(root, "link", attributes={"rel": "alternate", "type": "text/html", "href": page})
    for item in items:
        address = f"{page}#{item.anchor}"
        entry = _node(root, "entry")
        _node(entry, "id", address)
        _node(entry, "title", f"{item.irritant[language()]} – {item.word}")
        _node(entry, "updated", _moment(changed[item.number]))
        _node(entry, "link", attributes={"rel": "alternate", "type": "text/html", "href": address})
        _node(entry, "content", _text(item), {"type": "text"})
    return xml.tostring(root, encoding="utf-8", xml_declaration=True)


def _text(item: Item) -> str:
    spoken = {part: words[language()] for part, words in item.words.items()}
    parts = {
        "said": spoken["said"],
        "done": spoken["done"],
        "came": " ".join([*item.came, *([item.basis] if item.basis else [])]),
        "next": spoken["next"],
    }
    return "\n\n".join(f"{HEADINGS[part]}\n{words}" for part, words in parts.items())


def _node(
    above: xml.Element | None, name: str, text: str | None = None, attributes: Mapping[str, str] | None = None
) -> xml.Element:
    node = xml.Element(f"{{{ATOM}}}{name}", dict(attributes or {}))
    node.text = _printable(text) if text is not None else None
    if above is not None:
        above.append(node)
    return node


def _printable(text: str) -> str:
    """A text without the signs that XML 1.0 takes in no document."""
    return "".join(
        c for c in text if c in "\t\n" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff"
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
