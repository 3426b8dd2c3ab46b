"""What documents of lessons and comparisons share: words as Markdown, and a page of HTML that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from html import escape

from explorer.texts import LANGUAGE

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|$~&-])")


def literal(text: str) -> str:
    """Words as any Markdown that shows them as they are, on one line."""
    return _SPECIAL.sub(r"\\\1", re.sub(r"\s", " ", text))


def page(title: str, style: str, body: str, scripts: Sequence[str] = (), images: bool = False) -> str:
    """A page of HTML: no font, no request; its policy allows none. `style` is CSS, `body` HTML. Of the scripts in it
    those run that are among `scripts`, and no other; `images` that stand inside the page may be shown, and its scripts
    may ask the server that it came from, if it came from one."""
    hashes = "".join(f" 'sha256-{_sha256(script)}'" for script in scripts)
    allowed = f"; script-src{hashes}" if hashes else ""
    allowed += "; img-src data:; connect-src 'self'" if images else ""
    return f"""<!doctype html>
<html lang="{escape(LANGUAGE)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'{allowed}">
<title>{escape(title)}</title>
<style>
{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
