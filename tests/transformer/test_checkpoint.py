"""Checkpoints: whole, safe, and refused in words when they are damaged, hostile or of another shape."""

import json
import pickle
from dataclasses import asdict

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from explorer.errors import UserError
from explorer.transformer import checkpoint
from explorer.transformer.checkpoint import CheckpointError
from explorer.transformer.training import Recipe, Training
from tests.transformer.conftest import toy_pairs, toy_translator


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "toy.safetensors"
    checkpoint.save(path, toy_translator(), {"title": "Toy – ñ"})
    return path


def test_what_is_saved_is_read_back(saved):
    translator, expected = checkpoint.load(saved), toy_translator()
    assert translator.configuration == expected.configuration
    assert translator.source.words == expected.source.words
    for name, array in expected.parameters.items():
        np.testing.assert_array_equal(translator.parameters[name], array)
        assert translator.parameters[name].dtype == np.float32
    assert checkpoint.card(saved) == {"title": "Toy – ñ"}


def test_a_projection_is_read_back_and_checkpoints_from_before_it_are_read(tmp_path, saved):
    path = tmp_path / "projected"
    checkpoint.save(path, toy_translator(source_width=5))
    assert checkpoint.load(path).parameters["source.projection"].shape == (5, 16)
    with safe_open(saved, framework="numpy") as file:
        fields = json.loads(file.metadata()["configuration"])
    assert fields.pop("source_width") == 0
    assert checkpoint.load(rewritten(saved, {"configuration": json.dumps(fields)})).configuration.source_width == 0


@pytest.mark.parametrize("kept", [0, 4, 100, -1])
def test_a_truncated_file_is_refused(saved, kept):
    saved.write_bytes(saved.read_bytes()[:kept])
    with pytest.raises(CheckpointError, match="damaged or no checkpoint"):
        checkpoint.load(saved)


def test_a_pickle_is_never_read(tmp_path):
    class Hostile:
        def __reduce__(self):
            return (pytest.fail, ("a checkpoint was unpickled",))

    path = tmp_path / "hostile"
    path.write_bytes(pickle.dumps(Hostile()))
    with pytest.raises(CheckpointError, match="damaged or no checkpoint"):
        checkpoint.load(path)


def test_a_header_that_promises_more_than_there_is_is_refused(tmp_path):
    header = json.dumps({"parameters/x": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}).encode()
    path = tmp_path / "promise"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(CheckpointError, match="damaged or no checkpoint"):
        checkpoint.load(path)


def rewritten(path, metadata=(), tensors=()):
    """The same checkpoint with some metadata and tensors replaced; a tensor that is None is left out."""
    with safe_open(path, framework="numpy") as file:
        about, arrays = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    arrays |= dict(tensors)
    save_file({name: a for name, a in arrays.items() if a is not None}, path, metadata=about | dict(metadata))
    return path


CONFIGURATION = {"d_model": 16, "heads": 2, "layers": 1, "source_words": 10, "target_words": 10}


@pytest.mark.parametrize(
    "metadata",
    [
        {"configuration": "[" * 100_000},
        {"configuration": "null"},
        {"configuration": json.dumps(CONFIGURATION | {"heads": 2.0})},
        {"configuration": json.dumps(CONFIGURATION | {"layers": 3 * 10**8})},
        {"configuration": json.dumps(CONFIGURATION | {"unheard_of": 1})},
        {"source": json.dumps(["<pad>", "<start>", "<end>", "<unk>", 5])},
        {"source": "{}"},
        {"target": json.dumps(["a", "b"])},
    ],
)
def test_hostile_metadata_is_a_sentence(saved, metadata):
    with pytest.raises(UserError):
        checkpoint.load(rewritten(saved, metadata))


def test_parameters_that_are_no_floating_point_numbers_are_named(saved):
    integers = {"parameters/target.table": np.ones((10, 16), dtype=np.int64)}
    with pytest.raises(UserError, match=r"target\.table holds int64 numbers"):
        checkpoint.load(rewritten(saved, tensors=integers))


@pytest.mark.parametrize(
    ("metadata", "tensors"),
    [
        ({"recipe": "{"}, {}),
        ({"recipe": "{}"}, {}),
        ({"losses": "7"}, {}),
        ({"step": "-1"}, {}),
        ({"step": "1.5"}, {}),
        ({}, {"optimiser/m/target.table": None}),
        ({}, {"optimiser/m/target.table": np.ones((2, 2), np.float32)}),
    ],
)
def test_a_training_that_was_tampered_with_is_refused(tmp_path, metadata, tensors):
    path = tmp_path / "training"
    training = Training(toy_translator(), Recipe(epochs=1))
    training.run(toy_pairs(64))
    checkpoint.save(path, training.translator, training=training)
    with pytest.raises(CheckpointError):
        checkpoint.resume(rewritten(path, metadata, tensors))


@pytest.mark.parametrize(("field", "value"), [("seed", -1), ("seed", 1.5), ("epochs", "3"), ("batch_size", True)])
def test_a_recipe_whose_numbers_cannot_be_is_refused(tmp_path, field, value):
    path = tmp_path / "training"
    training = Training(toy_translator(), Recipe(epochs=1))
    checkpoint.save(path, training.translator, training=training)
    recipe = json.dumps(asdict(training.recipe) | {field: value})
    with pytest.raises(CheckpointError, match=f"{field} is {value!r}"):
        checkpoint.resume(rewritten(path, {"recipe": recipe}))


def test_parameters_of_another_shape_are_named(tmp_path):
    translator = toy_translator()
    translator.parameters["target.table"] = np.zeros((3, 3), np.float32)
    path = tmp_path / "other"
    checkpoint.save(path, translator)
    with pytest.raises(UserError, match=r"target.table has shape \(3, 3\), but the configuration needs \(10, 16\)"):
        checkpoint.load(path)


def test_other_safetensors_files_and_missing_ones_are_said(tmp_path, saved):
    with pytest.raises(CheckpointError, match="There is no checkpoint"):
        checkpoint.load(tmp_path / "nowhere")
    other = tmp_path / "other"
    save_file({"x": np.zeros(1)}, other)
    with pytest.raises(CheckpointError, match="no checkpoint of this version"):
        checkpoint.load(other)
    with pytest.raises(CheckpointError, match="not a training to go on with"):
        checkpoint.resume(saved)


def test_a_disk_that_is_full_leaves_the_older_checkpoint(saved, monkeypatch):
    before = saved.read_bytes()

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(CheckpointError, match="No space left"):
        checkpoint.save(saved, toy_translator(seed=1))
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]
