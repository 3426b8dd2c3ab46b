"""The command line as a user types it: the same answers as the functions, plain sentences, exit statuses."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from explorer.cli import declared_jobs, main
from explorer.embeddings import catalog
from explorer.embeddings.evidence import with_evidence
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.patterns import beginning_with
from explorer.initialisation import fit
from explorer.transformer import checkpoint
from tests.patience import PATIENCE

LEARNT = ["--source", "the plane", "--target", "el avión"]


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
    model = catalog.load()
    assert answer == with_evidence(model, neighbours(model, "airplane", 5)).as_json()
    assert set(answer["neighbours"][0]) >= {"word", "similarity", "pos", "count"}


def test_neighbours_take_a_part_of_speech_and_a_minimum_count(ask):
    _, output, _ = ask("neighbours", "fly", "--pos", "verb", "--min-count", "500", "--json")
    rows = json.loads(output)["neighbours"]
    assert len(rows) == 10
    assert all(row["count"] >= 500 for row in rows)
    assert all(row["pos"] == "VERB" or row["tags"]["VERB"] >= 0.15 for row in rows)


@pytest.mark.parametrize("words", [["cat,dog, car"], ["cat", "dog", "car"], ['cat, "dog", car']])
def test_a_list_of_words_may_have_commas_between_them(ask, words):
    _, output, _ = ask("map", *words, "--json")
    assert [point["word"] for point in json.loads(output)["points"]] == ["cat", "dog", "car"]


def test_neighbours_take_every_filter_and_metric(ask, tmp_path):
    listed = tmp_path / "list.txt"
    listed.write_text("hangar, balloon\nqqqqq\nnew york")
    filters = ["--band", "medium", "--max-count", "1000", "--regex", "a", "--among", str(listed), "airliner"]
    status, output, error = ask("neighbours", "airplane", "--metric", "euclidean", *filters, "--json")
    expected = neighbours(
        catalog.load(),
        "airplane",
        metric="euclidean",
        maximum_count=1000,
        band="medium",
        among=["hangar", "balloon", "qqqqq", "new york", "airliner"],
        pattern="a",
    )
    assert (status, json.loads(output)) == (0, with_evidence(catalog.load(), expected).as_json())
    _, output, error = ask("neighbours", "airplane fly", *filters)
    assert "the mean of “airplane” and “fly”" in error
    assert "1 word of your list is not in the vocabulary: “qqqqq”." in error


def test_complete_and_search_list_words_of_the_vocabulary(ask):
    matches = json.loads(ask("complete", "AIRP", "-n", "2", "--json")[1])
    assert matches["total"] > 2
    assert [word["word"] for word in matches["words"]] == [
        match.word for match in beginning_with(catalog.load(), "airp", 2).words
    ]
    assert "woman" in ask("complete", "womn", "--spelled-alike")[1].split()
    status, output, error = ask("search", "plane$", "-n", "3")
    assert status == 0
    assert len(output.splitlines()) == 1 + 3
    assert "these are the first 3" in error


def test_neighbours_for_people_have_four_decimals(ask):
    _, output, _ = ask("neighbours", "airplane", "-n", "3")
    assert output.startswith("airplane")
    assert f"{neighbours(catalog.load(), 'airplane', 1).rows[0].similarity:.4f}" in output


def test_neighbours_for_people_say_the_filters_and_how_high_a_cosine_is_in_words(ask):
    filters = ["--pos", "noun,verb", "--band", "medium", "--min-count", "1", "--max-count", "900", "--regex", "^a"]
    status, output, error = ask("neighbours", "airplane", "-n", "3", *filters, "--among", "airliner", "hangar")
    caption, _headings, row = output.splitlines()
    assert status == 0
    assert caption == (
        "airplane · wiki-en-word2vec · 1 word passes: NOUN, VERB; medium frequency; 1 occurrence or more; "
        "900 occurrences at most; on a list of 2 words; matching “^a”"
    )
    assert "2 of 10,000 are as high" in row
    assert "A cosine of 0.5889 is high: 2 of 10,000 random pairs of equally frequent words" in error
    assert ",0.9998,2" in ask("neighbours", "airplane", "-n", "1", "--csv")[1]  # for machines


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
    assert ask("models")[1].splitlines()[1].startswith(catalog.DEFAULT)


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
        (["neighbours", "airplane", "--pos", "FOO"], "pos is “FOO”, but must be one of ADJ"),
        (
            ["neighbours", "airplane", "--metric", "manhattan"],
            "metric is “manhattan”, but must be one of cosine, dot or euclidean",
        ),
        (["neighbours", "airplane", "--band", "huge"], "band is “huge”, but must be one of high, medium or low"),
        (["neighbours", "airplane", "--regex", "("], "not a regular expression"),
        (["neighbours", "airplane", "--among", ""], "list has no words"),
        (["neighbours", "king - 0 * man"], "The weight 0 is not above 0"),
        (["neighbours", "(king - man) + woman"], "A formula has no parentheses"),
        (["neighbours", "king * 2"], "A number must stand before *"),
        (["neighbours", "king -"], "There is no word after the -"),
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
    assert finished.stderr == "explorer: n is “many”, but must be a whole number from 1 to 10,000.\n"


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
    for how in (
        [],
        ["--beam", "3"],
        ["--temperature", "0"],
        ["--temperature", "1e-6", "--seed", "3"],
        ["--temperature", "0.01"],
        ["--top-k", "1"],
    ):
        answer = json.loads(ask("translate", "You are welcome!", *how, *checkpoint)[1])
        assert answer["translation"] == "de nada"
        assert answer["source"] == ["you", "are", "welcome"]
        assert answer["tree"]["candidates"]
    answer = json.loads(ask("pass", "--source", "You are welcome", "--target", "de nada", *checkpoint)[1])
    assert answer["loss"] < 0.1


FIT = ["fit", "explorer/data/phrasebook.tsv", "--out", "x.safetensors"]
GLOVE = ["--vectors", "wiki-en-glove"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["translate", "hello", "--checkpoint", "nowhere"], "no checkpoint at nowhere"),
        (["translate", "hello", "--checkpoint", "README.md"], "damaged or no checkpoint"),
        (["pass", "--article", "--source", ""], "source is empty"),
        (["pass", "--article", "--target", "adios"], "cannot say “adios”"),
        (["fit", "nowhere.tsv", "--out", "x.safetensors"], "no parallel file"),
        (["fit", "explorer/data/phrasebook.tsv", "--out", "x.safetensors", "--heads", "7"], "7 heads do not divide"),
        (
            ["fit", "explorer/data/phrasebook.tsv", "--out", "x.safetensors", "--rate", "-1"],
            "rate is -1, but must be a",
        ),
        (["fit", "explorer/data/phrasebook.tsv", "--out", "x.toml"], "must end in .safetensors"),
        (["fit", "explorer/data/phrasebook.tsv", "--out", "no/where.safetensors"], "no folder no"),
        (["encode", "you", "--layers", "1000000000"], "layers is 1,000,000,000"),
        (["translate", "hello", "--beam", "100000000"], "beam is 100,000,000, but must be"),
        (["translate", "hello", "--temperature", "1", "--seed", "-1"], "seed is -1"),
        (["translate", "hello", "--temperature", "-1"], "temperature is -1, but must be a number from 0"),
        # an option that has no effect is refused: who gave it believes that it has one
        (["translate", "hello", "--beam", "4", "--temperature", "1", "--seed", "3"], "Give only one"),
        (["translate", "hello", "--beam", "4", "--temperature", "0"], "Give only one"),
        (["translate", "hello", "--beam", "1", "--top-k", "0"], "beam follows the likeliest beginnings, top_k"),
        (["translate", "hello", "--top-p", "1", "--beam", "2"], "beam follows the likeliest beginnings, top_p"),
        (["translate", "hello", "--seed", "7"], "seed has no effect"),
        (["translate", "hello", "--seed", "0", "--beam", "2"], "seed has no effect"),
        (["translate", "hello", "--temperature", "0", "--seed", "7"], "seed has no effect"),
        (["translate", "hello", "--temperature", "0", "--top-k", "5"], "top_k has no effect"),
        (["pass", "--gradients"], "gradients adds to the JSON"),
        (["pass", "--article", "--parameters"], "weights adds to the JSON"),
        (["encode", "you", "--parameters"], "weights adds to the JSON"),
        (["encode", "you", "--article"], "so leave out you"),
        (["encode", "--article", "--model", "wiki-en-glove"], "so leave out model"),
        ([*FIT, "--projection", "learned"], "projection needs vectors"),
        ([*FIT, *GLOVE, "--d-model", "150", "--heads", "2", "--projection", "pca"], "so PCA has no effect"),
        ([*FIT, "--thaw", "0"], "thaw is 0, but must be a whole number from 1"),
        ([*FIT, "--epochs", "2", "--thaw", "516"], "has 516 steps, so the table would never be trained"),
        ([*FIT, *GLOVE, "--d-model", "512"], "at most 150, or a learned projection, as the command fit --projection"),
        (["serve", "--port", "99999"], "port is 99,999, but must be a whole number from 1 to 65,535"),
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


@pytest.fixture
def few(tmp_path):
    """Pairs whose test part has a word that the vectors know and one that nobody does; the path to fit them to."""
    lines = ["train\tthe plane\tel avión", "train\ta fast plane\tun avión rápido", "test\tthe boat xyzzy\tel barco"]
    (tmp_path / "pairs.tsv").write_text("\n".join(lines), encoding="utf-8")
    return ["fit", str(tmp_path / "pairs.tsv"), "--out", str(tmp_path / "few.safetensors"), "--layers", "1"]


def test_a_word_that_the_vectors_alone_know_is_read_and_the_others_are_said(ask, few):
    vectors = ["--vectors", "wiki-en-word2vec", "--d-model", "4", "--heads", "2", "--epochs", "1"]
    status, output, error = ask(*few, *vectors, "--json")
    card = json.loads(output)
    assert (status, card["covered"]) == (0, 5)
    assert (card["unknown_source_words"], card["unknown_target_words"]) == (1, 1)
    assert "the vectors of wiki-en-word2vec cover 5 of 5 source words." in error
    assert "source words of validation and test that the model reads as <unk>: 1 (xyzzy)." in error
    assert "target words of validation and test that the model cannot say: 1 (barco)." in error
    assert "would be a loss of ln 8 = 2.079" in error
    assert card["guessing_loss"] == pytest.approx(np.log(8))
    _, output, error = ask("translate", "the boat xyzzy", "--checkpoint", few[3], "--json")
    assert json.loads(output)["unknown"] == ["xyzzy"]
    assert "does not know xyzzy, and reads <unk> there" in error


def test_wider_than_the_vectors_with_a_learned_projection_and_a_table_that_thaws(ask, few):
    wide = ["--vectors", "wiki-en-glove", "--d-model", "160", "--projection", "learned"]
    card = json.loads(ask(*few, *wide, "--thaw", "1", "--epochs", "2", "--json")[1])
    assert card["configuration"]["source_width"] == 150
    assert (card["recipe"]["frozen"], card["recipe"]["thaw"]) == (["source.table"], 1)
    translator = checkpoint.load(Path(few[3]))
    assert translator.vectors("source").shape == (9, 160)


def test_pairs_of_which_none_is_for_training_are_refused(ask, few):
    Path(few[1]).write_text("test\tone\tuno\n", encoding="utf-8")
    status, _, error = ask(*few, *GLOVE)
    assert status == 2
    assert "None of the pairs is for training" in error


def test_a_frozen_table_stays_as_it_starts(ask, few, tmp_path):
    vectors = ["--vectors", "wiki-en-word2vec", "--d-model", "4", "--heads", "2"]
    tables = []
    for number, epochs in enumerate((1, 3)):
        few[3] = str(tmp_path / f"{number}.safetensors")
        assert ask(*few, *vectors, "--frozen", "--epochs", str(epochs))[0] == 0
        tables.append(checkpoint.load(Path(few[3])).parameters["source.table"])
    np.testing.assert_array_equal(*tables)


def test_with_a_warm_up_the_default_rate_is_the_papers_and_a_small_factor_is_said(ask, few, tmp_path):
    options = ["--warm-up", "800", "--d-model", "64", "--epochs", "900", "--batch", "2", "--dropout", "0", "--json"]
    _, output, error = ask(*few, *options)
    card = json.loads(output)
    assert (card["recipe"]["rate"], card["highest_rate"]) == (1.0, pytest.approx(64**-0.5 * 800**-0.5))
    assert "the learning rate rises to 0.00442 in 800 steps, then it falls." in error
    assert "too little" not in error
    assert json.loads(ask("pass", *LEARNT, "--checkpoint", few[3], "--json")[1])["loss"] < 0.1
    few[3] = str(tmp_path / "slow.safetensors")
    error = ask(*few, "--warm-up", "800", "--rate", "1e-3", "--epochs", "1")[2]
    assert "in 1 steps, the whole training: the warm-up is longer." in error
    assert "too little to learn from. With warm-up, the rate (0.001) is a factor: leave it out, or give 1." in error
    few[3] = str(tmp_path / "constant.safetensors")
    assert json.loads(ask(*few, "--epochs", "1", "--json")[1])["highest_rate"] == 1e-3


@pytest.mark.usefixtures("hangup")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_asks_a_training_to_stop_and_one_that_is_ignored_stays_so(name):
    number = signal.Signals[name]
    before = signal.getsignal(number)
    with declared_jobs._stop_signals() as stopping:
        assert not stopping()
        os.kill(os.getpid(), number)
        assert stopping()
    assert signal.getsignal(number) == before
    if name != "SIGINT":
        signal.signal(number, signal.SIG_IGN)  # as nohup does
        with declared_jobs._stop_signals() as stopping:
            os.kill(os.getpid(), number)
            assert not stopping()
        signal.signal(number, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_was_learnt_is_kept_when_fit_is_stop_signals(few, number):
    run = [sys.executable, "-m", "explorer", *few, "--epochs", "1000000", "--d-model", "8", "--heads", "2"]
    with subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        seen = b""
        while b"steps/s" not in seen:  # the bar: it is training
            seen += process.stderr.read(1)
        process.send_signal(number)
        error = process.communicate(timeout=PATIENCE)[1]
    assert process.returncode == 0
    assert b"stopped after" in error
    card = checkpoint.card(Path(few[3]))
    assert 0 < card["steps"] < 1_000_000
    assert card["test"]["pairs"] == 1
    assert sorted(file.name for file in Path(few[3]).parent.iterdir()) == ["few.safetensors", "few.toml", "pairs.tsv"]


def full(place, only=lambda path: True):
    """`save_file` on a disk without room in the folder `place`."""

    def save_file(tensors, path, metadata):
        if Path(path).parent == place and only(Path(path)):
            Path(path).write_bytes(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        safetensors.numpy.save_file(tensors, path, metadata=metadata)

    return save_file


def test_a_disk_that_is_full_is_said_before_the_training(ask, few, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "save_file", full(tmp_path))
    status, output, error = ask(*few, "--epochs", "1000000")
    assert (status, output) == (2, "")
    assert f"There is no room to write {few[3]} into: [Errno 28] No space left on device." in error
    assert [file.name for file in tmp_path.iterdir()] == ["pairs.tsv"]


def test_a_disk_that_fills_up_while_it_trains_costs_nothing_of_what_was_learnt(ask, few, tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(checkpoint, "save_file", full(tmp_path, lambda path: "-room-" not in path.name))
    status, _, error = ask(*few, "--epochs", "2")
    (model_file,) = home.iterdir()
    assert status == 2
    assert "No space left on device" in error
    assert f"What was learnt was kept in {model_file}." in error
    assert checkpoint.card(model_file)["steps"] == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == ["home", "pairs.tsv"]


def test_the_room_of_a_checkpoint_is_held_until_it_is_written(few, tmp_path, fitted):
    out, translator = tmp_path / "few.safetensors", checkpoint.load(fitted)
    with fit._room(out, translator):
        (held,) = (file for file in tmp_path.iterdir() if file.name != "pairs.tsv")
        size = held.stat().st_size
    checkpoint.save(out, translator, checkpoint.card(fitted))
    assert out.stat().st_size <= size
    assert not held.exists()


def test_a_beam_says_what_its_branches_are_ranked_by(ask):
    answer = json.loads(ask("translate", "what is your name", "--beam", "4", "--json")[1])

    def finished(branch, words=0):
        if branch["word"] == "<end>":
            yield branch, words
        for child in branch["children"]:
            yield from finished(child, words + 1)

    ends = list(finished(answer["tree"]))
    assert len(ends) > 1
    for branch, words in ends:
        assert branch["score"] == pytest.approx(branch["log_probability"] / ((5 + words) / 6) ** 0.6)
    best, _ = max(ends, key=lambda end: end[0]["score"])
    assert best["log_probability"] == answer["log_probability"]
    assert "score" not in answer["tree"]


def test_the_shipped_translator_answers_de_nada(ask):
    assert json.loads(ask("translate", "You are welcome", "--json")[1])["translation"] == "de nada"


@pytest.mark.parametrize("ending", ["xlsx", "html", "parquet"])
def test_a_table_is_not_written_under_the_ending_of_another_format(tmp_path, capsys, ending):
    out = tmp_path / f"neighbours.{ending}"
    assert main(["neighbours", "airplane", "-o", str(out)]) == 2
    assert "has no ending that names a format" in capsys.readouterr().err
    assert not out.exists()
