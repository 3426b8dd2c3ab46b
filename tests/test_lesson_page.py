"""The lesson's page through Streamlit's own test runner: what it asks the core and what it says."""

import base64
import json
import re
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer.lessons import renderings
from explorer.lessons.equations import equations
from explorer.lessons.example import article_example
from explorer.lessons.exercises import exercise
from explorer.lessons.lesson import lesson
from explorer.lessons.numbers import rounded
from explorer.lessons.pictures.decoding import word_by_word
from explorer.lessons.tasks import is_computed
from explorer.questions.lessons import Lesson
from explorer.transformer import checkpoint
from explorer.transformer.decoding import greedy
from explorer.translation.translators import SHIPPED
from explorer.ui.lesson.lesson_view import SETTINGS
from explorer.writing.documents import literal
from tests.test_pages import sentences, visit

TOLD = lesson(article_example())


def components(app: AppTest) -> set[str]:
    assert not app.exception
    return {component.key for component in app.get("bidi_component")}


def problems(app: AppTest) -> list[str]:
    return [sentence for sentence in sentences(app) if "explorer-problem" in sentence]


def unfolded(app):
    """The page with its settings open."""
    app.session_state[SETTINGS] = True
    return app.run()


@pytest.mark.parametrize("step", [step.key for step in TOLD.steps][::14])
def test_any_step_of_the_article_can_be_opened(step):
    app = visit("lesson", step=step)
    assert components(app) >= {"guide", "contents"} | ({"equations"} if TOLD.step(step).shown else set())
    assert problems(app) == []


def equations_on(app: AppTest, key: str = "equations"):
    (component,) = [component for component in app.get("bidi_component") if component.key == key]
    return json.loads(component.proto.json)["equations"]


def test_in_a_talk_the_loss_after_the_step_fills_the_window():
    (said,) = [html for html in sentences(visit("lesson", step="update.loss", stage="1")) if "explorer-loss" in html]
    before, after = (rounded(loss, 2) for loss in (TOLD.trace["loss"].value.item(), TOLD.update.loss))
    assert f"<span>{before}</span> → <b>{after}</b>" in said


def test_an_open_cell_is_worked_out_where_it_stands():
    app = visit("lesson", step="logits", cell="logits[0,1]", scope="chapter")
    assert components(app) >= {"equations", "how_title"}
    assert any("L = N'" in text.value or "W^L" in text.value for text in app.markdown)
    (logits,) = [equation for equation in equations_on(app) if equation["title"] == "Logits"]
    assert logits["worked"] == [0, 0, 1]
    assert "Go to the gradient" in [button.label for button in app.button]
    (box,) = [part for part in app.get("bidi_component") if part.key == "how_title"]
    assert re.fullmatch(r"= .*·.* \+ .*", json.loads(box.proto.json)["line"])  # without a look further down


def test_a_talk_shows_one_equation_and_nothing_beside_it():
    app = visit("lesson", step="encoder.0.self_attention.weights", stage="1")
    (equation,) = equations_on(app)
    # of all heads; a key turns them
    assert {len(part["heads"]) for part in equation["parts"] if part["kind"] == "matrix"} == {2}
    assert "Export" not in [box.label for box in app.selectbox]
    url = {"step": "encoder.0.self_attention.scores", "cell": "encoder.0.self_attention.scores[9,0,0]", "stage": "1"}
    assert (
        len(equations_on(visit("lesson", **url))) == 1
    )  # of a cell that is not there the address is wrong, not the step
    for number in ("9", "0000000005", "-1", "x"):  # none of them is an equation of the step
        assert len(equations_on(visit("lesson", step="back.source.input", stage="1", equation=number))) == 1
    app = visit("lesson", step="source.tokens", stage="1")
    assert "Export" not in [box.label for box in app.selectbox]


def test_words_that_are_drawn_have_a_table_of_their_own():
    address = {"lesson": "trained", "source": "you,are,welcome", "step": "next.greedy", "choose": "drawn", "draw": "3"}
    app = visit("lesson", **address, temperature="1.5")
    (table,) = [text.value for text in app.markdown if "word drawn" in text.value]
    words = word_by_word(checkpoint.load(SHIPPED), ("you", "are", "welcome"), 1.5, 0, 1.0, 3)
    for row, each in zip(table.splitlines()[4:], words.steps, strict=True):
        assert [cell.strip() for cell in row.split("|")[2:4]] == [literal(each.chosen), rounded(each.probability)]


def test_a_vector_can_be_edited_and_what_follows_is_said():
    app = visit("lesson", step="source.embedding", cell="source.embedding[0,1]")
    assert app.text_input[-1].label == "Try another number in source.table [You, 2]"
    app = visit("lesson", step="loss", edits="source.table[4,1]=0.9", compare="both")
    (said,) = [sentence for sentence in sentences(app) if "Edited" in sentence]
    assert re.search(r"\[You, 2\]: 0\.2000 → 0\.9000\. The loss was \d\.\d{6} and is \d\.\d{6} now\.", said)
    assert "Reset" in [button.label for button in app.button]


@pytest.mark.parametrize("typed", ["NaN", "text", "inf"])
def test_what_no_weight_can_be_is_refused_where_it_was_typed(typed):
    app = visit("lesson", step="source.embedding", cell="source.embedding[0,1]")
    app.text_input[-1].set_value(typed)
    app.run()
    (said,) = problems(app)
    assert f"“{typed}” is not a number that a weight can be" in said


def test_the_probabilities_are_reshaped_as_the_sliders_say():
    app = visit("lesson", step="probabilities", temperature="0.5", top_k="2", top_p="0.9")
    assert [number.value for number in app.number_input] == [0.5, 2]
    assert [slider.value for slider in app.slider] == [0.9]
    assert components(app) >= {"equations", "sampling"}
    (equation,) = equations_on(app, "sampling")
    assert [part["caption"] for part in equation["parts"] if part["kind"] == "matrix"][-1] == "to sample from"
    for temperature in (0, 100):  # the likeliest word alone, and the declaration's bound
        app = visit("lesson", step="probabilities", temperature=str(temperature))
        assert app.number_input[0].value == temperature
        assert problems(app) == []


def test_through_the_layers_offers_a_rescaling_and_takes_it_back():
    app = visit("lesson", view="layers")
    assert [header.value for header in app.header] == [
        "The nearest words after each layer",
        "Word vectors and positions",
        "The heads",
    ]
    assert "Multiply the source vectors by" in app.button[-1].label
    app.button[-1].click().run()
    assert app.query_params["rescaled"] in ("source", ["source"])
    assert app.button[-1].label == "Undo the rescaling"


def test_own_sentences_come_with_a_word_on_their_vectors():
    url = {"source": "the,airplane,is,late", "target": "das,flugzeug", "d_model": "16"}
    (said,) = [s for s in sentences(unfolded(visit("lesson", lesson="own", **url))) if "PCA" in s]
    assert "300 dimensions to 16 by PCA" in said
    (said,) = [
        s
        for s in sentences(unfolded(visit("lesson", lesson="own", projection="random", **url)))
        if "random matrix" in s
    ]
    assert "by a random matrix (seed 0)" in said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ({"lesson": "FOO"}, "no lesson called “FOO”"),
        ({"step": "FOO"}, "has no step “FOO”"),
        ({"step": "loss", "cell": "FOO"}, "names no number"),
        ({"step": "loss", "cell": "losses[7]"}, "none stands at"),
        ({"step": "encoder.0.self_attention.scores", "cell": "encoder.0.self_attention.scores[]"}, "none stands at"),
        ({"step": "loss", "edits": "losses[0]=1"}, "is computed"),
        ({"step": "loss", "edits": "source.table[4,1]=1e308"}, "overflows"),
        ({"step": "loss", "edits": "nonsense"}, "names no number"),
        ({"lesson": "own", "source": ""}, "source is empty"),
        ({"lesson": "own", "target": ""}, "target is empty"),
        ({"lesson": "own", "source": ",".join(["good"] * 25)}, "25 words, but a lesson shows 24 at most"),
        ({"lesson": "own", "source": "qqqqq,zzzzzz"}, "holds none of the words"),
        ({"lesson": "trained", "source": "qqqqq"}, "knows none of the words"),
        ({"lesson": "own", "heads": "3"}, "do not divide"),
        ({"lesson": "article", "heads": "3"}, "3 heads do not divide d_model = 4"),
        (
            {"lesson": "own", "layers": "1000000000"},
            "layers is 1,000,000,000, but must be a whole number from 1 to 12.",
        ),
        ({"lesson": "own", "d_model": "1000"}, "fewer than d_model = 1000"),
        ({"lesson": "own", "d_ff": "0"}, "d_ff is 0, but must be a whole number from 1 to 4,096."),
        ({"lesson": "own", "seed": "-1"}, "seed is -1, but must be a whole number from 0 to"),
        ({"lesson": "own", "model": "FOO"}, "no model called “FOO”"),
        ({"lesson": "own", "encoder_only": "true", "source": ""}, "source is empty"),
        ({"lesson": "own", "source": "airplne"}, "“airplne” is not among"),
        ({"lesson": "trained", "target": "zapatos,marcianos"}, "cannot say “marcianos”"),
        ({"lesson": "trained", "source": "!"}, "source is empty"),
        ({"lesson": "trained", "source": ",".join(["you"] * 25)}, "25 words"),
        ({"decimals": "7"}, "decimals is 7, but must be a whole number from 2 to 6."),
        ({"step": "probabilities", "temperature": "-1"}, "temperature is -1, but must be a number from 0 to 100"),
        ({"rescaled": "nowhere"}, "is not a side of a lesson"),
        ({"step": "loss", "edits": ";".join(["output.bias[1]=1"] * 41)}, "more than 40 edits"),
        ({"lesson": "own", "source": "good," + "x" * 101}, "has 101 letters"),
    ],
)
def test_bad_input_gets_one_sentence_and_the_page_stays(url, said):
    app = visit("lesson", **url)
    (sentence,) = problems(app)
    assert said in sentence
    unfolded(app)
    assert app.selectbox[0].label == "Lesson"


def test_settings_stay_open_where_another_lesson_is_chosen():
    app = unfolded(visit("lesson"))
    app.selectbox(key="lesson").select("own").run()
    assert app.session_state[SETTINGS] is True
    assert app.text_input(key="source").value == "you are welcome"


@pytest.mark.parametrize(
    ("url", "is_open"),
    [({}, False), ({"lesson": "own"}, True), ({"lesson": "own", "source": "are,you"}, False)],
)
def test_settings_are_open_for_who_comes_to_type_and_a_shared_link_opens_at_its_equation(url, is_open):
    assert visit("lesson", **url).session_state[SETTINGS] is is_open


def test_the_root_and_what_only_training_has_can_be_switched_on():
    app = visit(
        "lesson", lesson="own", source="you,are", target="de,nada", scaled="true", step="source.scaled_embedding"
    )
    assert problems(app) == []
    (equation,) = equations_on(app)
    assert equation["parts"][equation["result"]]["name"] == "source.scaled_embedding"
    app = unfolded(visit("lesson", lesson="trained", step="loss", smoothing="0.1", dropout="0.1"))
    assert [box.value for box in app.number_input if box.label in ("Label smoothing", "Dropout")] == [0.1, 0.1]
    (equation,) = equations_on(app)
    (loss,) = np.frombuffer(base64.b64decode(equation["parts"][equation["result"]]["float64"]))
    assert loss == Lesson(smoothing=0.1, dropout=0.1).lesson.trace["loss"].value


def test_a_trained_model_translates_by_itself_what_has_no_target_yet():
    source = ("you", "are", "welcome")
    app = unfolded(visit("lesson", lesson="trained", source=",".join(source)))
    assert problems(app) == []
    assert [said for said in sentences(app) if "own translation: “de nada”" in said]
    assert app.text_input(key="target").value == ""
    example = Lesson(source=" ".join(source)).subject
    assert (example.source, example.target) == (source, greedy(example.translator, source).words)


ENCODER = {"lesson": "own", "encoder_only": "true", "source": "airplane,fly", "layers": "3", "d_ff": "5"}


def test_the_encoder_alone_is_told_to_its_last_layer():
    app = visit("lesson", **ENCODER, step="source.tokens")
    assert problems(app) == []
    data = {component.key: component.proto.json for component in app.get("bidi_component")}
    assert [chapter["title"] for chapter in json.loads(data["contents"])["chapters"]] == [
        "Words become vectors",
        "Where each word stands",
        *(f"Encoder, layer {layer}" for layer in (1, 2, 3)),
    ]
    assert {box["column"] for box in json.loads(data["contents"])["boxes"]} == {0}
    assert "Target" not in [box.label for box in app.text_input]


@pytest.mark.parametrize(
    "url",
    [
        {"step": "encoder.2.feed_forward.norm", "cell": "encoder.2.feed_forward.norm[1,2]"},
        {"step": "source.embedding", "edits": "source.table[4,1]=0.9", "cell": "source.embedding[0,1]"},
        {"view": "layers"},
        {"rescaled": "source,target"},
    ],
)
def test_the_encoder_alone_can_be_looked_into_and_edited(url):
    app = visit("lesson", **ENCODER, **url)
    assert problems(app) == []
    if "edits" in url:
        (said,) = [sentence for sentence in sentences(app) if "Edited" in sentence]
        assert "0.9000" in said
        assert "loss" not in said
    if "view" in url:
        assert [header.value for header in app.header][-1] == "The heads"
        assert "Multiply the source vectors by" in app.button[-1].label


def test_the_width_of_the_feed_forward_layer_can_be_chosen():
    app = visit("lesson", **ENCODER, step="encoder.0.feed_forward.hidden")
    (equation,) = equations_on(app)
    assert len(equation["parts"][equation["result"]]["columns"]) == 5


def test_the_models_own_translation_is_offered_and_unknown_words_are_named():
    app = unfolded(visit("lesson", lesson="trained", source="good,zebras", target="de,nada"))
    assert any(
        "The model does not know zebras, and reads &lt;unk&gt; there." in sentence for sentence in sentences(app)
    )
    (link,) = app.get("page_link")
    assert "own translation" in link.proto.label
    assert parse_qs(link.proto.query_string) == {"lesson": ["trained"], "source": ["good,zebras"]}


def test_a_translation_that_is_the_models_own_needs_no_offer():
    app = visit("lesson", lesson="trained", source="you,are,welcome", target="de,nada")
    assert problems(app) == []
    assert not app.get("page_link")


def test_an_export_that_would_be_too_large_is_said_in_its_place(monkeypatch):
    monkeypatch.setattr(renderings, "_MOST_NUMBERS", {True: 3000, False: 1500})
    app = visit("lesson", step="loss")
    (said,) = problems(app)
    assert "As html this has 3,6" in said
    assert "Download" not in {button.label for button in app.get("download_button")}
    app.selectbox(key="export part").set_value("step").run()
    assert problems(app) == []
    assert "Download" in {button.label for button in app.get("download_button")}


def test_a_side_named_many_times_is_rescaled_once():
    app = visit("lesson", view="layers", rescaled="source," * 2000)
    assert problems(app) == []
    assert app.button[-1].label == "Undo the rescaling"


def test_a_sum_has_its_terms_in_the_order_of_the_columns_and_the_bias_last():
    app = visit("lesson", step="encoder.0.feed_forward.hidden", cell="encoder.0.feed_forward.hidden[0,1]")
    (equation,) = equations_on(app)
    ((total, bias),) = [line["slots"] for line in equation["lines"]]
    assert equation["worked"] == [0, 0, 1]
    assert total["over"] == 4
    assert [slot["at"] for slot in total["slots"]] == [[0, "i", "k"], [0, "k", "j"]]
    assert equation["parts"][bias["part"]]["name"] == "encoder.0.feed_forward.hidden.bias"


def test_an_open_cell_of_a_large_vocabulary_has_its_column():
    app = visit("lesson", lesson="trained", step="logits", cell="logits[0,700]")
    assert problems(app) == []
    (equation,) = equations_on(app)
    result = equation["parts"][equation["result"]]
    assert len(result["columnPlaces"]) < 30
    assert result["columnPlaces"][equation["worked"][2]] == 700


def exercise_on(app: AppTest):
    (component,) = [each for each in app.get("bidi_component") if (each.key or "").startswith("exercise")]
    return json.loads(component.proto.json)


@pytest.mark.parametrize("step", [step.key for step in TOLD.steps][::7])
def test_an_exercise_stands_in_for_the_equations_and_gives_no_answer_away(step):
    app = visit("lesson", step=step, exercise="1")
    assert problems(app) == []
    computed = any(is_computed(equation) for equation in equations(TOLD, TOLD.step(step)))
    assert any(key.startswith("exercise") for key in components(app)) == computed
    assert ("equations" in components(app)) == (bool(TOLD.step(step).shown) and not computed)
    if not computed:
        return
    data = exercise_on(app)
    made = exercise(TOLD, step=step, variant=1)
    assert [blank["label"] for blank in data["blanks"]] == [blank.label for blank in made.blanks]
    assert not {"value", "solution", "lines"} & set(data["blanks"][0])
    assert data["verdicts"] == {}
    (equation,) = data["drawn"]["equations"]
    assert equation["lines"] == []
    parts = {part["id"]: part for part in equation["parts"] if part["kind"] == "matrix"}
    numbers = {id_: np.frombuffer(base64.b64decode(part["float64"]), "<f8") for id_, part in parts.items()}
    blanks = parts[equation["result"]]["blanks"]
    assert {int(flat) for flat in blanks} == set(np.flatnonzero(np.isnan(numbers[equation["result"]])).tolist())
    for blank in data["blanks"]:
        assert blank["takes"]
        assert all(np.isfinite(numbers[part][flat]) or numbers[part][flat] < 0 for part, flat in blank["takes"])


def test_the_switch_turns_the_equations_into_an_exercise_and_back():
    app = visit("lesson", step="encoder.0.self_attention.query")
    app.toggle(key="try it").set_value(True).run()
    assert app.query_params["exercise"] == "0"
    assert "equations" not in components(app)
    [button] = [button for button in app.button if button.label == "Other numbers"]
    button.click().run()
    assert app.query_params["exercise"] == "1"
    app.toggle(key="try it").set_value(False).run()
    assert "exercise" not in app.query_params
    assert "equations" in components(app)
    app.toggle(key="try it").set_value(True).run()
    assert app.query_params["exercise"] == "1"  # the one that was left
    tables = visit("lesson", step="next.words")
    assert "Try it yourself" not in [toggle.label for toggle in tables.toggle]


def test_an_exercise_that_is_none_is_a_sentence():
    (sentence,) = problems(visit("lesson", step="encoder.0.self_attention.query", exercise="many"))
    assert "variant" in sentence


def test_the_switch_comes_and_goes_with_the_steps_and_turns_nothing():
    app = visit("lesson", step="logits")
    for step in ("next.words", "logits", "probabilities", "next.words", "logits"):
        app.query_params["step"] = step
        app.run()
        assert not app.exception
        assert "exercise" not in app.query_params
        assert app.query_params["step"] in (step, [step])


def test_a_text_with_labels_is_told_to_its_label():
    place = {"lesson": "own", "source": "a,good,film", "labels": "good,bad", "model": "wiki-en-glove", "d_model": "8"}
    app = visit("lesson", **place, layers="1", pooling="attention", step="labels.logits")
    assert problems(app) == []
    assert "equations" in components(app)
    assert not [box for box in app.text_input if box.key == "target"]
    unfolded(app)
    assert app.selectbox(key="right").options == ["good", "bad"]
    (part,) = [box for box in app.selectbox if box.label == "Part of the model"]
    assert part.options[0] == "The encoder alone, with labels"
    drawn = [
        [
            part.proto.json
            for part in visit("lesson", **place, layers="1", right=right, step="loss").get("bidi_component")
        ]
        for right in ("good", "bad")
    ]
    assert drawn[0] != drawn[1]
    app = visit("lesson", **{**place, "labels": "good"}, step="labels.logits")
    assert "labels has 1 entry, but must have 2 to 10" in " ".join(problems(app))


def test_a_sentence_is_told_by_the_decoder_alone():
    place = {"lesson": "own", "decoder_only": "true", "source": "you,are,welcome", "model": "wiki-en-glove"}
    app = visit("lesson", **place, layers="1", step="logits")
    assert problems(app) == []
    data = {component.key: component.proto.json for component in app.get("bidi_component")}
    boxes = json.loads(data["contents"])["boxes"]
    assert {box["column"] for box in boxes} == {0}
    assert [box["label"] for box in boxes][:3] == ["Vectors", "+ positions", "Masked self-attention"]
    app.session_state[SETTINGS] = True
    app.run()
    assert not {"Target", "Labels", "Right label"}.intersection(box.label for box in (*app.text_input, *app.selectbox))
    assert app.text_input(key="source").label == "Sentence"
    (part,) = [box for box in app.selectbox if box.label == "Part of the model"]
    assert part.value == "decoder"
    part.select("encoder").run()
    assert "decoder_only" not in app.query_params
    assert app.query_params["encoder_only"] in ("true", ["true"])
    assert app.text_input(key="source").label == "Source"
    for other in ({"view": "layers"}, {}):
        app = visit("lesson", **place, layers="1", **other)
        assert problems(app) == []
