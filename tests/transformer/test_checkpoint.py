"""Checkpoints: whole, safe, and refused in words when they are damaged, hostile or of another shape."""

import json
import pickle

import numpy as np
import pytest
from safetensors.numpy import save_file

from explorer.errors import UserError
from explorer.transformer import checkpoint
from explorer.transformer.checkpoint import CheckpointError
from tests.transformer.conftest import toy_translator


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
