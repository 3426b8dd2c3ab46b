"""Where things are: a checkout's own folder unless the environment names others."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from explorer import places

LINES = "import json; from explorer import places as p; print(json.dumps([*map(str, (p.MODELS, p.RESULTS, p.CACHE))]))"


def folders(**environment):
    finished = subprocess.run(
        [sys.executable, "-c", LINES], cwd=places.CHECKOUT, env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(finished.stdout)


ROOT = str(places.CHECKOUT)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, [f"{ROOT}/models", f"{ROOT}/results", f"{ROOT}/.cache"]),
        ({"EXPLORER_HOME": ""}, [f"{ROOT}/models", f"{ROOT}/results", f"{ROOT}/.cache"]),
        ({"EXPLORER_HOME": "/mine"}, ["/mine/models", "/mine/results", "/mine/cache"]),
        (
            {"EXPLORER_HOME": "~/mine", "HOME": "/home/ada"},
            [f"/home/ada/mine/{n}" for n in ("models", "results", "cache")],
        ),
        ({"EXPLORER_HOME": "/mine", "EXPLORER_CACHE": "/quick"}, ["/mine/models", "/mine/results", "/quick"]),
        ({"EXPLORER_MODELS": "/large"}, ["/large", f"{ROOT}/results", f"{ROOT}/.cache"]),
        ({"EXPLORER_RESULTS": "/kept"}, [f"{ROOT}/models", "/kept", f"{ROOT}/.cache"]),
    ],
    ids=str,
)
def test_the_environment_names_other_folders(environment, expected):
    assert folders(**environment) == expected


def test_a_label_is_relative_inside_the_checkout_alone(monkeypatch):
    assert places.label(places.SHIPPED_MODELS / "wiki-en-glove") == "models/wiki-en-glove"
    assert places.label(Path("/elsewhere/models")) == "/elsewhere/models"
    monkeypatch.setattr(places, "CHECKOUT", None)
    assert places.label(places.SHIPPED_MODELS) == f"{ROOT}/models"
