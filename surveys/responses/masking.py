"""What customers wrote, without what would tell who they are or how to reach them. Pure.

It stands between every comment and whoever reads it: addresses, telephone and account numbers, cards and
other long numbers go; weeks, minutes, prices, days and years stay, for they are what the comment is about.
Names are not recognised: the survey's page asks not to write any.
"""

import re

MASK = "[…]"
FEWEST_DIGITS = 7  # of a number that may be a telephone's; shorter ones are told by having no gaps at all
UNBROKEN = 6  # digits in one go: a customer's or an order's number

AT = r"(?:@|＠|\s*[(\[]\s*(?:at|arobase|a)\s*[)\]]\s*)"
MAIL = re.compile(rf"(?<![\w.+%'’-])[\w.+%'’-]++{AT}[\w-]+(?:\.[\w-]+)*", re.IGNORECASE)
IBAN = re.compile(r"\b[a-z]{2}\d{2}(?:\s?[a-z0-9]{4}){2,7}(?:\s?[a-z0-9]{1,4})?\b", re.IGNORECASE)
# Digits with what people put between them, and no more than that: "12 h, 45 min" is two numbers.
DASHES = "\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}-"
RUN = re.compile(rf"\+?\(?\+?\d(?:[\s./()\u200b{DASHES}]{{0,3}}\d)*")
IN_PAIRS = re.compile(r"(?<!\d)0\d(?:[,;:_]\d\d){4}(?!\d)")
OF_MONTH = r"(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|1[0-2])[./-]"
DAY = rf"(?:{OF_MONTH}(?:19|20)\d{{2}}|(?:19|20)\d{{2}}-(?:0[1-9]|1[0-2])-(?:[0-2]\d|3[01]))"
YEAR = r"(?:19|20)\d{2}"
ORDINARY = re.compile(
    rf"(?:{DAY}(?:\s?[{DASHES}]\s?{DAY})?(?:\s\d{{1,2}})?"  # the hour after a day; minutes follow a colon
    rf"|{OF_MONTH}\d{{2}}\s\d{{1,2}}"
    rf"|{YEAR}(?:\s?[/{DASHES}]\s?{YEAR})+"
    r"|\d(?:\s\d{3}){2})\Z"
)
UNIT = r"\s?(?:€|\$|£|euros?\b|eur\b|dollars?\b|pounds?\b|km\b)"
AMOUNT = re.compile(rf"(?:,\d{{1,2}})?{UNIT}", re.IGNORECASE)
CURRENCY = re.compile(r"[€$£]\s?\Z")
MOST_OF_AN_AMOUNT = 9  # digits


def masked(text: str) -> str:
    """A text with […] in the place of each address, telephone, account, card or other long number."""
    without = IN_PAIRS.sub(MASK, IBAN.sub(_account, _without_mails(text)))
    return RUN.sub(_number, without)


def _without_mails(text: str) -> str:
    """A text without addresses; what is left of one that ran into the next may be one itself."""
    before = ""
    while before != text:
        before, text = text, MAIL.sub(MASK, text)
    return text


def _account(found: re.Match[str]) -> str:
    return MASK if _digits(found[0]) > FEWEST_DIGITS else found[0]


def _number(found: re.Match[str]) -> str:
    return found[0] if _is_ordinary(found) else MASK


def _is_ordinary(found: re.Match[str]) -> bool:
    """Whether a number may stay: short, a day, years, or an amount."""
    run, digits = found[0], _digits(found[0])
    if digits < FEWEST_DIGITS and (digits < UNBROKEN or not run.strip("+(").isdecimal()):
        return True
    return bool(ORDINARY.match(run)) or (digits <= MOST_OF_AN_AMOUNT and _is_amount(found))


def _is_amount(found: re.Match[str]) -> bool:
    start, end = found.span()
    return bool(AMOUNT.match(found.string, end) or CURRENCY.search(found.string[max(start - 2, 0) : start]))


def _digits(text: str) -> int:
    return sum(c.isdecimal() for c in text)
