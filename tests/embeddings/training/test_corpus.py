"""Reading and tokenising a corpus, and what is said of one that cannot be read."""

import bz2
import gzip
import lzma
from collections import Counter

import pytest

from explorer.embeddings.training.corpus import CorpusError, paragraphs, tokenise, write_sentences

TEXT = "The airplane’s crew saw a DC-3.\n\nDon't fly to the U.S., they said.\n"
COMPRESS = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress, ".bz2": bz2.compress}


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A DC-3 of the U.S., don't!", ["a", "dc-3", "of", "the", "u.s", "don't"]),
        ("Don’t rock’n’roll", ["don't", "rock'n'roll"]),
        (
            "the airplane's wing, BOEING'S too, and the planes' wings",
            "the airplane wing boeing too and the planes wings".split(),
        ),
        ("--- _x_ a--b a-b-c 3.14 1,000", ["x", "a", "b", "a-b-c", "3.14", "1", "000"]),
        ("Ærø Łódź 東京", ["ærø", "łódź", "東京"]),
        ("", []),
    ],
)
def test_tokens_keep_inner_hyphens_dots_and_apostrophes_and_lose_the_possessive(text, tokens):
    assert tokenise(text) == tokens


@pytest.mark.parametrize("suffix", COMPRESS)
def test_a_corpus_reads_the_same_plain_or_compressed(tmp_path, suffix):
    path = tmp_path / f"corpus.txt{suffix}"
    path.write_bytes(COMPRESS[suffix](TEXT.encode()))
    shares = []
    assert list(paragraphs(path, shares.append)) == TEXT.splitlines()
    assert shares[-1] == 1.0


def test_sentences_are_a_paragraph_a_line_with_counts(tmp_path):
    path, sentences = tmp_path / "corpus.txt", tmp_path / "sentences.txt"
    path.write_text(TEXT, encoding="utf-8")
    counts, lines = write_sentences(path, sentences)
    assert sentences.read_text() == "the airplane crew saw a dc-3\ndon't fly to the u.s they said\n"
    assert lines == 2
    assert counts == Counter(sentences.read_text().split())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.txt", b"\n \n\n", "empty"),
        ("empty.xz", b"", "empty"),
        ("empty.gz", gzip.compress(b"", mtime=0), "empty"),
        ("binary.txt", b"\x7fELF\0\0\0", "not text"),
        ("latin.txt", "naïve".encode("latin-1"), "not UTF-8"),
        ("packed.txt", lzma.compress(TEXT.encode()), "not"),
        ("cut.xz", lzma.compress(TEXT.encode() * 999)[:-40], "to its end"),
        ("cut.gz", gzip.compress(TEXT.encode() * 999, mtime=0)[:-40], "to its end"),
        ("cut.bz2", bz2.compress(TEXT.encode() * 999)[:-40], "to its end"),
        ("false.gz", TEXT.encode(), "to its end"),
        ("false.xz", TEXT.encode(), "to its end"),
    ],
)
def test_a_corpus_that_cannot_be_read_is_refused_with_a_sentence(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=said) as caught:
        list(paragraphs(path))
    assert str(path) in str(caught.value)


def test_a_missing_corpus_and_a_folder_are_refused_with_a_sentence(tmp_path):
    with pytest.raises(CorpusError, match="no corpus"):
        list(paragraphs(tmp_path / "none.txt"))
    with pytest.raises(CorpusError, match="not a file"):
        list(paragraphs(tmp_path))


def test_text_without_a_word_is_refused(tmp_path):
    path = tmp_path / "dots.txt"
    path.write_text("... --- ...\n")
    with pytest.raises(CorpusError, match="no words"):
        write_sentences(path, tmp_path / "sentences.txt")
