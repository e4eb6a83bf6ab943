"""The catalogues of translated sentences: brought up to date with the code (update) or judged (check)."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "translations"
LANGUAGES = ("fr",)  # the source is English
KEYWORDS = DEFAULT_KEYWORDS | {"lazy": None}
NOTES = ("Translators:",)  # comments beginning so travel into the catalogue

FRENCH_SETTING = {
    re.compile("[^\u202f!?][;!?](?=[\\s)»]|$)"): "needs a narrow no-break space (U+202F) before ; ! ?",
    re.compile("[^\u00a0]:(?=\\s|$)"): "needs a no-break space (U+00A0) before a colon",
    re.compile("«(?![\u00a0\u202f])|(?<![\u00a0\u202f])»"): "needs a no-break space inside « »",
    re.compile("\\w·\\w"): "must do without the middle dot",
    re.compile("\\w'\\w"): "needs an apostrophe (’) between letters",
}
ENTITY = re.compile(r"&#?\w+;")  # its semicolon is no punctuation


def collected() -> Catalog:
    """A template of every sentence marked in the code and the pages, as babel.cfg says where to look."""
    template = Catalog(project="Pulse", charset="utf-8")
    with (ROOT / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = extract_from_dir(ROOT, methods, options, KEYWORDS, NOTES)
    for filename, _, sentence, comments, context in sorted(found, key=lambda at: (at[0], at[1])):
        template.add(sentence, locations=[(filename, 0)], auto_comments=comments, context=context)
    return template


def path(language: str) -> Path:
    """Where a language's catalogue is kept."""
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def catalogue(language: str) -> Catalog:
    """A language's catalogue as it is; empty where there is none yet."""
    if not path(language).exists():
        return Catalog(locale=language, project="Pulse", charset="utf-8")
    with path(language).open("rb") as file:
        return read_po(file, locale=language)


def update(language: str) -> None:
    """Write a language's catalogue with exactly the sentences of the code; known translations stay."""
    words = catalogue(language)
    words.update(collected(), no_fuzzy_matching=True)
    words.obsolete.clear()
    path(language).parent.mkdir(parents=True, exist_ok=True)
    with path(language).open("wb") as file:
        write_po(file, words, width=110, sort_by_file=True, include_lineno=False, omit_header=False)


def faults(language: str) -> Iterator[str]:
    """What is wrong with a language's catalogue, one line each; nothing when it is complete and well set."""
    words, template = catalogue(language), collected()
    known = {key(message) for message in words if message.id}
    for message in template:
        if message.id and key(message) not in known:
            yield f"not in the catalogue (run scripts/translate): {said(message)}"
    wanted = {key(message) for message in template}
    for message in words:
        if message.id and key(message) not in wanted:
            yield f"no longer in the code (run scripts/translate): {said(message)}"
        elif message.id:
            yield from faults_of(message)


def faults_of(message: Message) -> Iterator[str]:
    """What is wrong with one translated sentence: missing, uncertain, wrong placeholders, ill set."""
    strings = [str(string or "") for string in each(message.string)]
    if not all(strings):
        yield f"no translation: {said(message)}"
        return
    if message.fuzzy:
        yield f"uncertain (fuzzy): {said(message)}"
    # The last form of each is compared: a singular may say "one answer" where a plural says its number.
    if blanks(str(each(message.id)[-1])) != blanks(strings[-1]):
        yield f"not the same blanks to fill in: {said(message)}"
    for string in strings:
        words_alone = ENTITY.sub("", string)
        yield from (
            f"{rule}: {string!r}" for wrong, rule in FRENCH_SETTING.items() if wrong.search(words_alone)
        )


def blanks(sentence: str) -> set[str]:
    """The names of what is filled into a sentence."""
    return set(re.findall(r"%\((\w+)\)", sentence))


def each(words: object) -> tuple[object, ...]:
    """The forms of a sentence: one, or one for each grammatical number."""
    return tuple(words) if isinstance(words, list | tuple) else (words,)


def key(message: Message) -> tuple[str | None, tuple[object, ...]]:
    """What makes a sentence the same one: its context and its words (singular and plural)."""
    return message.context, each(message.id)


def said(message: Message) -> str:
    """The English sentence and where it is said."""
    places = ", ".join(sorted({place for place, _ in message.locations}))
    return f"{key(message)[1][0]!r} ({places})"


def main(order: str) -> int:
    """Carry out `update` or `check` for every language; 1 where a check found something."""
    if order == "update":
        for language in LANGUAGES:
            update(language)
        return 0
    found = [f"{language}: {fault}" for language in LANGUAGES for fault in faults(language)]
    print(*found, sep="\n", end="\n" if found else "")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
