"""Bringing a model along: it answers as gensim does; a failure leaves nothing and touches nothing."""

import errno
import gc
import os
import shutil
import weakref
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.models.fasttext import load_facebook_vectors
from gensim.test.utils import datapath

from explorer.embeddings import catalog
from explorer.embeddings.formats import FormatError
from explorer.embeddings.importing import files_at_hand, import_model, name_for, remove
from explorer.embeddings.neighbours import neighbours
from explorer.errors import Cancelled, UserError
from tests.embeddings.conftest import write_model


def contents(folder):
    return {path: path.stat().st_mtime_ns for path in sorted(folder.rglob("*"))}


@pytest.mark.parametrize(
    ("file", "load", "word"),
    [
        ("lee_fasttext_new.bin", load_facebook_vectors, "Australia"),
        ("lee_fasttext.vec", KeyedVectors.load_word2vec_format, "Australia"),
        ("euclidean_vectors.bin", lambda path: KeyedVectors.load_word2vec_format(path, binary=True), "government"),
        ("test_glove.txt", lambda path: KeyedVectors.load_word2vec_format(path, no_header=True), "the"),
    ],
)
def test_neighbours_are_gensims(own_models, file, load, word):
    card = import_model(Path(datapath(file)), "mine")
    theirs = load(datapath(file))
    assert (card.words, card.dimensions) == (len(theirs), theirs.vector_size)
    answer = neighbours(catalog.load("mine"), word, 10)
    expected = theirs.most_similar(word, topn=10)
    assert [row.word for row in answer.rows] == [near for near, _ in expected]
    np.testing.assert_allclose([row.similarity for row in answer.rows], [cosine for _, cosine in expected], atol=1e-6)


def test_an_imported_model_is_in_the_catalogue_with_its_card(own_models):
    shares = []
    about = {"title": "Lee", "corpus": {"name": "Lee corpus", "licence": "none"}}
    card = import_model(Path(datapath("lee_fasttext.bin")), "lee", about=about, progress=shares.append)
    assert shares[-1] == 1
    assert catalog.names() == ["lee"]
    assert (card.title, card.words, card.dimensions, card.corpus["name"]) == ("Lee", 1762, 10, "Lee corpus")
    assert (card.source["file"], card.source["format"]) == ("lee_fasttext.bin", "fastText")
    assert card.subwords == {"minimum": 3, "maximum": 6, "buckets": 1000}
    assert card.scores == {}
    model = catalog.load("lee")
    theirs = load_facebook_vectors(datapath("lee_fasttext.bin"))
    assert isinstance(model.vectors.base, np.memmap)
    assert model.has_counts
    assert model.count("the") == theirs.get_vecattr("the", "count")
    np.testing.assert_allclose(model.subwords.vector("airplane"), theirs.get_vector("airplane"), rtol=1e-5)
    assert not catalog.CACHE.exists()


def test_counts_are_not_made_up(own_models):
    import_model(Path(datapath("lee_fasttext.vec")), "lee")
    assert not catalog.load("lee").has_counts
    assert not catalog.load("lee").counts.any()


def test_how_many_vectors_are_zero_is_said_on_the_card(own_models, tmp_path):
    (file := tmp_path / "zeros.txt").write_text("a 1 2\nb 0 0\nc 0 0\n")
    note = "2 of 3 vectors are all zeros, and nothing is near to them: “b”, “c”."
    assert import_model(file, "zeros").source["note"] == note
    assert "note" not in import_model(Path(datapath("toy-model.vec")), "whole").source


def test_the_shortest_lengths_that_are_taken_answer_as_longer_ones_do(own_models, tmp_path):
    rows = np.random.default_rng(0).normal(size=(20, 5))
    for name, scale in (("long", 1.0), ("short", 1e-14)):
        lines = (f"w{row} {' '.join(map(repr, numbers))}\n" for row, numbers in enumerate((rows * scale).tolist()))
        (file := tmp_path / f"{name}.txt").write_text("".join(lines))
        import_model(file, name)
    for metric in ("cosine", "dot", "euclidean"):
        answers = [neighbours(catalog.load(name), "w0", 20, metric=metric).rows for name in ("long", "short")]
        assert [row.word for row in answers[0]] == [row.word for row in answers[1]]
        np.testing.assert_allclose(*([row.similarity for row in rows] for rows in answers), rtol=1e-4, atol=1e-6)


def test_a_link_to_a_model_is_removed_and_the_model_stays(own_models, tmp_path):
    import_model(Path(datapath("toy-model.vec")), "mine")
    os.rename(own_models / "mine", tmp_path / "elsewhere")
    (own_models / "mine").symlink_to(tmp_path / "elsewhere")
    remove("mine")
    assert os.listdir(own_models) == ["lexicon.tsv.gz"]
    assert (tmp_path / "elsewhere" / "card.toml").exists()


def test_a_file_whose_name_is_no_text(own_models, tmp_path):
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/n\xff.txt"))
    file.write_text("a 1 2\n")
    assert import_model(file, "named").source["file"] == "n\\udcff.txt"


@pytest.mark.parametrize(
    ("words", "tags"),
    [
        (["plane_NOUN", "fly_VERB", "new_york_PROPN", "odd_FOO"], ["NOUN", "VERB", "PROPN", ""]),
        (["Plane", "fly", "paris", "plane_NOUN"], ["NOUN", "VERB", "", "NOUN"]),  # the others from the lexicon
    ],
)
def test_tags_are_taken_from_words_that_carry_them(own_models, tmp_path, words, tags):
    (file := tmp_path / "tagged.txt").write_text("".join(f"{word} {row} 1\n" for row, word in enumerate(words)))
    import_model(file, "tagged")
    model = catalog.load("tagged")
    assert [model.tag(word) for word in words] == tags


@pytest.mark.parametrize(
    "name", ["", "..", "../outside", "a/b", "/tmp/x", ".hidden", "x" * 65, "é", "a b", "a\n", "-x"]
)
def test_names_that_leave_the_folder_are_refused(own_models, name):
    before = contents(own_models.parent)
    with pytest.raises(UserError, match="cannot be the name of a model"):
        import_model(Path(datapath("toy-model.vec")), name)
    assert contents(own_models.parent) == before


def test_a_name_that_is_taken_is_refused_unless_an_imported_model_may_be_replaced(own_models):
    import_model(Path(datapath("toy-model.vec")), "mine")
    write_model(own_models / "shipped")
    (own_models / "translators").mkdir()
    assert catalog.load("mine").size == 22
    with pytest.raises(UserError, match="a model called “mine” already"):
        import_model(Path(datapath("test_glove.txt")), "mine")
    import_model(Path(datapath("test_glove.txt")), "mine", replace=True)
    assert catalog.load("mine").size == 76
    for name in ("shipped", "translators"):
        with pytest.raises(UserError, match=f"a model called “{name}” already"):
            import_model(Path(datapath("test_glove.txt")), name, replace=True)
    assert sorted(os.listdir(own_models)) == ["lexicon.tsv.gz", "mine", "shipped", "translators"]


def test_failures_leave_nothing_and_touch_no_other_model(own_models, tmp_path, monkeypatch):
    import_model(Path(datapath("toy-model.vec")), "mine")
    before = contents(own_models)
    (bad := tmp_path / "bad.txt").write_text("".join(f"w{row} 1 2\n" for row in range(1000)) + "w0 1 2\n")
    with pytest.raises(FormatError, match="“w0” stands twice"):
        import_model(bad, "mine", replace=True, strict=True)
    with pytest.raises(Cancelled):
        import_model(Path(datapath("toy-model.vec")), "other", cancelled=lambda: True)

    def interrupt(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_model(Path(datapath("toy-model.vec")), "other", progress=interrupt)
    monkeypatch.setattr(np, "save", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(UserError, match=r"No space left on device\. Free some space, or .* EXPLORER_MODELS"):
        import_model(Path(datapath("toy-model.vec")), "other")
    assert contents(own_models) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_disk_that_is_really_full(own_models, tmp_path, monkeypatch):
    real = Path.open

    def to_a_full_disk(path, mode="r", **options):
        return real(Path("/dev/full") if mode == "wb" else path, mode, **options)

    monkeypatch.setattr(Path, "open", to_a_full_disk)
    with pytest.raises(UserError, match="No space left on device"):
        import_model(Path(datapath("lee_fasttext.vec")), "mine")
    assert os.listdir(own_models) == ["lexicon.tsv.gz"]


def test_what_was_imported_can_be_removed_and_nothing_else(own_models):
    import_model(Path(datapath("toy-model.vec")), "mine")
    model = catalog.load("mine")
    write_model(own_models / "shipped")
    shutil.copy(own_models / "mine" / "card.toml", own_models / "shipped" / "card.toml")
    remove("mine")
    assert catalog.names() == ["shipped"]
    assert len(model.vectors[0]) == 5  # whoever has it open keeps it
    reference = weakref.ref(model)
    del model
    gc.collect()
    assert reference() is None  # and nobody else does
    for name, says in (
        ("mine", "no model called “mine”"),
        ("shipped", "was not imported"),
        ("../x", "no model called"),
    ):
        with pytest.raises(UserError, match=says):
            remove(name)
    with pytest.raises(UserError, match="no model called “mine”"):
        catalog.load("mine")
    assert sorted(os.listdir(own_models)) == ["lexicon.tsv.gz", "shipped"]


def test_a_model_that_cannot_be_removed_is_said(own_models, monkeypatch):
    def refused(*names):
        raise PermissionError(errno.EACCES, "Permission denied")

    import_model(Path(datapath("toy-model.vec")), "mine")
    monkeypatch.setattr("explorer.embeddings.importing.os.rename", refused)
    with pytest.raises(UserError, match=r"^The model mine could not be removed from .*: permission denied\."):
        remove("mine")
    assert catalog.names() == ["mine"]


def test_a_damaged_import_is_said(own_models):
    import_model(Path(datapath("toy-model.vec")), "mine")
    (own_models / "mine" / "counts.npy").unlink()
    with pytest.raises(FormatError, match=r"is damaged.*Remove it, and import it again"):
        catalog.load("mine")


def test_files_that_lie_in_models_can_be_chosen(own_models):
    (own_models / "glove.txt").write_text("a 1 2\n")
    (own_models / ".part").write_text("")
    assert files_at_hand() == ["glove.txt"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("glove.6B.50d.txt.gz", "glove.6B.50d"),
        ("GoogleNews-vectors.bin", "GoogleNews-vectors"),
        ("C:\\mine\\wörter 1.vec", "C-mine-w-rter-1"),
        ("../../etc/passwd", "passwd"),
        ("….txt", "imported"),
        ("numberbatch.tar.gz", "numberbatch"),
        ("wiki.parquet", "wiki"),
        ("glove.6B.zip", "glove.6B"),
    ],
)
def test_a_name_is_made_of_that_of_the_file(file, name):
    assert name_for(file) == name
