"""The scripts for shells: bash itself completes commands, options and the values that questions declare."""

import shutil
import subprocess

import pytest

from explorer.cli import main
from explorer.cli.completion import _SHELLS
from explorer.embeddings import bounds

COMPLETE = """
compopt() { :; }  # which is for a shell that somebody types into
eval "$SCRIPT"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_shtab_explorer
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize("shell", _SHELLS)
def test_every_shell_gets_a_script(shell, capsys):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "odd-one-out" in script
    assert "PROPN" in script


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash here")
@pytest.mark.parametrize(
    ("words", "completions"),
    [
        ("neigh", ["neighbours"]),
        ("neighbours airplane --po", ["--pos"]),
        ("neighbours airplane --pos P", ["PART", "PRON", "PROPN", "PUNCT"]),
        ("neighbours airplane --metric ", [*bounds.METRICS]),
        ("card wiki-en-g", ["wiki-en-glove"]),
        ("completion b", ["bash"]),
    ],
)
def test_bash_completes(words, completions, capsys, monkeypatch):
    main(["completion", "bash"])
    monkeypatch.setenv("SCRIPT", capsys.readouterr().out)
    run = ["bash", "--norc", "-c", COMPLETE, "bash", "explorer", *words.split(" ")]
    finished = subprocess.run(run, capture_output=True, text=True, check=True)
    assert (finished.stdout.split(), finished.stderr) == (completions, "")
