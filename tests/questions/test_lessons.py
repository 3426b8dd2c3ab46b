"""Questions about a lesson: a cell computes what it needs, the encoder alone, documents, what Python gets."""

import json
import math
import re
from html import escape

import pytest

import explorer as ex
from explorer.cli import main
from explorer.errors import UserError
from explorer.lessons import bounds, saying, telling
from explorer.lessons import lesson as lessons
from explorer.lessons.renderings import FORMATS
from explorer.lessons.renderings.text import in_text
from explorer.questions.lessons import Cell, Lesson, Picture, Update
from explorer.questions.transformer import Translate
from explorer.writing.numbers import rounded
from tests.lessons.calculator import computed


def forbidden(*_args, **_kwargs):
    raise AssertionError("nobody asked for this")


@pytest.fixture
def only_the_pass(monkeypatch):
    for module, name in (
        (saying, "beam_search"),
        (telling, "greedy"),
        (lessons, "first_update"),
        (lessons, "forward_chapters"),
    ):
        monkeypatch.setattr(module, name, forbidden)


@pytest.mark.usefixtures("only_the_pass")
@pytest.mark.parametrize("cell", ["encoder.0.self_attention.scores[0,1,2]", "gradient:source.table[4,1]", "loss[]"])
def test_a_cell_is_explained_by_the_pass_alone(cell):
    answer = Cell(tensor=cell, article=True).answer().as_json()
    for side in ("value", "gradient"):
        terms = answer[side]["terms"]
        products = []
        for term in terms:
            product = 1.0
            for factor in term["factors"]:
                product *= factor["number"]
            products.append(product)
        assert sum(products) == pytest.approx(answer[side]["number"], abs=1e-12)


CELLS = [
    "encoder.0.self_attention.weights[0,1,2]",
    "encoder.0.self_attention.projected_query[1,2]",
    "source.positions[1,2]",
    "source.table[4,1]",
    "gradient:decoder.0.self_attention.key.bias[0]",
    "updated:source.table[4,1]",
    "encoder.0.feed_forward.residual[0,1]",
    "probabilities[0,4]",
    "loss[]",
]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("model", [{"article": True}, {}], ids=["article", "trained"])
def test_a_cells_lines_are_those_of_the_lesson_and_end_with_its_number(cell, model):
    answer = Cell(tensor=cell, **model).answer()
    sides = {side: each for side, each in answer.as_json().items() if isinstance(each, dict)}
    for side, each in sides.items():
        if not each["lines"]:
            assert (side, each["operation"]) == ("value", "given")
            assert "value:\nA weight, which is given." in str(answer)
            continue
        assert each["lines"][-1]["result"] == rounded(each["number"])
        for line in each["lines"]:
            typed = re.sub(r" \[[^]]*\]", "", line["text"])
            assert (rounded(computed(typed)) == line["result"]) == (line["sign"] == "=")
            written = f"{line['of']} = {line['text']} {line['sign']} {line['result']}"
            assert written in str(answer)
            assert escape(written) in answer.as_html()


def test_a_cells_formulas_are_those_of_its_lines():
    query = str(Cell(tensor="encoder.0.self_attention.query[0,0,0]", article=True).answer())
    assert "value:\nQ = X⁽⁰⁾ W^Q + b^Q\nQ_h = split(Q)\nQ_h [head 1, You, 1] = 0.1000·0.3214 + " in query
    gradient = Cell(tensor="gradient:source.table[5,2]", article=True).answer()
    assert gradient.headline.startswith("source.table [are, 3]: value 0.100000, gradient −0.4589")


def test_a_cell_of_a_word_that_a_step_cuts_has_its_lines_too():
    probabilities = Cell(tensor="gradient:probabilities[0,900]").answer().as_json()
    assert [len(probabilities[side]["lines"]) for side in ("value", "gradient")] == [4, 1]


def test_the_lines_of_a_cell_are_those_that_the_lessons_document_has():
    answer = Cell(tensor="losses[0]", article=True).answer()
    assert [str(line) for line in answer.lines["value"]] == ["−ln 0.018066 = 4.0137"]
    text = in_text(Lesson(article=True, step="losses", document="md").answer().content.decode())
    assert "- ℓ [<start>] = −ln 0.018066 = 4.0137" in text
    assert "ℓ [<start>] = −ln 0.018066 = 4.0137" in str(answer).splitlines()


@pytest.mark.parametrize("question", [Lesson, Update, Picture])
def test_the_name_of_a_number_is_no_sentence(question):
    with pytest.raises(UserError, match="is the name of a number, not a sentence"):
        question(source="updated:source.table[4,1]", article=True).answer()


def test_a_weight_after_the_step_is_what_it_was_and_what_was_taken_off():
    cell = Cell(tensor="updated:source.table[4,1]", article=True).answer().as_json()
    update = Update(weight="source.table[4,1]", article=True).answer().as_json()
    assert (cell["value"], cell["gradient"]) == (None, None)
    assert cell["updated"]["number"] == update["weight_after"]
    assert update["change"] == pytest.approx(update["weight_after"] - update["weight"], rel=1e-9)
    assert update["loss_after"] < update["loss_before"]


def test_the_update_is_what_the_lesson_tells():
    lesson = ex.lesson(article=True, optimiser="sgd", rate=0.5)
    answer = ex.update(article=True, optimiser="sgd", rate=0.5)
    (table,) = lesson.step("update.weight").tables
    assert answer.table().rows[: len(table.rows)] == table.rows
    assert (answer.weight.m, answer.as_json()["corrected_m"]) == (None, None)
    assert answer.loss_after == lesson.update.loss


def test_a_lesson_and_its_trace_from_python():
    lesson = ex.lesson("You are welcome", "de nada")
    weights = lesson.trace["encoder.0.self_attention.weights"]
    assert weights.value.sum(axis=-1) == pytest.approx(1)
    assert lesson.trace.tokens == ("you", "are", "welcome")
    assert [row[2] for row in lesson.table().rows] == [step.key for step in lesson.steps]
    assert "de nada" in lesson.headline
    assert ex.translate("You are welcome").words == ("de", "nada")
    assert str(ex.pass_("You are welcome", "de nada", article=True)).startswith("You are welcome → de nada · loss")


def test_a_pass_says_how_many_numbers_its_model_learns():
    answer = ex.pass_("You are welcome", "de nada")
    weights = ex.pass_("You are welcome", "de nada", weights=True).as_json()["parameters"]
    assert answer.as_json()["parameter_count"] == sum(math.prod(each["shape"]) for each in weights.values())
    assert f"· {answer.parameter_count:,} parameters" in str(answer)


def test_a_trained_model_says_the_target_that_is_left_out_and_other_models_have_the_articles():
    source, words = "Where is the station?", ex.translate("Where is the station?").words
    lesson = ex.lesson(source)
    assert lesson.example.target == words
    assert f"it is the model's own translation: “{' '.join(words)}”." in " ".join(lesson.sentences)
    assert ex.pass_(source).target[1:] == words
    given = ex.lesson(source, "de nada")
    assert given.example.target == ("de", "nada")
    assert "own translation" not in " ".join(given.sentences)
    for other in ({"article": True}, {"vectors": "wiki-en-glove", "d_model": 8}):
        assert ex.lesson(**other).example.target == ("de", "nada")


ENCODERS = [{"article": True}, {"vectors": "wiki-en-glove", "layers": 3, "d_ff": 12, "d_model": 6}, {}]


@pytest.mark.parametrize("model", ENCODERS, ids=str)
def test_the_encoder_alone_has_neither_target_nor_loss(model):
    alone = Lesson(encoder_only=True, **model).answer()
    whole = Lesson(**model).answer()
    assert [chapter.title for chapter in alone.chapters] == [
        chapter.title
        for chapter in whole.chapters
        if chapter.title.startswith(("Words", "Where", "Encoder", "The enc"))
    ]
    for tensor in alone.trace:
        assert tensor.value == pytest.approx(whole.trace[tensor.name].value, nan_ok=True)
        assert tensor.gradient is None
    answer = alone.as_json()
    assert (answer["trace"]["target"], answer["trace"]["loss"], answer["updated"]) == ([], None, {})
    with pytest.raises(UserError, match="no loss"):
        _ = alone.update


@pytest.mark.parametrize("form", FORMATS)
def test_the_encoder_alone_is_told_in_every_format(form):
    document = Lesson(encoder_only=True, article=True, document=form).answer()
    text = document.content.decode()
    assert "You are welcome" in text or '"You", "are", "welcome"' in text
    assert "de nada" not in text
    if form == "ipynb":
        scope = {}
        for cell in json.loads(text)["cells"]:
            if cell["cell_type"] == "code":
                exec(cell["source"], scope)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"encoder_only": True, "target": "adiós"}, "target has no effect with encoder_only"),
        ({"encoder_only": True, "rate": 0.1}, "rate has no effect with encoder_only"),
        ({"article": True, "vectors": "wiki-en-glove"}, "article and vectors are two models"),
        ({"d_ff": 8}, "d_ff has an effect only with vectors or article"),
        ({"seed": 1}, "seed has an effect only with vectors or article"),
        ({"seed": 0}, "seed has an effect only with vectors or article"),
        ({"chapter": 1, "step": "loss"}, "chapter or step, not both"),
        ({"document": "md", "tensor": "loss"}, "tensor has an effect only with the document svg or pdf"),
    ],
)
def test_what_does_not_go_together_is_a_sentence(values, says):
    with pytest.raises(UserError, match=says):
        Lesson(**values)


@pytest.mark.parametrize(
    ("cell", "says"),
    [("scores", "names no number"), ("losses[7]", "none stands at"), ("nowhere[0]", "no tensor called “nowhere”")],
)
def test_what_is_no_cell_is_a_sentence(cell, says):
    with pytest.raises(UserError, match=says):
        Cell(tensor=cell, article=True).answer()


def test_a_pdf_is_for_a_file():
    answer = Lesson(article=True, document="pdf", tensor="loss").answer()
    assert answer.content.startswith(b"%PDF")
    with pytest.raises(UserError, match="cannot stand in JSON"):
        answer.as_json()


@pytest.mark.parametrize(("ending", "start"), [("json", '{"cell": "loss[]"'), ("csv", "side,term"), ("txt", "loss: ")])
def test_every_answer_can_be_written_into_a_file(tmp_path, capsys, ending, start):
    out = tmp_path / f"cell.{ending}"
    assert main(["cell", "loss[]", "--article", "-o", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert out.read_text(encoding="utf-8").startswith(start)
    assert main(["cell", "loss[]", "--article", "-o", str(out)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == [out.name]


def test_a_positional_parameter_may_be_named(capsys):
    assert main(["lesson", "--article", "--source", "You", "--target", "nada", "--step", "loss", "--json"]) == 0
    named = json.loads(capsys.readouterr().out)
    assert main(["lesson", "--article", "--step", "loss", "--json", "You", "nada"]) == 0
    assert named == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("kind", bounds.PICTURES)
def test_a_picture_is_drawn_or_given_as_numbers(kind):
    question = Picture(article=True, kind=kind)
    drawing = Picture(article=True, kind=kind, document="svg").answer()
    assert drawing.content.decode() == question.answer().as_svg()
    assert drawing.table() == question.answer().table()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": "whole", "tensor": "loss"}, "tensor has an effect only with the kind attention"),
        ({"kind": "attention", "tensor": "loss"}, "“loss” is no attention"),
        ({"kind": "attention", "penalty": 1}, "penalty has an effect only with the kind beam"),
        ({"kind": "decoding", "encoder_only": True}, "The encoder alone says no words"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_said(values, said):
    with pytest.raises(UserError, match=said):
        Picture(**values).answer()


def test_the_length_penalty_ranks_the_answers_of_a_beam_search():
    short, long = (Translate(text="you are welcome", beam=3, penalty=penalty).answer() for penalty in (0, 10))
    assert len(long.words) >= len(short.words)
    assert Translate(text="you are welcome", beam=3).answer().as_json() == (
        Translate(text="you are welcome", beam=3, penalty=0.6).answer().as_json()
    )
    with pytest.raises(UserError, match="penalty has an effect only with beam"):
        Translate(text="you are welcome", penalty=1)
