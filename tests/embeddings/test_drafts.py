"""What killed processes leave half-made is swept a day later; what is being made, and what is a user's, stays."""

import os
import signal
import subprocess
import sys
import time

import pytest

from explorer.embeddings import catalog, store
from explorer.embeddings.drafts import sweep_cache, sweep_models
from explorer.embeddings.formats.writing import export
from explorer.embeddings.importing import import_model, remove
from explorer.files import whole_folder

TWO_DAYS = 48 * 3600


def left(path, *parts):
    """A folder with empty files in it, as a killed process left it two days ago."""
    path.mkdir(parents=True)
    for part in parts:
        (path / part).touch()
    return aged(path)


def aged(path):
    then = time.time() - TWO_DAYS
    os.utime(path, (then, then))
    return path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def vectors(tmp_path):
    path = tmp_path / "few.txt"
    path.write_text("one 1 0\ntwo 0 1\n")
    return path


def test_an_import_sweeps_what_earlier_ones_have_left(own_models, vectors):
    left(own_models / ".k-7e6f08f6", "vectors.npy")
    left(own_models / ".gone-0a1b2c3d", "vectors.npy", "words.txt", "counts.npy")
    left(own_models / ".trained-k3_x9a0z", "sentences.txt", "model")
    (own_models / ".fresh-7e6f08f6").mkdir()
    import_model(vectors, "mine")
    assert names(own_models) == [".fresh-7e6f08f6", "lexicon.tsv.gz", "mine"]


def test_an_import_begun_again_takes_the_place_of_the_one_that_was_killed(own_models, vectors):
    draft, other = (left(own_models / f".{name}-7e6f08f6", "vectors.npy") for name in ("mine", "yours"))
    for folder in (draft, other):
        os.utime(folder, (then := time.time() - 90, then))
    import_model(vectors, "mine")
    assert not draft.exists()
    assert other.exists()


def test_what_a_user_keeps_among_the_models_stays(own_models, tmp_path):
    left(own_models / ".backup-20240101", "vectors.npy", "card.toml")
    left(own_models / ".notes-20240101", "notes.txt")
    left(own_models / "name-12345678", "vectors.npy")
    left(own_models / ".short-1234567", "vectors.npy")
    (own_models / ".link-7e6f08f6").symlink_to(left(tmp_path / "elsewhere", "vectors.npy"))
    os.utime(own_models / ".link-7e6f08f6", (0, 0), follow_symlinks=False)
    before = names(own_models)
    sweep_models(own_models)
    assert names(own_models) == before
    assert names(tmp_path / "elsewhere") == ["vectors.npy"]


def test_what_is_being_made_stays_however_long_it_takes(own_models):
    with whole_folder(own_models / "large") as work:
        (work / "vectors.npy").touch()
        aged(work)
        sweep_models(own_models)
        assert names(work) == ["vectors.npy"]
    assert names(own_models) == ["lexicon.tsv.gz"]


def test_a_killed_process_lets_go_of_its_draft(own_models):
    program = "import sys, time, pathlib; from explorer.files import whole_folder\n"
    program += "with whole_folder(pathlib.Path(sys.argv[1])) as work: print(work, flush=True); time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", program, own_models / "k"], stdout=subprocess.PIPE, text=True)
    work = aged(own_models / process.stdout.readline().strip())
    sweep_models(own_models)
    assert work.exists()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    sweep_models(own_models)
    assert not work.exists()


def test_a_conversion_sweeps_the_cache_and_others_can_read_it(model_folder, lexicon, cache):
    left(cache / ".tiny-x_8dk2la", "vectors.npy")
    left(cache / "upload-ab12cd34", "vectors")
    left(cache / ".upload-ab12cd34", "vectors")
    (cache / "tiny-0123456789ab.4711").touch()
    aged(cache / "tiny-0123456789ab.4711")
    left(cache / "downloads", "large.gz")
    left(cache / ".fresh-ab12cd34")
    os.utime(cache / ".fresh-ab12cd34")
    before = os.umask(0o022)
    try:
        store.open_model(model_folder, lexicon, cache)
    finally:
        os.umask(before)
    fresh, downloads, conversion = names(cache)
    assert (fresh, downloads) == (".fresh-ab12cd34", "downloads")
    assert (cache / conversion).stat().st_mode & 0o777 == 0o755


def test_an_export_sweeps_its_own_drafts_alone(tiny, tmp_path):
    for name in (".x.txt-4711", ".y.txt-4711", ".x.txt-notes"):
        (tmp_path / name).touch()
        aged(tmp_path / name)
    export(tiny, tmp_path / "x.txt", "word2vec-text")
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} >= {".y.txt-4711", ".x.txt-notes", "x.txt"}
    assert not (tmp_path / ".x.txt-4711").exists()


def test_nothing_to_sweep_is_no_error(tmp_path):
    sweep_cache(tmp_path / "nowhere")
    sweep_models(tmp_path / "nowhere", "k")


def test_a_model_that_is_a_link_is_removed_and_what_it_names_stays(own_models, vectors, tmp_path):
    import_model(vectors, "mine")
    (own_models / "mine").rename(tmp_path / "elsewhere")
    (own_models / "mine").symlink_to(tmp_path / "elsewhere")
    remove("mine")
    assert names(own_models) == ["lexicon.tsv.gz"]
    assert (tmp_path / "elsewhere" / "card.toml").exists()
    assert catalog.names() == []
