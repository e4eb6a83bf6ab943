"""A QR code as part of a page: one path, which the page's style colours."""

from io import BytesIO

import segno


def drawn(text: str) -> str:
    """The path of a text's QR code and the size of its square in modules, as SVG to be put into a page."""
    made = BytesIO()
    code = segno.make_qr(text, error="m")
    code.save(
        made, kind="svg", border=4, xmldecl=False, svgns=False, omitsize=True, light="#fff", dark="#000"
    )
    return made.getvalue().decode()
