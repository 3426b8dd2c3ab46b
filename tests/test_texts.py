"""The texts that a user reads: all of them in the catalogue, each with the values that it names."""

import ast
import io
import json
import os
import re
import subprocess
import sys

import pytest
from babel.messages.pofile import read_po

from explorer.texts import paragraphs
from explorer.transformer import article
from tests import pseudo_language
from tools import texts


def test_the_template_has_the_texts_of_the_code():
    assert texts.TEMPLATE.read_text(encoding="utf-8") == texts.template(), "run python -m tools.texts"


@pytest.mark.parametrize("path", texts.sources(), ids=lambda path: path.relative_to(texts.ROOT).as_posix())
def test_every_text_stands_outside_of_f_strings_and_is_given_the_values_that_it_names(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    strings = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    assert [call.lineno for node in strings for call in _calls_in(node)] == []  # Babel finds none before Python 3.12
    for call in _calls_in(tree):
        counted = ast.unparse(call.func) == "_n"
        messages = call.args[: 2 if counted else 1]
        if not all(isinstance(message, ast.Constant) for message in messages):
            assert all(isinstance(message, (ast.Constant, ast.Name, ast.Attribute)) for message in messages), (
                f"line {call.lineno}: a text is one literal, with named places for what differs"
            )
            continue
        names = {keyword.arg for keyword in call.keywords}
        if not names and not counted:
            continue  # it is used as it stands: a pattern of a chart, or a text that a script fills in
        named = set.union(*(texts.values_of(ast.literal_eval(message)) for message in messages))
        if None in names:  # **values, which other texts take as well
            continue
        assert named - {"count"} == names - {"count"}, f"line {call.lineno}"
        assert counted or "count" not in named ^ names, f"line {call.lineno}"


def _calls_in(tree):
    """The calls by which a text is had."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in texts.KEYWORDS:
            yield node


@pytest.fixture
def language(tmp_path):
    """A language of a translator's file, compiled as `python -m tools.texts` does it, in a process of its own."""

    def compiled(po, code):
        path = tmp_path / "xx" / "LC_MESSAGES" / "explorer.mo"
        path.parent.mkdir(parents=True)
        path.write_bytes(texts.compiled(read_po(io.StringIO(po))))
        environment = os.environ | {"EXPLORER_LOCALE": str(tmp_path), "EXPLORER_LANGUAGE": "xx"}
        code = f"from explorer.texts import _, _n\nprint({code})"
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
        return ast.literal_eval(ran.stdout)

    return compiled


def test_a_catalogue_has_plural_forms_and_leaves_out_what_is_fuzzy(language):
    spoken = language(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
        '"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n<5 ? 1 : 2);\\n"\n\n'
        'msgid "{count} word"\nmsgid_plural "{count} words"\nmsgstr[0] "a"\nmsgstr[1] "b"\nmsgstr[2] "c {count}"\n\n'
        'msgid "two "\n"lines"\nmsgstr "zwei \\"Zeilen\\""\n\n'
        '#, fuzzy\nmsgid "doubtful"\nmsgstr "zweifelhaft"\n\nmsgid "untranslated"\nmsgstr ""\n',
        "[*(_n('{count} word', '{count} words', n) for n in (1, 3, 9)), "
        "*map(_, ('two lines', 'doubtful', 'untranslated', 'unknown')), _n('{count} cat', '{count} cats', 2)]",
    )
    assert spoken == ["a", "b", "c 9", 'zwei "Zeilen"', "doubtful", "untranslated", "unknown", "2 cats"]


@pytest.mark.parametrize(
    "content", [None, b"", b"\xde\x12\x04\x95", b"no catalogue at all, but longer than its header"]
)
def test_a_language_that_cannot_be_read_leaves_english_and_says_so(tmp_path, content):
    path = tmp_path / "xx" / "LC_MESSAGES" / "explorer.mo"
    path.parent.mkdir(parents=True)
    if content is not None:
        path.write_bytes(content)
    environment = os.environ | {"EXPLORER_LOCALE": str(tmp_path), "EXPLORER_LANGUAGE": "xx"}
    code = "from explorer.texts import _; print(_('Home'))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert ran.stdout == "Home\n"
    assert ran.stderr.startswith("explorer: no texts in the language “xx”, so they are English")


def test_a_translation_with_a_value_that_its_text_lacks_is_found():
    po = 'msgid "{name} is new"\nmsgstr "{nam} ist neu"\n\nmsgid "{a}"\nmsgstr "{a}"\n'
    assert list(texts.wrong_translations(read_po(io.StringIO(po)))) == ["{name} is new"]


def test_the_paragraphs_of_a_docstring_are_one_line_each():
    assert paragraphs("One line.\n\n    Two\n    lines.\n    ") == ["One line.", "Two lines."]


@pytest.fixture(scope="module")
def in_brackets(tmp_path_factory):
    """Runs Python in the language in which every text stands in brackets."""
    folder = tmp_path_factory.mktemp("locale")
    pseudo_language.write_catalogue(folder)
    environment = os.environ | {
        "EXPLORER_LOCALE": str(folder),
        "EXPLORER_LANGUAGE": pseudo_language.LANGUAGE,
        "COLUMNS": "1000",
    }

    def run(*arguments):
        ran = subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, env=environment, cwd=texts.ROOT, check=False
        )
        return ran.stdout, ran.stderr

    return run


# Names that stand in a help text as they are typed: options, commands, values.
_TYPED = re.compile(r"--?[\w-]+|[A-Z_-]{2,}|[\w.-]*[-.\d]\w*|python -m explorer( [\w-]+)?")

_NAMES = {"CSV", "Parquet", "WordSim", "SimLex", "SVG", "PDF", "LaTeX"}  # what is called alike in every language
_SENTENCES = {*article.TOKENS, "you", *article.TARGET, "start", "end", "pad", "unk"}  # what lessons are about
_FORMULAS = {"exp", "log", "sin", "cos", "max"}  # stand as operators


@pytest.mark.parametrize("command", ["", "neighbours", "map", "lesson", "train", "import", "serve", "mcp", "doctor"])
def test_a_help_text_can_be_translated(in_brackets, command):
    help_text, errors = in_brackets("-m", "explorer", *command.split(), "--help")
    assert errors == ""
    for line in help_text.splitlines():
        plain = _TYPED.sub(" ", pseudo_language.outside(line))
        assert not re.search(r"[A-Za-z]{3,} [a-z]{2,}", plain), line


@pytest.mark.parametrize(
    "arguments",
    [
        "neighbours airplne",
        "neighbours airplane -n 0",
        "neighbours airplane --model mine",
        "neighbours airplane --metrics dot",
        "neighbours",
        "neighbour airplane",
        "map a b --seed x",
        "analogy king (queen",
        "import no-such-file",
        "serve --port 0",
    ],
)
def test_an_error_can_be_translated(in_brackets, arguments):
    _output, error = in_brackets("-m", "explorer", *arguments.split())
    assert error.startswith("explorer: ⟦")
    assert not re.search(r"[A-Za-z]{3,} [a-z]{2,}", pseudo_language.outside(error).removeprefix("explorer: ")), error


def test_what_stands_beside_an_answer_can_be_translated(in_brackets):
    _output, beside = in_brackets("-m", "explorer", "neighbours", "AIRPLANE", "-n", "2")
    assert beside.startswith("⟦“AIRPLANE” is not in the vocabulary")


def test_an_error_over_http_can_be_translated(in_brackets):
    code = (
        "from starlette.testclient import TestClient; from explorer.service.questions import app; "
        "print(TestClient(app).get('/neighbours', params={'word': 'airplne'}).text)"
    )
    answer = json.loads(in_brackets("-c", code)[0])
    assert pseudo_language.outside(answer["error"]) == ""


def test_the_pages_can_be_translated(in_brackets):
    output, errors = in_brackets("-m", "tests.pseudo_language")
    assert output, errors
    untranslated = [
        (page, kind, text)
        for page, _url, elements in json.loads(output)
        for kind, text in elements
        if kind != "page_link"  # most are words of a vocabulary
        and set(re.findall("[A-Za-z]{3,}", pseudo_language.outside(text))) - _NAMES - _SENTENCES - _FORMULAS
    ]
    assert untranslated == []


@pytest.mark.parametrize("form", ["md", "html"])
def test_a_document_can_be_translated(in_brackets, form):
    document, errors = in_brackets("-m", "explorer", "lesson", "--article", "--format", form)
    assert document, errors
    words = set(re.findall("[A-Za-z]{3,}", pseudo_language.outside(document)))
    assert words - _SENTENCES - _FORMULAS == set()
