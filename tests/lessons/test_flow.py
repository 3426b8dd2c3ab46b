"""The diagram: every step stands in one box, and the edges go where the model goes."""

from dataclasses import replace

import pytest

from explorer.embeddings import catalog
from explorer.lessons.example import article_example, own_example, trained_example
from explorer.lessons.flow import flow
from explorer.lessons.lesson import lesson
from explorer.transformer.configuration import Configuration
from tests.transformer.conftest import toy_translator

EXAMPLES = {
    "as in training": replace(article_example(), smoothing=0.1, dropout=0.1),
    "one layer": article_example(),
    "three layers": article_example(layers=3),
    "a projection": trained_example(toy_translator(source_width=5), ["two", "one", "two"], ["uno"]),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_step_stands_in_one_box(name):
    told = lesson(EXAMPLES[name])
    boxes = flow(told).boxes
    standing = [key for box in boxes for key in (*box.keys, *box.back)]
    assert sorted(standing) == sorted(step.key for step in told.steps)
    assert len({(box.column, box.row) for box in boxes}) == len({box.name for box in boxes}) == len(boxes)


def test_the_memory_goes_to_every_cross_attention():
    told = flow(lesson(article_example(layers=2)))
    ways = [(told.boxes[start].name, told.boxes[end].label) for start, end, kind in told.edges if kind == "memory"]
    assert ways == [("Add & norm after feed-forward, encoder layer 2", "Cross-attention")] * 2


def test_every_sublayer_has_a_way_past_it():
    told = flow(lesson(article_example()))
    ways = [(told.boxes[start].label, told.boxes[end].name) for start, end, kind in told.edges if kind == "residual"]
    assert ways == [
        ("+ positions", "Add & norm after self-attention, encoder layer 1"),
        ("Add & norm", "Add & norm after feed-forward, encoder layer 1"),
        ("+ positions", "Add & norm after masked self-attention, decoder layer 1"),
        ("Add & norm", "Add & norm after cross-attention, decoder layer 1"),
        ("Add & norm", "Add & norm after feed-forward, decoder layer 1"),
    ]


def test_with_norms_first_the_memory_is_the_last_norm():
    configuration = Configuration(d_model=8, layers=1, norm="pre")
    told = flow(lesson(own_example(catalog.load(), ["good", "day"], ["buenos", "días"], configuration)))
    (start,) = {start for start, _, kind in told.edges if kind == "memory"}
    assert told.boxes[start].name == "Last norm of the encoder"
    assert "Add" in {box.label for box in told.boxes}
