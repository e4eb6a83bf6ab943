"""Bodies for the API made to hurt whoever reads JSON."""

import gzip
import json
from collections.abc import Mapping

SOUND = {"interaction": "t1", "touchpoint": "DESK", "email": "ana@example.org"}
MOMENTS = ("0000-00-00", "9999-12-31T23:59:60Z", "-1", "2026-02-30", "2026-11-22T10:00:00+99:99", "1e9")

VALUES: tuple[object, ...] = (1.5, True, [], {}, None, [[]])


def bodies(share: float) -> Mapping[str, bytes]:
    """Bodies of ill will by what they are, at a share of their full size, which is what one may send."""
    fit = int(900_000 * share)
    sound = json.dumps(SOUND).encode()
    return {
        "a thousand times the same": b"[" + b",".join([sound] * 1000) + b"]",
        "more than a thousand": b"[" + b",".join([sound] * 1001) + b"]",
        "arrays in arrays": b"[" * fit + b"]" * fit,
        "arrays never closed": b"[" * fit,
        "objects in objects": b'{"a":' * (fit // 6) + b"1" + b"}" * (fit // 6),
        "one name over and over": b"{" + b'"interaction":"x",' * (fit // 20) + b'"a":1}',
        "ever other names": b"{" + b",".join(b'"%d":1' % n for n in range(fit // 12)) + b"}",
        "a name without end": b'{"' + b"x" * fit + b'":1}',
        "a text without end": json.dumps({**SOUND, "email": "a@" + "a." * (fit // 2)}).encode(),
        "marks without end": json.dumps({**SOUND, "name": "a" + "\u0301\u0316" * (fit // 20)}).encode(),
        "blanks without end": json.dumps({**SOUND, "interaction": " " * fit + "x"}).encode(),
        "a number of many digits": b'{"interaction":' + b"9" * fit + b',"touchpoint":"DESK"}',
        "numbers that are none": b'{"interaction":NaN,"touchpoint":-Infinity,"email":1e99999}',
        "a lone surrogate": b'{"interaction":"\\ud800","touchpoint":"DESK"}',
        "zero bytes": json.dumps({**SOUND, "name": "\0" * 50, "interaction": "a\0b"}).encode(),
        "nothing but zero bytes": bytes(fit),
        "UTF-16": json.dumps(SOUND).encode("utf-16"),
        "packed": gzip.compress(bytes(100 * fit)),
        "more than one may send": b'{"interaction":"' + b"x" * 2_000_000 + b'"}',
        "another type in every field": json.dumps([dict.fromkeys(SOUND, value) for value in VALUES]).encode(),
        "names of Python": json.dumps({**SOUND, "__class__": 1, "__init__": {}, "model_fields": 1}).encode(),
        "moments beyond the calendar": json.dumps(
            [{**SOUND, "interaction": moment, "happened_at": moment} for moment in MOMENTS]
        ).encode(),
        "no body": b"",
        "null": b"null",
        "two bodies": sound * 2,
    }
