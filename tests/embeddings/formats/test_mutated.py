"""Files of every format, damaged at random: each becomes a model that answers in finite numbers, or a sentence."""

import gzip
import io
import json
import lzma
import random
import struct

import numpy as np
import pyarrow
import pyarrow.feather
import pyarrow.parquet
import pytest

from explorer.embeddings import catalog
from explorer.embeddings.bounds import METRICS
from explorer.embeddings.importing import import_model
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.similarity import similarity
from explorer.errors import UserError

WORDS = ["the", "new york", "7", "näh", "nan"]
ROWS = np.random.default_rng(0).normal(size=(5, 4)).astype("<f4")
NUMBERS = [b"nan", b"1e39", b"-3e38", b"1e-40", b"0", b"1_0", b"-1", b"999999999999", b"", b"\xef\xbb\xbf", b"\xff"]
FLOATS = [float("nan"), float("inf"), -3e38, 1e25, 1e-40, 1e-20, 0.0]
INTEGERS = [-1, 0, 1, 2, 99, 2**31 - 1]


def table(separator, words=WORDS, header=""):
    rows = [separator.join([*([word] if word else []), *map(str, row)]) for word, row in zip(words, ROWS, strict=True)]
    return (header + "\n".join(rows) + "\n").encode()


def binary():
    words = (word.replace(" ", "_") for word in WORDS)
    return b"5 4\n" + b"".join(f"{word} ".encode() + row.tobytes() for word, row in zip(words, ROWS, strict=True))


def fasttext(new=True, buckets=6, shortest=2, longest=3):
    head = struct.pack("<ii", 793_712_314, 12) if new else b""
    head += struct.pack("<12id", 4, 5, 5, 1, 5, 1, 1, 2, buckets, shortest, longest, 100, 1e-4)
    head += struct.pack("<3iq", 5, 5, 0, 100) + (struct.pack("<q", -1) if new else b"")
    words = b"".join(f"{word}\0".encode() + struct.pack("<qb", 9, 0) for word in WORDS)
    rows = np.concatenate([ROWS, np.random.default_rng(1).normal(size=(buckets, 4)).astype("<f4")])
    return head + words + (b"\0" if new else b"") + struct.pack("<2q", len(rows), 4) + rows.tobytes()


def json_lines():
    lines = ({"word": word, "vector": row, "year": 1987} for word, row in zip(WORDS, ROWS.tolist(), strict=True))
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def written(write, *arguments, **named):
    """What something writes to a file."""
    write(out := io.BytesIO(), *arguments, **named)
    return out.getvalue()


def parquet(out):
    columns = pyarrow.table({"word": WORDS, "vector": ROWS.tolist(), "year": [1, 2, 3, 4, 5]})
    pyarrow.parquet.write_table(columns, out, compression="none", use_dictionary=False, write_statistics=False)


def feather(out):
    pyarrow.feather.write_feather(pyarrow.table({"word": WORDS, "vector": ROWS.tolist()}), out, compression="zstd")


METADATA = b"word\tpos\n" + "".join(f"{word}\tNOUN\n" for word in WORDS).encode()
FILES = {
    "word2vec text": table(" ", header="5 4\n"),
    "GloVe": table(" "),
    "tabs": table("\t"),
    "word2vec binary": binary(),
    "fastText": fasttext(),
    "old fastText": fasttext(new=False),
    "projector": table("\t", words=[""] * 5),
    "numbers": table(" ", words=[""] * 5, header="5 4\n"),
    "npy": written(np.save, ROWS),
    "npz": written(np.savez, vectors=ROWS, words=np.array(WORDS)),
    "tensor": ROWS.tobytes(),
    "JSON Lines": json_lines(),
    "CSV": table(",", header="word,a1,a2,a3,a4\n"),
    "decimal commas": table(";").replace(b".", b","),
    "Parquet": written(parquet),
    "Feather": written(feather),
}
TABLES = ("projector", "numbers", "npy", "tensor")  # whose words are in another file


def mutated(content: bytes, rng: random.Random) -> bytes:
    """Some bytes, numbers or stretches of a file changed, dropped, doubled or moved; now and then packed."""
    damaged = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 4])):
        at = rng.randrange(max(1, len(damaged)))
        match rng.randrange(8):
            case 0:
                damaged[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del damaged[at : at + rng.choice([1, 4, 16, len(content)])]
            case 2:
                damaged[at:at] = damaged[at : at + rng.choice([1, 8, 40])]
            case 3:
                damaged[at : at + 4] = struct.pack("<f", rng.choice(FLOATS))
            case 4:
                at -= at % 4
                damaged[at : at + 4] = struct.pack("<i", rng.choice(INTEGERS))
            case 5:
                fields = bytes(damaged).split(b" ")
                fields[rng.randrange(len(fields))] = rng.choice(NUMBERS)
                damaged = bytearray(b" ".join(fields))
            case 6:
                lines = bytes(damaged).split(b"\n")
                rng.shuffle(lines)
                damaged = bytearray(b"\n".join(lines))
            case 7:
                damaged = damaged.replace(
                    rng.choice([b"\t", b" ", b"\n"]), rng.choice([b" ", b"\t", b"  ", b"\r\n"]), 3
                )
    pack = rng.choice([bytes, bytes, bytes, gzip.compress, lzma.compress])
    return pack(bytes(damaged))


def ask(name):
    """What a model answers, as one array of numbers."""
    model = catalog.load(name)
    answers = []
    words = [word for word in model.words if word.strip() and len(word) < 50][:3]
    for word in [*words, *(["unheard"] if model.subwords else [])]:
        for metric in METRICS:
            try:
                rows = neighbours(model, word, 5, metric=metric).rows
                answers += [number for row in rows for number in (row.score, row.similarity)]
                answers.append(similarity(model, word, words[0]).similarity)
            except UserError:
                continue  # such as about a vector of zeros
    return np.array(answers, dtype=np.float64)


@pytest.mark.parametrize("kind", FILES)
def test_a_damaged_file_is_refused_by_a_sentence_or_answers_in_finite_numbers(own_models, tmp_path, kind):
    rng = random.Random(kind)
    imported = 0
    for _ in range(60):
        (file := tmp_path / "vectors.tsv").write_bytes(mutated(FILES[kind], rng))
        (metadata := tmp_path / "words.tsv").write_bytes(mutated(METADATA, rng) if rng.random() < 0.3 else METADATA)
        try:
            import_model(file, "mutated", metadata=metadata if kind in TABLES else None, replace=True)
        except UserError:
            continue
        imported += 1
        assert np.isfinite(ask("mutated")).all()
    assert imported  # or nothing was learnt of answers


@pytest.mark.parametrize("kind", FILES)
def test_the_files_themselves_are_read(own_models, tmp_path, kind):
    (file := tmp_path / "vectors.tsv").write_bytes(FILES[kind])
    (metadata := tmp_path / "words.tsv").write_bytes(METADATA)
    card = import_model(file, "whole", metadata=metadata if kind in TABLES else None)
    assert (card.words, card.dimensions) == (5, 4)
    assert [word.replace("_", " ") for word in catalog.load("whole").words] == WORDS
