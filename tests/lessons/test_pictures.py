"""Pictures draw the trace's numbers, need nothing else, and show words as words."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from lxml import etree

from explorer.errors import UserError
from explorer.lessons.example import article_example, trained_example
from explorer.lessons.flow import flow
from explorer.lessons.lesson import lesson
from explorer.lessons.pictures.attention import attention_lines, attentions, board
from explorer.lessons.pictures.decoding import word_by_word
from explorer.lessons.pictures.next_word import next_words
from explorer.lessons.pictures.picture import coarse, number
from explorer.lessons.pictures.tree import beam_tree
from explorer.lessons.pictures.whole import Whole
from explorer.transformer.bounds import LENGTH_PENALTY
from explorer.transformer.decoding import beam_search, greedy, reshaped, sample
from explorer.transformer.vocabulary import MARKS, Vocabulary
from tests.lessons.odd_words import odd_lesson
from tests.transformer.conftest import toy_translator

SVG = "{http://www.w3.org/2000/svg}"
ARTICLE = lesson(article_example())
TOY = lesson(trained_example(toy_translator(source_width=5), ["two", "one", "two"], ["uno"]))


def pictures(told):
    translator, source = told.example.translator, told.example.source
    return {
        "whole": Whole(told),
        "lines": attentions(told.trace)[0],
        "board": board(told.trace),
        "next words": next_words(told.trace),
        "greedy": word_by_word(translator, source),
        "drawn": word_by_word(translator, source, 1.5, 4, 0.9, 3),
        "beam": beam_tree(translator, source, 3, LENGTH_PENALTY),
    }


def written(svg):
    return ["".join(text.itertext()).strip() for text in etree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("told", [ARTICLE, TOY, odd_lesson()], ids=["article", "projection", "odd words"])
def test_a_picture_is_a_file_that_needs_nothing_else(told):
    for name, picture in pictures(told).items():
        svg = picture.as_svg()
        root = etree.fromstring(svg)
        assert root.get("role") == "img", name
        assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
        assert all(child.text for child in list(root)[:2])
        assert not re.search(r"(href|src)=|url\(|@import|<script", svg), name
        assert svg == picture.as_svg()
        json.dumps(picture.as_json(), allow_nan=False)
        assert all(len(row) == len(picture.table().header) for row in picture.table().rows)


def test_rules_of_a_picture_are_for_itself_alone():
    for picture in pictures(ARTICLE).values():
        style = etree.fromstring(picture.as_svg()).find(f"{SVG}style").text
        for selectors in re.findall(r"([^{}]+)\{", style):
            assert all(each.startswith(".explorer-picture") for each in re.split(r",(?![^(]*\))", selectors))


def test_words_are_words_in_a_picture():
    told = odd_lesson()
    said = " ".join(written(attention_lines(told.trace, "decoder.0.cross_attention.weights").as_svg()))
    assert {"$x$", "`a|b`", "🙂", "привет"} <= set(said.split())


def test_the_boxes_of_the_whole_hold_the_numbers_of_the_trace():
    whole = Whole(ARTICLE)
    boxes = whole.as_json()["boxes"]
    assert [box["label"] for box in boxes] == [box.label for box in flow(ARTICLE).boxes]
    for box in boxes[:-1]:  # the optimiser has no tensor
        assert np.array_equal(np.array(box["numbers"], dtype=float), ARTICLE.trace[box["tensor"]].value)
        assert box["shape"] == list(ARTICLE.trace[box["tensor"]].shape)
    said = written(whole.as_svg())
    loss = float(ARTICLE.trace["loss"].value)
    assert {number(loss, 4), *ARTICLE.trace.tokens, *ARTICLE.trace.target} <= set(said)
    assert f"loss {number(loss)} → {number(ARTICLE.update.loss)}" in said
    assert len(whole.sentences) == 6


def test_every_box_of_the_whole_leads_to_its_steps():
    whole = Whole(TOY)
    root = etree.fromstring(whole.as_svg(lambda key: f"#{key}"))
    anchors = list(root.iter(f"{SVG}a"))
    assert root.get("role") == "group"
    assert [anchor.get("data-step") for anchor in anchors] == [(*box.keys, *box.back)[0] for box in whole.boxes]
    assert [anchor.get("href") for anchor in anchors] == [f"#{anchor.get('data-step')}" for anchor in anchors]


@pytest.mark.parametrize("told", [ARTICLE, TOY, lesson(article_example(layers=2))], ids=["one", "projection", "two"])
def test_a_walk_goes_through_all_boxes_forward_then_back(told):
    whole = Whole(told)
    keys = [step.key for step in told.steps]
    order = [keys.index(stop.key) for stop in whole.stops]
    assert order == sorted(order)
    forward = [stop.box for stop in whole.stops if not stop.back]
    back = [stop.box for stop in whole.stops if stop.back]
    assert sorted(forward) == list(range(len(whole.boxes)))
    assert sorted(back) == [place for place, box in enumerate(whole.boxes) if box.back]
    assert all(stop.sentence.endswith((".", "?")) for stop in whole.stops)


def test_what_a_walk_says_has_the_numbers_of_the_trace():
    said = {stop.key: stop.sentence for stop in Whole(ARTICLE).stops}
    weights = ARTICLE.trace["decoder.0.cross_attention.weights"].value[:, -1]
    assert number(float(weights.max())) in said["decoder.0.cross_attention.query"]
    assert number(float(ARTICLE.trace["loss"].value), 4) in said["losses"]
    assert number(float(ARTICLE.trace["logits"].value.max())) in said["logits"]


def test_lines_are_as_thick_as_the_weights():
    name = "encoder.0.self_attention.weights"
    lines = attention_lines(ARTICLE.trace, name)
    weights = ARTICLE.trace[name].value
    assert lines.as_json()["weights"] == weights.tolist()
    rows = [group for group in etree.fromstring(lines.as_svg()).iter(f"{SVG}g") if group.get("class") == "looking"]
    for query, group in enumerate(rows):
        thick = [float(path.get("stroke-width")) for path in group.iter(f"{SVG}path")]
        assert np.allclose(np.array(thick).reshape(2, 3), weights[:, query] * 9, atol=0.005)
        numbers = ["".join(text.itertext()) for text in group.iter(f"{SVG}text")][1:]
        assert numbers == [" ".join(number(w, 2) for w in weights[:, query, key].tolist()) for key in range(3)]


def test_the_board_has_every_head_of_every_layer():
    told = lesson(article_example(layers=3))
    names = [attention.name for attention in board(told.trace).attentions]
    assert names == [tensor.name for tensor in told.trace if tensor.name.endswith("attention.weights")]
    assert len(names) == 9
    root = etree.fromstring(board(told.trace).as_svg(lambda key: f"#{key}"))
    assert [anchor.get("data-step") for anchor in root.iter(f"{SVG}a")] == names
    assert len([rect for rect in root.iter(f"{SVG}rect") if rect.get("class") == "card"]) == 18


def test_what_is_no_attention_is_said():
    with pytest.raises(UserError, match=r"“logits” is no attention of this pass\. Take one of encoder\.0\.self"):
        attention_lines(ARTICLE.trace, "logits")


def test_bars_are_the_probabilities_and_the_right_word_is_among_them():
    answer = next_words(ARTICLE.trace).as_json()
    probabilities, words = ARTICLE.trace["probabilities"].value, ARTICLE.trace.labels("probabilities")[1]
    assert answer["vocabulary"] == len(words)
    for place, position in enumerate(answer["positions"]):
        ordered = sorted(probabilities[place].tolist(), reverse=True)
        for bar in position["words"]:
            assert bar["probability"] == probabilities[place, words.index(bar["word"])] == ordered[bar["rank"] - 1]
        assert [bar["rank"] for bar in position["words"]][:5] == [1, 2, 3, 4, 5]
    right = [[bar["word"] for bar in position["words"] if bar["right"]] for position in answer["positions"]]
    assert right == [["de"], ["nada"], ["<end>"]]


def test_decoding_word_by_word_is_the_greedy_answer_with_its_attention():
    translator, source = TOY.example.translator, TOY.example.source
    answer = word_by_word(translator, source)
    branch = greedy(translator, source, tracing=True).root
    for step in answer.steps:
        assert step.before[0].probability == branch.shares.max() == branch.candidates[0][1]
        assert step.before == step.after
        last = f"decoder.{translator.configuration.layers - 1}.cross_attention.weights"
        assert np.array_equal(step.attention, branch.trace[last].value[:, -1])
        (branch,) = branch.children
        assert (step.chosen, step.probability) == (branch.word, branch.probability)
    assert not branch.children
    assert len(answer.steps) == len(etree.fromstring(answer.as_svg()).findall(f"{SVG}g"))


def test_drawn_words_show_the_distribution_before_and_after():
    translator, source = TOY.example.translator, TOY.example.source
    answer = word_by_word(translator, source, 1.5, 4, 0.9, 3)
    decoding = sample(translator, source, 3, 1.5, 4, 0.9, tracing=True)
    assert answer.decoding.words == decoding.words
    assert answer.reshaping == "Temperature 1.5, top-k 4, top-p 0.9"
    branch, words = decoding.root, translator.target.words
    for step in answer.steps:
        after = reshaped(branch.shares, 1.5, 4, 0.9)
        assert step.kept == np.count_nonzero(after) <= 4
        assert [bar.probability for bar in step.after] == [after[words.index(bar.word)] for bar in step.after]
        assert step.chosen in {bar.word for bar in step.after}
        (branch,) = branch.children


@pytest.mark.parametrize("penalty", [0.0, LENGTH_PENALTY, 2.0])
@pytest.mark.parametrize("told", [ARTICLE, TOY], ids=["some end", "none ends in time"])
def test_the_tree_has_the_scores_of_the_search(told, penalty):
    translator, source = told.example.translator, told.example.source
    tree = beam_tree(translator, source, 3, penalty)
    assert tree.decoding.words == beam_search(translator, source, 3, penalty).words
    assert tree.best.log_probability == tree.decoding.log_probability
    for branch in tree.as_json()["branches"]:
        assert branch["length"] == len(branch["words"])
        assert branch["length_penalty"] == pytest.approx(((5 + branch["length"]) / 6) ** penalty)
        if branch["score"] is not None:
            assert branch["score"] == pytest.approx(branch["log_probability"] / branch["length_penalty"])
    scores = [branch["score"] for branch in tree.as_json()["branches"] if branch["score"] is not None]
    assert bool(scores) == (told is ARTICLE)
    assert tree.best.score == max(scores, default=None)
    assert {number(score) for score in scores} <= set(written(tree.as_svg()))


def test_the_words_of_a_tree_have_room():
    translator = toy_translator()
    words = (*MARKS, *(f"bienvenido{number_:03}" for number_ in range(len(translator.target) - len(MARKS))))
    tree = beam_tree(replace(translator, target=Vocabulary(words)), ("two",), 3, LENGTH_PENALTY)
    texts = written(tree.as_svg())
    assert any(text in words[len(MARKS) :] for text in texts)
    assert not [text for text in texts if text.startswith("b") and text.endswith("…")]


def test_a_wide_row_keeps_its_largest_numbers():
    rows = np.random.default_rng(0).normal(size=(2, 300))
    narrow = coarse(rows, 48)
    assert narrow.shape == (2, 48)
    assert np.array_equal(np.abs(narrow).max(axis=1), np.abs(rows).max(axis=1))
    assert np.array_equal(coarse(rows[:, :48], 48), rows[:, :48])


def test_the_encoder_alone_has_a_picture_of_the_whole():
    example = article_example()
    told = lesson(example.of(example.source, None))
    whole = Whole(told)
    assert {box.column for box in whole.boxes} == {0}
    assert len(whole.sentences) == 4
    assert not [stop for stop in whole.stops if stop.back]
    assert "Decoder" not in whole.as_svg()
    with pytest.raises(UserError, match="The encoder alone predicts no next word"):
        next_words(told.trace)


def test_the_tree_of_the_article_has_a_talks_type_in_a_window_of_1280():
    told = ARTICLE.example
    tree = etree.fromstring(beam_tree(told.translator, told.source, 3, 0.6).for_talk())
    smallest = min(float(words.get("font-size")) for words in tree.iter(f"{SVG}text"))
    assert smallest * 1226 / float(tree.get("width")) >= 23.5  # beside the margins of the page
