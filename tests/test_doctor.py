"""The doctor finds what is missing and says how to get it; tests/test_package.py asks it where it is installed."""

import base64
import hashlib
import json
import shutil
import socket
from collections import namedtuple
from importlib import metadata

import pytest

from explorer import installation, places
from explorer.cli import main
from explorer.embeddings import catalog


@pytest.fixture
def port():
    """One that nobody has."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        number = free.getsockname()[1]
    return number


@pytest.fixture
def examine(port, capsys):
    """Ask the doctor; the exit status and what is not fine."""

    def run():
        status = main(["doctor", "--json", "--port", str(port)])
        report = json.loads(capsys.readouterr().out)
        assert report["fine"] == (status == 0)
        return status, {check["what"]: check for check in report["checks"] if not check["fine"]}

    return run


def test_a_checkout_that_is_set_up_lacks_nothing_that_is_needed(examine):
    status, lacking = examine()
    assert status == 0
    assert all(check["optional"] and "pip install" in check["remedy"] for check in lacking.values())


def test_a_report_for_people_has_the_remedy_below_what_is_missing(port, monkeypatch, capsys):
    monkeypatch.setattr(installation, "PYTHON", (99, 0))
    assert main(["doctor", "--port", str(port)]) == 2
    report = capsys.readouterr()
    first, remedy, *_ = report.out.splitlines()
    assert first.startswith("MISSING  Python")
    assert "Install Python 99.0 or newer." in remedy
    assert "lacks something: Python. " in report.err


def test_a_dependency_that_is_missing_or_of_another_version(examine, monkeypatch):
    true = metadata.version

    def version(name):
        if name == "gensim":
            raise metadata.PackageNotFoundError(name)
        return {"numpy": "1.26.4", "faiss-cpu": "1.0"}.get(name) or true(name)

    monkeypatch.setattr(metadata, "version", version)
    status, lacking = examine()
    assert status == 2
    assert lacking["gensim"]["finding"] == "not installed; ~=4.4.0 is needed"
    assert lacking["gensim"]["remedy"].endswith("-m pip install 'gensim~=4.4.0'")
    assert lacking["numpy"]["finding"] == "1.26.4 is installed; ~=2.4 is needed"
    assert lacking["faiss-cpu (extra index)"]["optional"]
    assert {what for what, check in lacking.items() if not check["optional"]} == {"gensim", "numpy"}


def test_shipped_models_that_are_cut_or_missing(examine, monkeypatch, tmp_path):
    for name in catalog.SHIPPED[:2]:
        shutil.copytree(catalog.SHIPPED_MODELS / name, tmp_path / name)
    cut = tmp_path / catalog.DEFAULT / "vectors.bin.xz"
    with cut.open("r+b") as file:
        file.truncate(1000)
    monkeypatch.setattr(catalog, "SHIPPED_MODELS", tmp_path)
    monkeypatch.setattr(catalog, "LEXICON", tmp_path / "lexicon.tsv.gz")
    status, lacking = examine()
    assert status == 2
    assert "where its card says" in lacking[f"model {catalog.DEFAULT}"]["finding"]
    assert "card cannot be read" in lacking[f"model {catalog.SHIPPED[2]}"]["finding"]
    assert "is missing" in lacking["lexicon"]["finding"]
    assert f"model {catalog.SHIPPED[1]}" not in lacking
    assert lacking["lexicon"]["remedy"] == "Get the files again: git checkout -- models"


def test_a_file_of_an_installed_package_that_was_changed(monkeypatch, tmp_path):
    record = tmp_path / "embedding_explorer.dist-info" / "RECORD"
    record.parent.mkdir()
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"as it was").digest()).rstrip(b"=").decode()
    names = ("kept.py", "changed.py", "gone.py")
    record.write_text(
        "".join(f"{name},sha256={digest},9\n" for name in names) + "embedding_explorer.dist-info/RECORD,,\n"
    )
    (tmp_path / "kept.py").write_text("as it was")
    (tmp_path / "changed.py").write_text("as it is!")
    monkeypatch.setattr(places, "CHECKOUT", None)
    monkeypatch.setattr(metadata, "distribution", lambda _: metadata.Distribution.at(record.parent))
    (check,) = installation._files()
    assert not check.fine
    assert check.finding == "changed since they were installed: changed.py, gone.py"
    assert "--force-reinstall" in check.remedy
    (tmp_path / "changed.py").write_text("as it was")
    (tmp_path / "gone.py").write_text("as it was")
    (check,) = installation._files()
    assert check.finding == "all 3 are unchanged since they were installed"


def test_a_folder_that_cannot_be_made_and_a_disk_that_is_full(examine, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(places, "MODELS", tmp_path / "file" / "models")
    usage = namedtuple("usage", "total used free")
    full = usage(10**9, 10**9 - 7_000_000, 7_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    status, lacking = examine()
    assert status == 2
    assert "EXPLORER_MODELS" in lacking["own models"]["remedy"]
    assert "EXPLORER_HOME" in lacking["own models"]["remedy"]
    assert lacking["cache"]["finding"].endswith("only 0.0 GB free")
    assert not (tmp_path / "file").is_dir()


def test_a_port_that_is_taken(examine, port):
    with socket.socket() as other:
        other.bind(("localhost", port))
        other.listen()
        status, lacking = examine()
    assert status == 2
    assert "--port PORT" in lacking[f"port {port}"]["remedy"]


def test_a_port_that_is_none(capsys):
    assert main(["doctor", "--port", "0"]) == 2
    assert "port is 0, but must be from 1 to 65535" in capsys.readouterr().err
