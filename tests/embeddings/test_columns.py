"""Further columns of a file travel with its words: into answers, tables and maps; words are filtered by them."""

import json

import numpy as np
import pytest

from explorer.embeddings import catalog
from explorer.embeddings.formats.writing import export
from explorer.embeddings.importing import import_model
from explorer.embeddings.neighbours import neighbours
from explorer.errors import UserError
from explorer.questions.maps import Graph, Map
from explorer.questions.words import Neighbours

CSV = """word,kind,year,x1,x2,x3
gull,bird,1987,1,0.5,0.2
tern,bird,1990,0.9,0.4,0.1
ferry,boat,1987,-0.3,0.8,0.2
canoe,boat,,0.2,0.9,0.4
"""


@pytest.fixture
def model(own_models, tmp_path):
    (file := tmp_path / "harbour.csv").write_text(CSV)
    import_model(file, "harbour")
    return catalog.load("harbour")


def test_neighbours_have_them_in_json_and_table(model):
    answer = neighbours(model, "gull", 3)
    first = answer.as_json()["neighbours"][0]
    assert (first["word"], first["columns"]) == ("tern", {"kind": "bird", "year": "1990"})
    table = answer.table()
    assert table.header[-2:] == ("kind", "year")
    assert {row[-2:] for row in table.rows} == {("bird", "1990"), ("boat", "1987"), ("boat", "")}
    assert answer.as_csv().splitlines()[0].endswith(",kind,year")
    assert "1990" in answer.as_html()


def test_words_are_filtered_by_them(model):
    def words(*where):
        return {row.word for row in Neighbours(model="harbour", word="canoe", where=where).answer().rows}

    assert words("kind=bird") == {"gull", "tern"}
    assert words("year=1987", "kind=boat") == {"ferry"}
    assert words("year=1987", "year=1990") == {"gull", "tern", "ferry"}
    assert words("year=") == set()
    with pytest.raises(UserError, match=r"“colour=red” is no condition: .* such as kind=bird\. .*“kind”, “year”"):
        words("colour=red")
    with pytest.raises(UserError, match=r"No word has “fish” as its kind\. There are “bird”, “boat”"):
        words("kind=fish")


def test_a_model_without_them_says_so_and_answers_as_before(own_models, tmp_path):
    (file := tmp_path / "plain.txt").write_text("a 1 2\nb 2 1\n")
    import_model(file, "plain")
    model = catalog.load("plain")
    assert model.columns is None
    assert "columns" not in neighbours(model, "a").as_json()["neighbours"][0]
    with pytest.raises(UserError, match="plain has no further columns"):
        neighbours(model, "a", where=["kind=bird"])


def test_a_map_has_them(model):
    answer = Map(model="harbour", words=("gull", "ferry", "canoe")).answer()
    assert [point["columns"]["kind"] for point in answer.as_json()["points"]] == ["bird", "boat", "boat"]
    assert answer.table().header[-2:] == ("kind", "year")
    assert answer.drawn.columns == ("kind", "year")


def test_a_part_of_a_model_keeps_its_own(model):
    part = model.subset([2, 0])
    assert [part.further(row)["kind"] for row in (0, 1)] == ["boat", "bird"]
    np.testing.assert_array_equal(part.columns.matching(["kind=bird"]), [False, True])


def test_columns_called_as_those_of_answers_get_another_name_and_counts_and_tags_are_taken(own_models, tmp_path):
    rows = [("gull", 9, "NOUN", 1, [1.0, 2.0]), ("fly", 5, "VERB", 2, [2.0, 1.0])]
    names = ("word", "count", "pos", "rank", "vector")
    lines = (json.dumps(dict(zip(names, row, strict=True))) for row in rows)
    (file := tmp_path / "x.jsonl").write_text("\n".join(lines))
    import_model(file, "x")
    model = catalog.load("x")
    assert (model.columns.names, model.count("gull"), model.tag("fly")) == (("rank (file)",), 9, "VERB")


def test_a_projectors_metadata_travel_with_its_vectors(own_models, tmp_path):
    (file := tmp_path / "vectors.tsv").write_text("1\t2\n2\t1\n3\t3\n")
    (tmp_path / "metadata.tsv").write_text("label\tcluster\ngull\t0\nferry\t1\ngull\t2\n")
    card = import_model(file, "projected")
    assert card.words == 2
    assert [catalog.load("projected").further(row) for row in (0, 1)] == [{"cluster": "0"}, {"cluster": "1"}]


def test_a_damaged_file_of_columns_is_said(model, own_models):
    path = own_models / "harbour" / "columns.arrow"
    path.write_bytes(path.read_bytes()[:-20])
    catalog.close("harbour")
    with pytest.raises(UserError, match=r"harbour is damaged.*import it again"):
        catalog.load("harbour")


@pytest.mark.parametrize("form", ["projector", "npy", "csv", "json-lines", "parquet"])
def test_they_are_exported_and_imported_again(model, tmp_path, form):
    file, *words = export(model, tmp_path / "again", form)
    import_model(file, "again", metadata=words[0] if words else None)
    again = catalog.load("again")
    assert again.words == model.words
    np.testing.assert_array_equal(again.vectors, model.vectors)
    assert [again.columns.of(row) for row in range(4)] == [model.columns.of(row) for row in range(4)]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (Map(model="harbour", most_frequent=2, where=("kind=boat",)), ["ferry", "canoe"]),
        (Map(model="harbour", words=("gull", "ferry", "canoe", "tern"), where=("kind=bird", "kind=boat", "year=1987")),
         ["gull", "ferry"]),
        (Graph(model="harbour", around="gull", n=2, where=("kind=boat",)), ["gull", "ferry", "canoe"]),
    ],
)  # fmt: skip
def test_the_words_of_a_map_are_filtered_by_them(model, question, words):
    assert sorted(question.map_words.words) == sorted(words)


def test_a_map_of_no_words_says_so(model):
    with pytest.raises(UserError, match="No word meets the conditions"):
        Map(model="harbour", words=("gull", "tern"), where=("kind=boat",)).answer()


@pytest.mark.parametrize("write", ["/c/{}/{}", "{}:{}", "{1}@{0}"])
def test_the_language_of_keys_is_a_column(own_models, tmp_path, write):
    pairs = [("en", "duck"), ("de", "ente"), ("en", "goose"), ("de", "gans")]
    rows = "".join(f"{write.format(*pair)} {place}.5 1 {place}\n" for place, pair in enumerate(pairs, start=1))
    (file := tmp_path / "keys.txt").write_text(rows)
    import_model(file, "keys")
    answer = Neighbours(model="keys", word="duck", where=("language=de",)).answer()
    assert {row.word for row in answer.rows} == {write.format("de", "gans"), write.format("de", "ente")}
    assert answer.rows[0].columns == {"language": "de"}
