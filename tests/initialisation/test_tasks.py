"""What experiments train on: parts that do not overlap, shares that nest, words of all parts."""

import hashlib
import os
from collections import Counter

import pytest

from explorer.data.pairs import TEST, Pair, write_pairs
from explorer.embeddings import catalog
from explorer.embeddings.lexicon import read_lexicon
from explorer.errors import UserError
from explorer.initialisation.tasks import NAMES, PARTS_OF_SPEECH, PHRASE_BOOK, task
from explorer.transformer.vocabulary import MARKS


def parallel(path, train=40, held_out=10, words=6):
    """A file of `train` + 2 · `held_out` pairs, each of a word of its own and of words that all share."""
    parts = ["train"] * train + ["validation"] * held_out + ["test"] * held_out
    write_pairs(path, [Pair(part, f"the w{n % words} x{n}", f"der v{n % words}") for n, part in enumerate(parts)])
    return str(path)


@pytest.mark.parametrize("name", NAMES)
def test_vocabularies_hold_the_words_of_all_parts(name):
    data = task(name)
    assert task(name) is data
    for side, vocabulary in enumerate((data.source, data.target)):
        words = {word for part in (data.train, data.validation, data.test) for pair in part for word in pair[side]}
        assert set(vocabulary.words) == words | set(MARKS)


def test_parts_of_speech_are_a_classification_of_unseen_words():
    data = task(PARTS_OF_SPEECH)
    assert [len(part) for part in (data.train, data.validation, data.test)] == [4000, 500, 1000]
    everything = data.train + data.validation + data.test
    words = [word for (word,), _ in everything]
    assert len(set(words)) == len(words)
    assert data.digest == "860579f12c9eff9ff2285731554c9fecbc9835d01b30df3b7f271164bfa48a86"  # of the shipped results
    lexicon = read_lexicon(catalog.LEXICON)
    agreeing = [tag in lexicon.shares(word) for (word,), (tag,) in everything]
    assert sum(agreeing) >= 0.95 * len(everything)
    tags = Counter(tag for _, (tag,) in everything)
    assert set(tags) == {"NOUN", "VERB", "PROPN", "ADJ", "ADV"}
    assert max(tags.values()) / 5500 < 0.25
    assert data.chance == pytest.approx(max(tags.values()) / 5500, abs=0.04)


@pytest.mark.parametrize("name", catalog.SHIPPED)
def test_the_shipped_vectors_know_the_words(name):
    embedding = catalog.load(name)
    for data in map(task, NAMES):
        words = data.source.words[len(MARKS) :]
        assert sum(word in embedding for word in words) >= 0.99 * len(words)


def test_shares_of_the_training_pairs_nest_and_follow_the_seed():
    data = task(PHRASE_BOOK)
    few, more, again, other = (data.share(*options) for options in ((0.05, 1), (0.2, 1), (0.2, 1), (0.2, 2)))
    assert len(few) == round(0.05 * len(data.train))
    assert more == again != other
    assert {id(pair) for pair in few} <= {id(pair) for pair in more}
    assert data.share(1, 7) == data.train
    for share in (0, 1.5, float("nan")):
        with pytest.raises(UserError, match="must be above 0 and at most 1"):
            data.share(share, 0)
    with pytest.raises(UserError, match=r"0\.01% of the 4,000 training pairs of parts of speech are none"):
        task(PARTS_OF_SPEECH).share(0.0001, 0)


def test_an_own_file_is_a_task_and_is_read_again_when_it_changes(tmp_path):
    name = parallel(tmp_path / "own.tsv")
    data = task(name)
    assert (len(data.train), len(data.validation), len(data.test)) == (40, 10, 10)
    assert "x59" in data.source  # of the test part
    assert task(name) is data
    state = os.stat(name)
    parallel(tmp_path / "own.tsv", train=50)
    os.utime(name, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    assert len(task(name).train) == 50
    assert task(name).digest != data.digest


def test_rare_words_of_a_large_file_are_unknown(tmp_path):
    data = task(parallel(tmp_path / "large.tsv", train=5100))
    assert set(data.source.words) == {*MARKS, "the", *(f"w{n}" for n in range(6))}
    assert set(data.target.words) == {*MARKS, "der", *(f"v{n}" for n in range(6))}


def test_the_digest_is_of_pairs_and_parts(tmp_path):
    first, again = task(parallel(tmp_path / "a.tsv")), task(parallel(tmp_path / "b.tsv"))
    moved = task(parallel(tmp_path / "c.tsv", train=50, held_out=5))
    assert first.digest == again.digest != moved.digest
    assert len(first.digest) == hashlib.sha256().digest_size * 2


def test_what_is_no_task_is_said(tmp_path):
    with pytest.raises(
        UserError, match=r"no task “phrasebook”, nor a file of that name\. Take phrase book or parts of"
    ):
        task("phrasebook")
    for name in ("", "x" * 5000, "\0", str(tmp_path)):
        with pytest.raises(UserError, match="nor a file of that name"):
            task(name)
    path = tmp_path / "whole.tsv"
    write_pairs(path, [Pair("train", "a", "b"), Pair(TEST, "a", "b")])
    with pytest.raises(UserError, match="has no validation pairs"):
        task(str(path))
