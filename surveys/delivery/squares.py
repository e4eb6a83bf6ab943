"""QR codes of open links, as pictures to be placed on receipts, tickets and signs."""

from io import BytesIO

import segno

QUIET = 4  # modules of white around it: what the standard asks for
MODULE = 16  # pixels of a picture made of pixels: sharp in print up to 5 cm


def svg(address: str, title: str) -> bytes:
    """The QR code of an address as a picture of shapes; its title is what screen readers say."""
    made = BytesIO()
    _code(address).save(made, kind="svg", border=QUIET, scale=8, title=title, light="#fff", omitsize=False)
    return made.getvalue()


def png(address: str) -> bytes:
    """The QR code of an address as a picture of pixels, black on white."""
    made = BytesIO()
    _code(address).save(made, kind="png", border=QUIET, scale=MODULE)
    return made.getvalue()


def _code(address: str) -> segno.QRCode:
    # A quarter of it may be scratched or covered (Q), which posters are.
    return segno.make_qr(address, error="q")
