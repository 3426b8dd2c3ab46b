"""The command line as a user types it: the same answers as the functions, plain sentences, exit statuses."""

import json
import subprocess
import sys

import numpy as np
import pytest

from explorer.cli import main
from explorer.embeddings import catalog
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.patterns import complete


@pytest.fixture
def ask(capsys):
    """Run a command; give its exit status, standard output and standard error."""

    def run(*arguments):
        status = main(arguments)
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        return status, output.out, output.err

    return run


def test_neighbours_as_json_are_what_the_page_shows(ask):
    status, output, _ = ask("neighbours", "airplane", "-n", "5", "--json")
    assert status == 0
    answer = json.loads(output)
    assert answer == neighbours(catalog.load(), "airplane", 5).as_json()
    assert set(answer["neighbours"][0]) >= {"word", "similarity", "pos", "count"}


def test_neighbours_take_a_part_of_speech_and_a_minimum_count(ask):
    _, output, _ = ask("neighbours", "fly", "--pos", "verb", "--min-count", "500", "--json")
    rows = json.loads(output)["neighbours"]
    assert len(rows) == 10
    assert all(row["pos"] == "VERB" and row["count"] >= 500 for row in rows)


def test_neighbours_take_every_filter_and_metric(ask, tmp_path):
    listed = tmp_path / "list.txt"
    listed.write_text("hangar, balloon\nqqqqq")
    filters = ["--band", "medium", "--max-count", "1000", "--regex", "a", "--among", str(listed), "airliner"]
    status, output, error = ask("neighbours", "airplane", "--metric", "euclidean", *filters, "--json")
    expected = neighbours(
        catalog.load(),
        "airplane",
        metric="euclidean",
        maximum_count=1000,
        band="medium",
        among=["hangar", "balloon", "qqqqq", "airliner"],
        pattern="a",
    )
    assert (status, json.loads(output)) == (0, expected.as_json())
    _, output, error = ask("neighbours", "airplane fly", *filters)
    assert "the mean of “airplane” and “fly”" in error
    assert "The vocabulary lacks 1 of the list: “qqqqq”." in error


def test_complete_and_search_list_words_of_the_vocabulary(ask):
    found = json.loads(ask("complete", "AIRP", "-n", "2", "--json")[1])
    assert found["total"] > 2
    assert [word["word"] for word in found["words"]] == complete(catalog.load(), "airp", 2)
    status, output, error = ask("search", "plane$", "-n", "3")
    assert status == 0
    assert len(output.splitlines()) == 3
    assert "these are the first 3" in error


def test_neighbours_for_people_have_four_decimals(ask):
    _, output, _ = ask("neighbours", "airplane", "-n", "3")
    assert output.startswith("airplane")
    assert f"{neighbours(catalog.load(), 'airplane', 1).rows[0].similarity:.4f}" in output


def test_similarity(ask):
    _, output, _ = ask("similarity", "plane", "Airplane", "--json")
    answer = json.loads(output)
    assert (answer["first"], answer["second"]) == ("plane", "airplane")
    assert 0 < answer["similarity"] < 1


def test_encode_gives_every_tensor_and_the_weights_on_request(ask):
    status, output, _ = ask("encode", "you", "are", "welcome", "--layers", "1", "--json", "--parameters")
    assert status == 0
    answer = json.loads(output)
    assert answer["tokens"] == ["you", "are", "welcome"]
    embedding = catalog.load()
    np.testing.assert_array_equal(
        answer["tensors"]["embedding"]["value"],
        [embedding.vector(word).astype(np.float64) for word in answer["tokens"]],
    )
    assert answer["tensors"]["encoder.0.self_attention.weights"]["shape"] == [2, 3, 3]
    assert "encoder.0.self_attention.query.weight" in answer["parameters"]


def test_the_article_is_a_preset(ask):
    _, output, _ = ask("encode", "--article", "--json")
    assert json.loads(output)["tensors"]["embedding"]["value"][0] == [0.1, 0.2, -0.1, 0.4]
    _, output, _ = ask("encode", "--article")
    assert "encoder.1.feed_forward.norm" in output


def test_models_lists_the_shipped_one_first(ask):
    _, output, _ = ask("models", "--json")
    first = json.loads(output)["models"][0]
    assert first["name"] == catalog.DEFAULT
    assert first["words"] == catalog.load().size
    assert ask("models")[1].startswith(catalog.DEFAULT)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["neighbours", "airplnae"], "Did you mean airplane"),
        (["neighbours", ""], "no word"),
        (["neighbours", "x" * 10_000], "10,000 characters"),
        (["neighbours", "🛩️"], "is not among"),
        (["neighbours", "<script>alert(1)</script>"], "is not among"),
        (["neighbours", "مرحبا"], "is not among"),
        (["neighbours", "airplane", "-n", "0"], "n is 0"),
        (["neighbours", "airplane", "-n", "-1"], "n is -1"),
        (["neighbours", "airplane", "-n", "1000000000"], "n is 1,000,000,000"),
        (["neighbours", "airplane", "--pos", "FOO"], "not a part of speech"),
        (["neighbours", "airplane", "--metric", "manhattan"], "not a metric"),
        (["neighbours", "airplane", "--band", "huge"], "not a frequency band"),
        (["neighbours", "airplane", "--regex", "("], "not a regular expression"),
        (["neighbours", "airplane", "--among", ""], "list has no words"),
        (["search", "(a"], "not a regular expression"),
        (["complete", "a", "-n", "0"], "n is 0"),
        (["neighbours", "airplane", "--model", "../etc"], "no model called"),
        (["similarity", "airplane", "qqqqqqqqq"], "is not among"),
        (["encode", "you", "are", "--heads", "7"], "7 heads do not divide"),
        (["encode"], "nothing to encode"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_status_2(ask, arguments, says):
    status, output, error = ask(*arguments)
    assert (status, output) == (2, "")
    assert says in error


def test_a_word_that_is_no_number_is_refused_with_exit_status_2():
    run = [sys.executable, "-m", "explorer", "neighbours", "airplane", "-n", "many"]
    finished = subprocess.run(run, capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert "invalid int value" in finished.stderr


def test_a_reader_that_has_had_enough_is_no_error():
    run = f"{sys.executable} -m explorer neighbours airplane -n 10000 | head -1"
    finished = subprocess.run(run, shell=True, capture_output=True, text=True, check=True)
    assert finished.stdout.startswith("airplane")
    assert finished.stderr == ""


def test_without_json_the_numbers_stand_there_to_read(ask):
    status, output, _ = ask("pass", "--article")
    assert status == 0
    assert "[[ 0.1  0.2 -0.1  0.4]" in output
    assert " -0. " not in output


def test_the_articles_pass_has_its_digits_and_every_gradient(ask):
    status, output, _ = ask("pass", "--article", "--json", "--gradients", "--parameters")
    assert status == 0
    answer = json.loads(output)
    assert (answer["tokens"], answer["target"]) == (["You", "are", "welcome"], ["<start>", "de", "nada"])
    tensors = answer["tensors"]
    assert tensors["source.embedding"]["value"][0] == [0.1, 0.2, -0.1, 0.4]
    assert tensors["target.embedding"]["value"][1] == [-0.2, 0.4, 0.3, 0.1]
    assert tensors["decoder.0.self_attention.masked"]["value"][0][0][1] is None
    assert answer["loss"] == tensors["loss"]["value"]
    for name, tensor in (tensors | answer["parameters"]).items():
        assert np.shape(tensor["gradient"]) == tuple(tensor["shape"]), name


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fit")
    pairs = [("one", "uno"), ("two", "dos"), ("three", "tres"), ("one two", "uno dos"), ("you are welcome", "de nada")]
    (folder / "pairs.tsv").write_text("".join(f"train\t{s}\t{t}\n" for s, t in pairs) + "test\ttwo one\tdos uno\n")
    run = ["fit", str(folder / "pairs.tsv"), "--out", str(folder / "toy.safetensors"), "--d-model", "16"]
    assert main([*run, "--epochs", "150", "--rate", "0.01", "--dropout", "0", "--json"]) == 0
    return folder / "toy.safetensors"


def test_a_translator_that_was_fitted_translates_and_passes(ask, fitted):
    checkpoint = ["--checkpoint", str(fitted), "--json"]
    for how in ([], ["--beam", "3"], ["--temperature", "0.01"], ["--top-k", "1"]):
        answer = json.loads(ask("translate", "You are welcome!", *how, *checkpoint)[1])
        assert answer["translation"] == "de nada"
        assert answer["source"] == ["you", "are", "welcome"]
        assert answer["tree"]["candidates"]
    answer = json.loads(ask("pass", "--source", "You are welcome", "--target", "de nada", *checkpoint)[1])
    assert answer["loss"] < 0.1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["translate", "hello", "--checkpoint", "nowhere"], "no checkpoint at nowhere"),
        (["translate", "hello", "--checkpoint", "README.md"], "damaged or no checkpoint"),
        (["pass", "--article", "--source", ""], "source is empty"),
        (["pass", "--article", "--target", "adios"], "cannot say “adios”"),
        (["fit", "nowhere.tsv", "--out", "x.safetensors"], "no parallel file"),
        (["fit", "explorer/data/phrasebook.tsv", "--out", "x.safetensors", "--heads", "7"], "7 heads do not divide"),
        (["fit", "explorer/data/phrasebook.tsv", "--out", "x.safetensors", "--rate", "-1"], "learning rate is -1"),
        (["fit", "explorer/data/phrasebook.tsv", "--out", "x.toml"], "must end in .safetensors"),
        (["fit", "explorer/data/phrasebook.tsv", "--out", "no/where.safetensors"], "no folder no"),
        (["encode", "you", "--layers", "1000000000"], "layers is 1000000000"),
        (["translate", "hello", "--beam", "100000000"], "beam is 100,000,000 wide"),
        (["translate", "hello", "--temperature", "1", "--seed", "-1"], "seed is -1"),
        (["serve", "--port", "99999"], "port is 99999"),
        (["serve", "--host", "203.0.113.1"], "cannot listen at 203.0.113.1, port 8501"),
        (["serve", "--host", "a..b"], "cannot listen at a..b"),
        (["train", "nowhere.txt", "--out", "x"], "no corpus at nowhere.txt"),
        (["train", "models", "--out", "x"], "is not a file"),
        (["train", "explorer/data/phrasebook.tsv", "--out", "models"], "there already"),
    ],
)
def test_what_the_larger_commands_cannot_do_is_a_sentence(ask, arguments, says):
    status, output, error = ask(*arguments)
    assert (status, output) == (2, "")
    assert says in error


def test_a_training_that_diverges_keeps_the_last_good_weights(ask, tmp_path):
    pairs, out = tmp_path / "pairs.tsv", tmp_path / "toy.safetensors"
    pairs.write_text("train\tone two\tuno dos\n" * 8)
    with np.errstate(all="ignore"):
        status, _, error = ask("fit", str(pairs), "--out", str(out), "--rate", "1e38", "--d-model", "8")
    assert status == 2
    assert "diverged at step" in error
    assert json.loads(ask("translate", "one", "--checkpoint", str(out), "--json")[1])["source"] == ["one"]


def test_the_shipped_translator_answers_de_nada(ask):
    assert json.loads(ask("translate", "You are welcome", "--json")[1])["translation"] == "de nada"
