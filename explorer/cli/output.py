"""What the commands share: how they enter the parser, and JSON for machines."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def print_json(answer: Any) -> None:
    """One line of JSON on standard output; NaN and infinity are errors, never words that JSON does not know."""
    print(json.dumps(answer, ensure_ascii=False, allow_nan=False))
