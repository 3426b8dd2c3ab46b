"""What people bring by mistake in place of a file of vectors: named for what it is, with a way out that works."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from explorer.answers import size_written
from explorer.texts import _


@dataclass(frozen=True)
class Other:
    """A kind of file that is not read: what it `is`, as the end of a sentence, by which `sign` it is known, the way
    `out`, and whether the first bytes of a file look like it."""

    what: str
    sign: str
    out: str
    looks: Callable[[bytes], bool]

    def sentence(self, name: str) -> str:
        return _("{name} {what}. {out}", name=name, what=self.what, out=self.out)


def _begins(*beginnings: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(beginnings)


_POINTED = re.compile(rb"\Aversion https://git-lfs.*\nsize (\d{1,15})\s", re.DOTALL)


def _never(head: bytes) -> bool:
    """What is not known by its first bytes: who finds it names it."""
    return False


def _matches(pattern: bytes) -> Callable[[bytes], bool]:
    expression = re.compile(pattern, re.IGNORECASE)
    return lambda head: bool(expression.match(head))


_AGAIN = _("The download failed: open the address in a browser, and save the file itself.")
_AS_WORD2VEC = _("Write its vectors as word2vec text, or as .npy with a list of words, and import that file.")

PICKLE = Other(
    _("is a pickle, which could run any program when it is opened, so it is not read"),
    _("begins as a pickle, or is called .kv, .model, .pkl or .pickle"),
    _(
        "Save it from gensim by vectors.save_word2vec_format(…) and import that file; or import the .npy file that "
        "gensim saved beside it, with a list of its words."
    ),
    _begins(b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05", b"ccopy_reg", b"(dp", b"(lp"),
)
PYTORCH = Other(
    _("is a file of PyTorch (.pt, .pth or .bin), which has a pickle in it and could run any program: it is not read"),
    _("is a zip archive with a data.pkl, or begins with PyTorch's own mark"),
    _(
        "Write its vectors from PyTorch by numpy.save(“vectors.npy”, tensor.numpy()), its words to a list, one a line, "
        "and import both; or save it as safetensors."
    ),
    _begins(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."),
)
OFFICE = Other(
    _("is a document of an office program, such as a spreadsheet"),
    _("is a zip archive with a [Content_Types].xml or a mimetype"),
    _("Save it as CSV in UTF-8, and import that file."),
    _never,
)
JSON = Other(
    _("is one JSON document without words and vectors that were recognised, or of more than 64 MB"),
    _("begins with { or [ and is neither a line for each word, nor a list or an object of words with their vectors"),
    _("Write it as JSON Lines: a line for each word, which is an object with the word and its vector."),
    _never,
)
OTHERS = (
    Other(
        _("is a Git LFS pointer, not the file itself"),
        _("begins with “version https://git-lfs”"),
        _("Run “git lfs pull” in its folder, or download the file from its page."),
        _begins(b"version https://git-lfs"),
    ),
    Other(
        _("is a web page, not a file of vectors"),
        _("begins with <!doctype html>, <html> or <head>"),
        _AGAIN,
        _matches(rb"\s*(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body)\b"),
    ),
    Other(
        _("is XML, such as the message of a server, not a file of vectors"),
        _("begins with <?xml or <Error>"),
        _AGAIN,
        _matches(rb"\s*<(\?xml|error>)"),
    ),
    Other(
        _("is the message of a server, not a file of vectors"),
        _("is no more than “404: Not Found”, “Access denied” or the like"),
        _AGAIN,
        _matches(
            rb"\s*(40[134]:? |not found|access denied|forbidden|entry not found|repository not found).{0,200}\s*$"
        ),
    ),
    PYTORCH,
    PICKLE,
    Other(
        _("is an SQLite database, as Magnitude keeps its vectors (.magnitude)"),
        _("begins with “SQLite format 3”"),
        _("Take the file from which it was converted; Magnitude's page lists it beside the .magnitude file."),
        _begins(b"SQLite format 3\0"),
    ),
    Other(_("is an HDF5 file"), _("begins with \\x89HDF"), _AS_WORD2VEC, _begins(b"\x89HDF")),
    Other(_("is a file of MATLAB"), _("begins with “MATLAB”"), _AS_WORD2VEC, _begins(b"MATLAB ")),
    Other(
        _("is a file of R (.rds or .RData)"), _("begins with RDX or X\\n"), _AS_WORD2VEC, _begins(b"RDX", b"X\n\0\0\0")
    ),
    Other(
        _("is a language model for llama.cpp (GGUF)"),
        _("begins with GGUF"),
        _("Its embeddings are in the model.safetensors from which it was made: import that, with its tokenizer.json."),
        _begins(b"GGUF"),
    ),
    Other(
        _("is an index of faiss, which has no words"),
        _("begins with Ix and a letter of faiss"),
        _("Import the vectors from which it was built."),
        _matches(rb"Ix[FMHPSBT][\x00-\x7f]"),
    ),
    Other(
        _("is packed in a way that cannot be unpacked here"),
        _("begins as lz4, LZMA without a container, LZO, compress (.Z) or Snappy do"),
        _("Unpack it, or pack it with gzip, and import that file."),
        _begins(b"\x04\x22\x4d\x18", b"\x5d\x00\x00\x80\x00", b"\x89LZO", b"\x1f\x9d", b"\xff\x06\x00\x00sNaPpY"),
    ),
    Other(
        _("is an archive of 7-Zip or RAR"),
        _("begins with 7z or Rar!"),
        _("Unpack it, and import the file of vectors in it."),
        _begins(b"7z\xbc\xaf\x27\x1c", b"Rar!"),
    ),
    Other(_("is a PDF document"), _("begins with %PDF"), _("Import the file of vectors itself."), _begins(b"%PDF")),
    OFFICE,
    JSON,
)
"""All of them, in the order in which they are looked for."""

PICKLE_NAMES = {".kv", ".model", ".pkl", ".pickle"}


def named_in(members: Sequence[str]) -> Other | None:
    """What an archive is whose files are called so, None for any other."""
    last = {member.rpartition("/")[2] for member in members}
    if "data.pkl" in last:
        return PYTORCH
    return OFFICE if last & {"[Content_Types].xml", "mimetype"} else None


def other(head: bytes) -> Other | None:
    """What a file is that begins so, None where it may be one of vectors."""
    kind = next((each for each in OTHERS if each.looks(head)), None)
    if kind and (size := _POINTED.search(head)):
        kind = replace(kind, what=_("{what} of {size}", what=kind.what, size=size_written(int(size[1]))))
    return kind
