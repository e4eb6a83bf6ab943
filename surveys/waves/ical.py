"""Waves as a file for a calendar (RFC 5545). Pure."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit


def calendar(waves: Iterable[tuple[date, date, date]], *, title: str, site_url: str, now: datetime) -> str:
    """One all-day event a wave, from its first to its last day.

    waves -- (month, first day, last day); title -- the same for each event, short; now -- in UTC
    """
    host = urlsplit(site_url).hostname
    events = [
        line
        for month, first, last in waves
        for line in (
            "BEGIN:VEVENT",
            f"UID:wave-{month:%Y-%m}@{host}",
            f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
            f"DTEND;VALUE=DATE:{last + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(title)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        )
    ]
    frame = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Pulse//Waves//EN", *events, "END:VCALENDAR"]
    return "\r\n".join(frame) + "\r\n"


def _escaped(text: str) -> str:
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text
