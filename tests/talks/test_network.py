"""`explorer talk --network` on a machine that has no network, or at an address that is not its own."""

import pytest

from explorer.cli import main
from explorer.service import reach

TALK = 'title = "Airplanes"\n[[scene]]\ntitle = "An airplane"\n'


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "airplanes.toml"
    path.write_text(TALK, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--network"], "This machine has no address in a network."),
        (["--network", "--host", "192.0.2.77"], "cannot listen at 192.0.2.77"),
        (["--host", "192.0.2.77"], "give --network as well"),
        (["--network", "--host", "127.0.0.1", "--port", "70000"], "The port is 70000"),
    ],
)
def test_what_cannot_be_reached_is_a_sentence(file, options, sentence, monkeypatch, capsys):
    monkeypatch.setattr(reach, "own_addresses", list)
    assert main(["talk", file, *options]) == 2
    assert sentence in capsys.readouterr().err
