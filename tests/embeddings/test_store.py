"""The conversion: equal to what gensim reads, done once, whole or not at all."""

import gzip
import io
import lzma
import multiprocessing
import shutil
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors

from explorer.embeddings import catalog, store
from explorer.embeddings.formats import FormatError
from explorer.embeddings.importing import import_model
from explorer.errors import UserError
from tests.embeddings.conftest import WORDS, write_model
from tests.embeddings.formats.test_mutated import fasttext


def test_a_model_is_what_gensim_reads(tiny, model_folder):
    gensim_vectors = KeyedVectors.load_word2vec_format(
        str(model_folder / store.VECTORS), fvocab=str(model_folder / store.VOCABULARY), binary=True
    )
    assert list(tiny.words) == gensim_vectors.index_to_key
    np.testing.assert_array_equal(tiny.vectors, gensim_vectors.vectors)
    np.testing.assert_allclose(tiny.inverse_norms, 1 / np.linalg.norm(gensim_vectors.vectors, axis=1), rtol=1e-6)
    assert [tiny.count(word) for word in tiny.words] == [count for count, _, _ in WORDS.values()]
    assert [tiny.tag(word) for word in tiny.words] == [tag for _, tag, _ in WORDS.values()]
    assert (tiny.size, tiny.dimensions) == (8, 3)


def test_the_arrays_are_mapped_not_read(tiny):
    assert isinstance(tiny.vectors.base, np.memmap)
    assert not tiny.vectors.flags.writeable


def test_only_the_first_opening_converts(model_folder, lexicon, cache, monkeypatch):
    store.open_model(model_folder, lexicon, cache)
    monkeypatch.setattr(store, "write_arrays", lambda *_: pytest.fail("converted again"))
    assert store.open_model(model_folder, lexicon, cache).size == 8


def test_changed_files_are_converted_anew_and_the_older_conversion_goes(model_folder, lexicon, cache):
    store.open_model(model_folder, lexicon, cache)
    other = {word: (count, tag, [-x for x in vector]) for word, (count, tag, vector) in list(WORDS.items())[:5]}
    for path in model_folder.iterdir():
        path.unlink()
    model_folder.rmdir()
    write_model(model_folder, other)
    assert store.open_model(model_folder, lexicon, cache).size == 5
    assert len(list(cache.iterdir())) == 1


def test_a_damaged_conversion_is_made_again(model_folder, lexicon, cache):
    store.open_model(model_folder, lexicon, cache)
    (converted,) = cache.iterdir()
    (converted / "vectors.npy").write_bytes(b"cut")
    assert store.open_model(model_folder, lexicon, cache).vectors.shape == (8, 3)
    (converted / "words.txt").unlink()
    assert store.open_model(model_folder, lexicon, cache).size == 8


def test_processes_that_convert_at_once_do_not_disturb_each_other(model_folder, lexicon, cache):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        sizes = pool.starmap(_size, [(model_folder, lexicon, cache)] * 2)
    assert sizes == [8] * 2
    assert len(list(cache.iterdir())) == 1


def _size(*paths):
    return store.open_model(*paths).size


def test_a_row_of_zeros_is_like_nothing(tmp_path, lexicon, cache):
    folder = write_model(tmp_path / "zeros", {"a": (2, "NOUN", [0, 0]), "b": (1, "NOUN", [1, 0])})
    np.testing.assert_array_equal(store.open_model(folder, lexicon, cache).inverse_norms, [0, 1])


@pytest.mark.parametrize("file", [store.VECTORS, store.VOCABULARY])
def test_a_missing_file_is_named(model_folder, lexicon, cache, file):
    (model_folder / file).unlink()
    with pytest.raises(FormatError, match=file):
        store.open_model(model_folder, lexicon, cache)


def test_a_file_cut_off_is_said_and_leaves_nothing(model_folder, lexicon, cache):
    path = model_folder / store.VECTORS
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FormatError, match="cannot be read"):
        store.open_model(model_folder, lexicon, cache)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("content", [b"no archive", gzip.compress(b"plane\tmany\tNOUN:1.00\n", mtime=0)])
def test_a_damaged_lexicon_is_said(model_folder, lexicon, cache, content):
    lexicon.write_bytes(content)
    with pytest.raises(FormatError, match=r"lexicon .* cannot be read"):
        store.open_model(model_folder, lexicon, cache)


def test_nan_is_refused(tmp_path, lexicon, cache):
    folder = write_model(tmp_path / "nan", {"a": (2, "NOUN", [float("nan"), 0]), "b": (1, "NOUN", [1, 0])})
    with pytest.raises(FormatError, match="NaN"):
        store.open_model(folder, lexicon, cache)


def test_a_cache_that_cannot_be_written_is_said(model_folder, lexicon, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(UserError, match="EXPLORER_CACHE"):
        store.open_model(model_folder, lexicon, blocked)


def test_a_full_disk_leaves_nothing_half_written(model_folder, lexicon, cache, monkeypatch):
    def full(path, array):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(UserError, match="No space left on device"):
        store.open_model(model_folder, lexicon, cache)
    assert list(cache.iterdir()) == []


def test_gensim_reads_the_archive_as_it_lies(model_folder):
    text = lzma.decompress((model_folder / store.VECTORS).read_bytes())
    assert text.startswith(b"8 3\n")


def with_subwords(folder, buckets=6, card_buckets=6):
    """A model folder that has the vectors of n-grams too."""
    matrix = np.arange(3 * buckets, dtype=np.float32).reshape(buckets, 3)
    np.save(folder / "plain.npy", matrix)
    (folder / store.SUBWORDS).write_bytes(lzma.compress((folder / "plain.npy").read_bytes()))
    (folder / "plain.npy").unlink()
    (folder / "card.toml").write_text(f"[subwords]\nminimum = 3\nmaximum = 4\nbuckets = {card_buckets}\n")
    return matrix


def test_subwords_come_along_mapped(model_folder, lexicon, cache, tiny):
    assert tiny.subwords is None
    matrix = with_subwords(model_folder)
    subwords = store.open_model(model_folder, lexicon, cache).subwords
    np.testing.assert_array_equal(subwords.vectors, matrix)
    assert isinstance(subwords.vectors.base, np.memmap)
    assert (subwords.minimum, subwords.maximum, subwords.buckets) == (3, 4, 6)


def test_subwords_that_the_card_does_not_describe_are_said(model_folder, lexicon, cache):
    with_subwords(model_folder, card_buckets=7)
    with pytest.raises(FormatError, match="6 buckets, but its card says 7"):
        store.open_model(model_folder, lexicon, cache)


def test_subwords_are_never_unpickled(model_folder, lexicon, cache):
    with_subwords(model_folder)
    np.save(model_folder / "evil.npy", np.array([{}]), allow_pickle=True)
    (model_folder / store.SUBWORDS).write_bytes(lzma.compress((model_folder / "evil.npy").read_bytes()))
    with pytest.raises(FormatError, match="allow_pickle=False"):
        store.open_model(model_folder, lexicon, cache)


def test_words_with_carriage_returns_stay_as_they_are(tmp_path, lexicon, cache):
    folder = write_model(tmp_path / "odd", {"a\rb": (2, "NOUN", [0, 1]), "\x85": (1, "NOUN", [1, 0])})
    assert list(store.open_model(folder, lexicon, cache).words) == ["a\rb", "\x85"]


@pytest.fixture
def imported(own_models, tmp_path):
    """A fastText model of five words that was imported: the arrays themselves."""
    (file := tmp_path / "mine.bin").write_bytes(fasttext())
    import_model(file, "mine")
    return own_models / "mine"


def zipped():
    np.savez(file := io.BytesIO(), vectors=np.ones((5, 4), np.float32))
    return file.getvalue()


def changed(array, row, value):
    copy = np.array(array)
    copy[row] = value
    return copy


OTHER_ARRAYS = {
    "one axis": ("vectors", lambda a: a.ravel()),
    "no axis": ("vectors", lambda a: a[0, 0]),
    "three axes": ("vectors", lambda a: a[:, :, None]),
    "text": ("vectors", lambda a: a.astype(str)),
    "whole numbers": ("vectors", lambda a: a.astype(np.int32)),
    "complex": ("vectors", lambda a: a.astype(np.complex64)),
    "doubles": ("vectors", lambda a: a.astype(np.float64)),
    "half": ("vectors", lambda a: a.astype(np.float16)),
    "another byte order": ("vectors", lambda a: a.astype(">f4")),
    "no columns": ("vectors", lambda a: a[:, :0]),
    "fewer rows": ("vectors", lambda a: a[:-1]),
    "more rows": ("vectors", lambda a: np.concatenate([a, a])),
    "other columns": ("vectors", lambda a: a[:, :-1]),
    "NaN": ("vectors", lambda a: changed(a, 4, np.nan)),
    "huge": ("vectors", lambda a: changed(a, 4, 3e38)),
    "tiny": ("vectors", lambda a: changed(a, 4, 1e-40)),
    "of other words": ("vectors", lambda a: a[::-1]),
    "objects": ("vectors", lambda a: a.astype(object)),
    "no lengths": ("inverse_norms", lambda a: a * 0),
    "lengths that are not numbers": ("inverse_norms", lambda a: a * np.nan),
    "long lengths": ("inverse_norms", lambda a: a.astype(np.float64)),
    "lengths with two axes": ("inverse_norms", lambda a: a[:, None]),
    "counts with fractions": ("counts", lambda a: a.astype(float)),
    "counts that are not numbers": ("counts", lambda a: a * np.nan),
    "counts below zero": ("counts", lambda a: -a),
    "counts that rise": ("counts", lambda a: np.arange(len(a))),
    "tags that there are not": ("tag_codes", lambda a: changed(a, 2, 18)),
    "tags in words": ("tag_codes", lambda a: a.astype(np.int64)),
    "shares of other words": ("tag_shares", lambda a: a[:-1]),
    "shares of other tags": ("tag_shares", lambda a: a[:, :-1]),
    "shares of more than all": ("tag_shares", lambda a: a + 101),
    "buckets with one axis": ("subwords", lambda a: a.ravel()),
    "fewer buckets": ("subwords", lambda a: a[:-1]),
    "buckets of other dimensions": ("subwords", lambda a: a[:, :-1]),
    "double buckets": ("subwords", lambda a: a.astype(np.float64)),
    "NaN in a bucket": ("subwords", lambda a: changed(a, 5, np.nan)),
}  # fmt: skip


@pytest.mark.parametrize(("name", "change"), OTHER_ARRAYS.values(), ids=OTHER_ARRAYS)
def test_arrays_of_another_layout_are_refused_when_the_model_is_opened(imported, name, change):
    array = np.load(imported / f"{name}.npy")
    np.save(imported / f"{name}.npy", change(array))
    with pytest.raises(FormatError, match=r"mine is damaged: .*[^.]\. Remove it, and import it again\."):
        catalog.load("mine")


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("words.txt", "the\nthe\n7\nnäh\nnan", "a word twice"),
        ("words.txt", "the\n\n7\nnäh\nnan", "or an empty one"),
        ("words.txt", "the\n7\nnäh\nnan", "rows for 4 words"),
        ("words.txt", b"\xff\nthe\n7\nn\nnan", "utf-8"),
        ("vectors.npy", zipped(), "is an archive of arrays"),
        ("vectors.npy", b"nothing", "is damaged"),
        ("card.toml", 'title = "x"\nwords = 5\ndimensions = 4\nsize = 1\n', r"lacks \[subwords\]"),
        ("card.toml", "[subwords]\nminimum = 1\nmaximum = 99\nbuckets = 6\n", "1 to 99 characters"),
        (
            "card.toml",
            '[subwords]\nminimum = "1"\nmaximum = 3\nbuckets = 6\n',
            r"lacks \[subwords\] with the whole numbers",
        ),
    ],
)
def test_other_files_that_do_not_fit_are_refused_too(imported, lexicon, cache, file, content, says):
    (imported / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(FormatError, match=says):
        store.open_model(imported, lexicon, cache)


def test_the_numbers_are_looked_at_once(imported, lexicon, cache, monkeypatch, tmp_path):
    looks = []
    monkeypatch.setattr(store, "_check", looks.append)
    store.open_model(imported, lexicon, cache)
    assert not looks  # the import did
    copy = Path(shutil.copytree(imported, tmp_path / "copy"))
    for _ in range(2):
        store.open_model(copy, lexicon, cache)
    assert len(looks) == 1
    (copy / "checked").unlink()
    (copy / "checked").mkdir()  # where this cannot be noted, it is done each time
    store.open_model(copy, lexicon, cache)
    assert len(looks) == 2


@pytest.mark.parametrize(
    "matrix",
    [np.ones(6), np.ones((6, 3)), np.ones((6, 3), np.int32), np.full((6, 3), np.nan, np.float32), np.float32(1)],
    ids=["one axis", "doubles", "whole numbers", "NaN", "no axis"],
)
def test_packed_subwords_of_another_layout_are_refused_and_leave_nothing(model_folder, lexicon, cache, matrix):
    with_subwords(model_folder)
    np.save(model_folder / "plain.npy", matrix)
    (model_folder / store.SUBWORDS).write_bytes(lzma.compress((model_folder / "plain.npy").read_bytes()))
    with pytest.raises(FormatError, match="tiny cannot be read"):
        store.open_model(model_folder, lexicon, cache)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("name", ["vectors", "inverse_norms", "counts", "tag_codes", "tag_shares", "subwords"])
def test_a_file_that_is_cut_short_while_it_is_mapped_is_not_read_again(imported, name):
    """Else the process would end, by SIGBUS."""
    catalog.load("mine")
    with (imported / f"{name}.npy").open("r+b") as file:
        file.truncate(130)
    with pytest.raises(FormatError, match=r"mine is damaged.* Remove it, and import it again."):
        catalog.load("mine")
    with pytest.raises(FormatError):
        catalog.load("mine")


def test_a_conversion_that_is_cut_short_while_it_is_mapped_is_made_again(model_folder, lexicon, cache, monkeypatch):
    shutil.copy(Path(catalog.SHIPPED_MODELS) / catalog.DEFAULT / "card.toml", model_folder)
    for name, place in {"MODELS": model_folder.parent, "LEXICON": lexicon, "CACHE": cache, "_opened": {}}.items():
        monkeypatch.setattr(catalog, name, place)
    before = catalog.load("tiny")
    with next(cache.glob("tiny-*/vectors.npy")).open("r+b") as file:
        file.truncate(130)
    assert catalog.load("tiny").vectors.shape == before.vectors.shape
    assert catalog.load("tiny").vector("plane")[0] == pytest.approx(0.9)


def test_a_model_that_is_deleted_while_it_is_mapped_is_still_whole(imported):
    embedding = catalog.load("mine")
    shutil.rmtree(imported)
    assert store.is_whole(embedding)


@pytest.mark.parametrize("count", ["-5", "9" * 30, "many"])
def test_counts_that_cannot_be_are_refused(model_folder, lexicon, cache, count):
    lines = lzma.decompress((model_folder / store.VOCABULARY).read_bytes()).decode()
    (model_folder / store.VOCABULARY).write_bytes(lzma.compress(lines.replace("1000", count).encode()))
    with pytest.raises(FormatError, match="tiny cannot be read"):
        store.open_model(model_folder, lexicon, cache)
