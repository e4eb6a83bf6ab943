"""What a page holds, read as a browser would read it: forms, links, and anything that could run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

RUNS = ("script", "iframe", "object", "embed", "applet", "base", "foreignobject")
LEADS = ("href", "src", "action", "formaction", "xlink:href", "data", "poster", "srcset")
OURS = ("/static/", "/assets/")


@dataclass(frozen=True)
class Field:
    """A field of a form, or one value that a list or a row of radio buttons offers."""

    name: str
    kind: str
    value: str
    required: bool = False


@dataclass
class Form:
    """A form: where it is sent, how, and its fields."""

    action: str
    method: str
    fields: list[Field] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its fields."""
        return tuple(sorted({one.name for one in self.fields}))


class Page(HTMLParser):
    """A page that was read: its forms, where its links lead, and what is dangerous on it, in words."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.dangers: list[str] = []
        self._by_id: dict[str, Form] = {}
        self._list: str | None = None
        self._text: tuple[str, bool, list[str]] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what begins here."""
        said = {name: value or "" for name, value in attrs}
        self.dangers += _dangers(tag, said)
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        elif tag == "form":
            form = Form(said.get("action", ""), said.get("method", "get").upper())
            self.forms.append(form)
            if "id" in said:
                self._by_id[said["id"]] = form
        elif self.forms and said.get("name"):
            self._field(tag, said)
        elif tag == "option" and self._list is not None and self.forms:
            self.forms[-1].fields.append(Field(self._list, "option", said.get("value", "")))

    def _field(self, tag: str, said: dict[str, str]) -> None:
        form = self._by_id.get(said.get("form", ""), self.forms[-1])
        if tag == "select":
            self._list = said["name"]
        elif tag == "textarea":
            self._text = (said["name"], "required" in said, [])
        elif tag in ("input", "button"):
            kind = said.get("type", "text") if tag == "input" else "button"
            form.fields.append(Field(said["name"], kind, said.get("value", ""), "required" in said))

    def handle_data(self, data: str) -> None:
        """Note what stands in a text field."""
        if self._text is not None:
            self._text[2].append(data)

    def handle_endtag(self, tag: str) -> None:
        """Note what ends here."""
        if tag == "select":
            self._list = None
        elif tag == "textarea" and self._text is not None:
            name, required, words = self._text
            self.forms[-1].fields.append(Field(name, "textarea", "".join(words), required))
            self._text = None


# Without any of these there is nothing to be found: a look at the text costs less than reading the page.
SUSPECT = re.compile(
    r"""<script(?![^<>]*\ssrc="/)(?![^<>]*application/json)|<(iframe|object|embed|applet|base|foreignobject)\b"""
    r"""|http-equiv|[\s/"'](on\w+|style)\s*=|(href|src|action|data|poster|srcset)\s*=\s*.?[\s\x00-\x20]*(j|v|d|&)""",
    re.IGNORECASE,
)


def dangers(text: str) -> list[str]:
    """What is dangerous on a page, in words."""
    return Page(text).dangers if SUSPECT.search(text) else []


def _dangers(tag: str, said: dict[str, str]) -> Iterator[str]:
    src = said.get("src", "")
    if tag in RUNS and not (
        tag == "script" and (src.startswith(OURS) or said.get("type") == "application/json")
    ):
        yield f"<{tag} {src}>"
    if tag == "meta" and "http-equiv" in said:
        yield f"<meta http-equiv={said['http-equiv']}>"
    for name, value in said.items():
        scheme = "".join(value.split()).partition(":")[0].lower()
        if name.startswith("on"):
            yield f"<{tag} {name}=...>"
        elif name in LEADS and scheme in ("javascript", "vbscript", "data"):
            yield f"<{tag} {name}={scheme}:...>"
        elif name == "style":
            yield f"<{tag} style=...>"
