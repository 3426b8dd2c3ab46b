"""The script of a component, behind the few functions that all of them build their elements with."""

from pathlib import Path

from explorer import tensors

_COMMON = tensors.writing() + (Path(__file__).parent / "dom.js").read_text(encoding="utf-8")


def script(*paths: Path) -> str:
    """What a component runs: how numbers are written, `visit` and `element` of dom.js, then its own files, of which the
    last exports what draws."""
    return _COMMON + "".join(path.read_text(encoding="utf-8") for path in paths)
