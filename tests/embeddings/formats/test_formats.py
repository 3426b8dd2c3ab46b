"""The formats beside word2vec's, GloVe's and fastText's: each is known by its content, and read as it was written."""

import bz2
import gzip
import io
import json
import struct
import tarfile
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from gensim.models import KeyedVectors

from explorer.embeddings.formats import FormatError, open_vectors
from explorer.embeddings.formats.recognition import FORMATS
from tests.embeddings.formats.test_reading import embedding_of, write

WORDS = ["harbour", "old ferry", "route 66", 'a "b"', "1987"]
ROWS = np.random.default_rng(3).normal(size=(5, 4)).astype("<f4")
LISTED = ROWS.tolist()
LIST = "\n".join(WORDS) + "\n"
TEXT = "5 4\n" + "".join(
    f"{word.replace(' ', '_')} {' '.join(map(str, row))}\n" for word, row in zip(WORDS, ROWS, strict=True)
)


def npy(array, **options):
    np.save(file := io.BytesIO(), array, **options)
    return file.getvalue()


def npz(**arrays):
    np.savez_compressed(file := io.BytesIO(), **arrays)
    return file.getvalue()


def table(columns, writer):
    writer(pa.table(columns), file := io.BytesIO())
    return file.getvalue()


def arrow_stream(columns):
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, (arrow := pa.table(columns)).schema) as out:
        out.write_table(arrow)
    return sink.getvalue()


def glove_binary():
    """What `glove -binary 1` writes: doubles, a bias behind each vector, contexts behind the words."""
    halves = ROWS.astype("<f8") / 2
    bias = np.full((5, 1), 0.25)
    return np.concatenate([np.hstack([halves, bias]), np.hstack([halves, bias])]).tobytes()


def json_lines():
    return "".join(json.dumps({"word": word, "vector": row}) + "\n" for word, row in zip(WORDS, LISTED, strict=True))


def quoted(word):
    return '"' + word.replace('"', '""') + '"'


def csv_of(separator=",", decimal=".", header=True):
    rows = [
        separator.join([quoted(word), *(str(number).replace(".", decimal) for number in row)])
        for word, row in zip(WORDS, ROWS, strict=True)
    ]
    titles = [separator.join(["word", "d0", "d1", "d2", "d3"])] if header else []
    return "\r\n".join([*titles, *rows, ""])


LISTS = {"vector": pa.array(ROWS.tolist(), pa.list_(pa.float32()))}
FIXED = {"vector": pa.FixedSizeListArray.from_arrays(pa.array(ROWS.ravel()), 4)}
WIDE = {f"d{place}": ROWS[:, place].astype("<f8") for place in range(4)}

FILES = {  # the content, the list of words that goes with it, and the format
    "npy": (npy(ROWS), LIST, "NumPy array"),
    "npy of doubles": (npy(ROWS.astype(">f8")), LIST, "NumPy array"),
    "npy in Fortran's order": (npy(np.asfortranarray(ROWS)), LIST, "NumPy array"),
    "gzipped npy": (gzip.compress(npy(ROWS)), LIST, "NumPy array"),
    "npz": (npz(vectors=ROWS, words=np.array(WORDS)), None, "NumPy archive"),
    "npz of one array": (npz(x=ROWS), LIST, "NumPy archive"),
    "Parquet of lists": (table({"word": WORDS, **LISTS}, pa.parquet.write_table), None, "Parquet"),
    "Parquet of fixed lists": (table({**FIXED, "word": WORDS}, pa.parquet.write_table), None, "Parquet"),
    "Parquet of columns": (table({"token": WORDS, **WIDE}, pa.parquet.write_table), None, "Parquet"),
    "packed Parquet": (gzip.compress(table({"word": WORDS, **LISTS}, pa.parquet.write_table)), None, "Parquet"),
    "Feather": (table({"word": WORDS, **LISTS}, pa.feather.write_feather), None, "Arrow"),
    "Arrow's stream": (arrow_stream({"word": WORDS, **LISTS}), None, "Arrow"),
    "JSON Lines": (json_lines(), None, "JSON Lines"),
    "CSV": (csv_of(), None, "CSV"),
    "CSV without a header": (csv_of(header=False), None, "CSV"),
    "CSV with semicolons": (csv_of(";"), None, "CSV with semicolons"),
    "CSV with decimal commas": (csv_of(";", ","), None, "CSV with semicolons and decimal commas"),
    "CSV of vectors in a cell": (
        "".join(f'{quoted(word)},"{row}"\n' for word, row in zip(WORDS, LISTED, strict=True)), None, "CSV"
    ),
    "CSV of numbers": ("".join(",".join(map(str, row)) + "\n" for row in ROWS), LIST, "CSV"),
    "GloVe's binary": (glove_binary(), LIST, "GloVe's own binary"),
    "a tensor": (ROWS.tobytes(), LIST, "projector's tensor"),
    "a tensor and a table": (ROWS.tobytes(), "word\tcount\n" + LIST.replace("\n", "\t7\n"), "projector's tensor"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_it_is_read_as_it_was_written_whatever_its_name(tmp_path, name):
    content, words, title = FILES[name]
    metadata = write(tmp_path / "list", words) if words else None
    file, read, vectors = embedding_of(write(tmp_path / "vectors.dat", content), metadata=metadata)
    assert (file.format, read) == (title, WORDS)
    np.testing.assert_allclose(vectors, ROWS, rtol=1e-6)
    assert file.report.as_json() == []
    assert title in [each for form in FORMATS for each in form.titles]


def zstandard(content):
    with pa.CompressedOutputStream(sink := pa.BufferOutputStream(), "zstd") as out:
        out.write(content)
    return sink.getvalue().to_pybytes()


def zipped(content, name="glove.txt"):
    with zipfile.ZipFile(sink := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("__MACOSX/._glove.txt", "x")
        out.writestr(name, content)
    return sink.getvalue()


def tarred(content):
    with tarfile.open(fileobj=(sink := io.BytesIO()), mode="w") as out:
        member = tarfile.TarInfo("folder/glove.txt")
        member.size = len(content)
        out.addfile(member, io.BytesIO(content))
    return sink.getvalue()


def as_nlpl_packs(content):
    """The repository's archives: the same vectors in two files, and texts about them."""
    with zipfile.ZipFile(sink := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in {"README": "x", "meta.json": "{}", "model.txt": "1 1\nx 0", "model.bin": content}.items():
            out.writestr(f"222/{name}", text)
    return sink.getvalue()


PACKED = {
    "NLPL's zip": as_nlpl_packs,
    "bzip2": bz2.compress,
    "Zstandard": zstandard,
    "zip": zipped,
    "tar": tarred,
    "tar in gzip": lambda content: gzip.compress(tarred(content)),
    "gzip in zip": lambda content: zipped(gzip.compress(content), "glove.txt.gz"),
    "gzip in gzip": lambda content: gzip.compress(gzip.compress(content)),
    "two members of gzip": lambda content: gzip.compress(content[:50]) + gzip.compress(content[50:]),
}


@pytest.mark.parametrize("name", PACKED)
def test_it_is_unpacked_on_the_way(tmp_path, name):
    shares = []
    file, words, vectors = embedding_of(write(tmp_path / "x", PACKED[name](TEXT.encode())), progress=shares.append)
    assert (file.format, len(words)) == ("word2vec text", 5)
    np.testing.assert_array_equal(vectors, ROWS)
    assert ("packed more than once: gzip, gzip" in " ".join(file.notes)) == (name == "gzip in gzip")


@pytest.mark.parametrize("name", ["bzip2", "Zstandard", "zip", "tar in gzip"])
def test_an_archive_that_was_cut_is_said(tmp_path, name):
    long = TEXT.encode() + b"".join(b"w%d 1 2 3 %d\n" % (row, row) for row in range(5000))
    content = PACKED[name](long)
    with pytest.raises(FormatError, match=r"damaged|cut short"):
        embedding_of(write(tmp_path / "x", content[: len(content) // 2]))


def test_gensims_separate_array_with_a_list(tmp_path):
    vectors = KeyedVectors(4)
    vectors.add_vectors(WORDS, ROWS)
    vectors.save(str(tmp_path / "mine.kv"), separately=["vectors"])
    _, words, read = embedding_of(tmp_path / "mine.kv.vectors.npy", metadata=write(tmp_path / "words.txt", LIST))
    assert words == WORDS
    np.testing.assert_array_equal(read, ROWS)


def test_the_projectors_configuration_names_the_words_and_the_shape(tmp_path):
    tensor = write(tmp_path / "mine_tensors.bytes", ROWS.tobytes())
    write(tmp_path / "mine_labels.tsv", "word\tcount\n" + LIST.replace("\n", "\t7\n"))
    entry = {"tensorPath": "data/mine_tensors.bytes", "metadataPath": "data/mine_labels.tsv", "tensorShape": [5, 4]}
    write(tmp_path / "projector_config.json", json.dumps({"embeddings": [{"tensorPath": "other"}, entry]}))
    file, words, _ = embedding_of(tensor)
    assert words == WORDS
    assert file.columns == ("count",)


def test_words_behind_a_space_and_decimal_commas(tmp_path):
    file, words, vectors = embedding_of(write(tmp_path / "x.txt", "2 3\nferry 0.5,1,-2\ngull 3,4,5\n"))
    assert (file.format, words) == ("text with commas", ["ferry", "gull"])
    np.testing.assert_array_equal(vectors, [[0.5, 1, -2], [3, 4, 5]])
    for header in ("", "2 3\n"):
        file, words, vectors = embedding_of(write(tmp_path / "x.txt", f"{header}r$ 0,0 0,5 1,25 -2\nferry 3 4,5 5,5\n"))
        assert words[1] == "ferry"
        np.testing.assert_array_equal(vectors[1], [3, 4.5, 5.5])
        assert "decimal commas" in file.notes[0]


def test_a_table_keeps_its_further_columns_and_leaves_bad_rows_out(tmp_path):
    content = "year,word,kind,x1,x2\n1987,gull,bird,1,2\n1990,ferry,boat,3\n1991,tern,bird,5,six\n1992,bus,,7,8\n"
    content += "".join(f"{year},w{year},,{year},1\n" for year in range(2000, 2010))
    with open_vectors(write(tmp_path / "x.csv", content), strict=False) as file:
        (block,) = file.blocks()
    assert file.columns == ("year", "kind")
    assert (block.words[:2], block.fields[:2]) == (["gull", "bus"], [("1987", "bird"), ("1992", "")])
    assert [(each["kind"], each["first"][0]["row"]) for each in file.report.as_json()] == [
        ("other width", 2),
        ("no number", 3),
    ]


def test_half_of_a_character_in_json_is_written_with_an_escape(tmp_path):
    content = r'{"word": "a\ud800", "vector": [1, 2], "kind": "\udfff"}'
    with open_vectors(write(tmp_path / "x.jsonl", content)) as file:
        (block,) = file.blocks()
    assert (block.words, block.fields) == ([r"a\ud800"], [(r"\udfff",)])


def test_lines_and_lists_of_other_widths_are_left_out(tmp_path):
    lines = [{"id": 7, "word": "a", "vector": [1, 2]}, {"word": "b", "vector": [1]}, {"word": "c", "vector": ["x", 2]}]
    lines += [{"word": None, "vector": [1, 2]}, {"word": "d", "vector": [3, 4], "id": None}]
    content = "".join(json.dumps(line) + "\n" for line in lines) + "not JSON\n"
    with open_vectors(write(tmp_path / "x.jsonl", content), strict=False) as file:
        (block,) = file.blocks()
    assert (block.words, block.fields) == (["a", "d"], [("7",), ("",)])
    assert sum(each["rows"] for each in file.report.as_json()) == 4
    lists = pa.array([[1.0, 2.0], None, [3.0], [4.0, 5.0]], pa.list_(pa.float64()))
    content = table({"word": ["a", "b", "c", None], "v": lists, "year": [1, 2, 3, 4]}, pa.parquet.write_table)
    with open_vectors(write(tmp_path / "x.parquet", content), strict=False) as file:
        (block,) = file.blocks()
    assert (block.words, block.fields, file.columns) == (["a"], [("1",)], ("year",))
    assert [(each["kind"], each["rows"]) for each in file.report.as_json()] == [("no word", 1), ("other width", 2)]


def safetensors(tensors):
    header, data = {}, b""
    for name, (kind, array) in tensors.items():
        raw = array.tobytes()
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16"])
def test_the_tokens_of_a_language_model(tmp_path, kind):
    halves = np.round(ROWS[:4] * 4) / 4  # which all three types hold
    array = {"F32": halves, "F16": halves.astype("<f2"), "BF16": (halves.view("<u4") >> 16).astype("<u2")}[kind]
    other = np.zeros((2, 2), "<f4")
    content = safetensors({"h.0.weight": ("F32", other), "model.embed_tokens.weight": (kind, array)})
    path = write(tmp_path / "model.safetensors", content)
    with pytest.raises(FormatError, match=r"Give its tokenizer\.json"):
        embedding_of(path)
    vocabulary = {"Ġharbour": 0, "Ã©t": 2, "ing": 1}
    tokenizer = {"model": {"vocab": vocabulary}, "pre_tokenizer": {"type": "ByteLevel"}}
    write(tmp_path / "tokenizer.json", json.dumps(tokenizer))
    file, words, vectors = embedding_of(path)
    assert words == ["Ġharbour", "ing", "ét"]  # the fourth row is padding
    np.testing.assert_array_equal(vectors, halves[:3])
    assert "3 words are tokens of a language model" in file.notes[0]
    unigram = {"model": {"vocab": [["▁the", -1.5], ["s", -2]]}, "added_tokens": [{"id": 3, "content": "<s>"}]}
    other_list = write(tmp_path / "other.json", json.dumps(unigram))
    assert embedding_of(path, metadata=other_list)[1] == ["▁the", "s", "<s>"]
    write(tmp_path / "tokenizer.json", json.dumps({"model": {"vocab": {"x": 9}}}))
    with pytest.raises(FormatError, match="do not belong together"):
        embedding_of(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [("vocab.txt", "[PAD]\nthe\n##s\né\n"), ("vocab.json", '{"the": 1, "[PAD]": 0, "é": 3, "##s": 2}'),
     ("tokenizer.json", '\ufeff{"model": {"vocab": {"the": 1, "[PAD]": 0, "é": 3, "##s": 2}}}')],
)  # fmt: skip
def test_the_vocabulary_of_a_language_model(tmp_path, name, content):
    write(tmp_path / "model.safetensors", safetensors({"embeddings.word_embeddings.weight": ("F32", ROWS[:4])}))
    list_of_tokens = write(tmp_path / name, content)
    for metadata in (None, list_of_tokens):
        assert embedding_of(tmp_path / "model.safetensors", metadata=metadata)[1] == ["[PAD]", "the", "##s", "é"]


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 1647046227\n"
OTHER_FILES = {
    "a pointer of Git LFS": (POINTER, r"is a Git LFS pointer, not the file itself of 1\.65 GB.*git lfs pull"),
    "a web page": ("\n<!DOCTYPE html><html><body>too large to scan", "is a web page.*download failed"),
    "XML": ("<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", "is XML.*download failed"),
    "a message": ("404: Not Found", "is the message of a server"),
    "PyTorch": (zipped("x", "archive/data.pkl"), r"is a file of PyTorch .*numpy\.save"),
    "a spreadsheet": (zipped("x", "[Content_Types].xml"), "Save it as CSV"),
    "Magnitude": (b"SQLite format 3\0" + bytes(100), "is an SQLite database, as Magnitude"),
    "GGUF": (b"GGUF\3\0\0\0" + bytes(100), r"llama\.cpp.*model\.safetensors"),
    "a PDF": (b"%PDF-1.7\n", "is a PDF document"),
    "one JSON document": ('{\n "a": {"b": 1}\n}\n', "is one JSON document.*JSON Lines"),
    "one JSON document on a line": ('{"a": [1, 2], "b": ["c"]}\n', "is one JSON document"),
    "a list in JSON": ("[[1, 2], [3, 4]]\n", "has vectors and no words"),
    "sparse rows": ("4 12\nferry 0:0.51 9:0.02\ngull 3:1\n", "are sparse.*7:0.5"),
    "a vocabulary": ("the 900\nof 810\n", "word and a count on each line and no vectors.*vocabulary"),
    "numbers in binary": (ROWS.tobytes(), r"numbers in binary and no words.*-binary 0 or 2.*\.txt"),
    "a pickle in an array": (npy(np.array([1, {}], dtype=object), allow_pickle=True), "a pickle, which could run"),
    "an array of one axis": (npy(ROWS[0]), r"shape \(4,\)"),
    "an array that was cut": (npy(ROWS)[:-3], "cut short"),
    "an archive of two arrays": (npz(a=ROWS, b=ROWS), "one of vectors, .* and one of words"),
    "damaged Parquet": (FILES["Parquet of lists"][0][:-9] + b"?????PAR1", "damaged file of Parquet"),
    "Parquet without words": (table(WIDE, pa.parquet.write_table), "one of words and one of vectors"),
    "an archive with nothing in it": (zipped("x", "folder/")[:0] + zipped("x", "__MACOSX/x"), "without a file in it"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER_FILES)
@pytest.mark.parametrize("strict", [True, False])
def test_what_is_brought_by_mistake_is_named_with_a_way_out(tmp_path, name, strict):
    content, says = OTHER_FILES[name]
    metadata = (
        write(tmp_path / "list", LIST) if name == "an array that was cut" or name == "an array of one axis" else None
    )
    with pytest.raises(FormatError, match=says):
        embedding_of(write(tmp_path / "vectors.bin", content), metadata=metadata, strict=strict)


def test_an_array_whose_words_are_others_is_refused(tmp_path):
    words = write(tmp_path / "list", "a\nb\nc\nd\ne\nf\ng\n")
    for content in (npy(ROWS), npz(x=ROWS), ROWS.tobytes(), glove_binary()):
        with pytest.raises(FormatError, match="do not belong together"):
            embedding_of(write(tmp_path / "vectors", content), metadata=words)
    with pytest.raises(FormatError, match="do not belong together"):
        embedding_of(write(tmp_path / "vectors", npz(x=ROWS, words=np.array(["a"]))))
