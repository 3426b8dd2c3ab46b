"""Two homes of models: those that came along, and one's own, which may be in another folder."""

import shutil

import numpy as np
import pytest

from explorer.embeddings import catalog
from explorer.embeddings.importing import check_name, import_model, remove
from explorer.embeddings.stability import survivors
from explorer.errors import UserError
from tests.embeddings.conftest import write_model

CARD = 'title = "{}"\nwords = 8\ndimensions = 3\nsize = 1\n'


@pytest.fixture
def homes(own_models, tmp_path, monkeypatch):
    """A model that came along, and an empty folder for one's own."""
    shipped = tmp_path / "shipped"
    write_model(shipped / "along")
    (shipped / "along" / "card.toml").write_text(CARD.format("Along"))
    (shipped / "translators").mkdir()
    monkeypatch.setattr(catalog, "SHIPPED_MODELS", shipped)
    (own_models.parent / "vectors.txt").write_text("one 1 2\ntwo 2 1\n")
    return own_models, shipped


def test_both_are_at_hand(homes):
    own, shipped = homes
    import_model(own.parent / "vectors.txt", "mine")
    assert catalog.names() == ["along", "mine"]
    assert [catalog.load(name).dimensions for name in catalog.names()] == [3, 2]
    assert (catalog.folder("along"), catalog.folder("mine")) == (shipped / "along", own / "mine")
    assert catalog.folder("new") == own / "new"


@pytest.mark.parametrize("name", ["along", "translators"])
def test_what_came_along_keeps_its_name_and_is_not_removed(homes, name):
    with pytest.raises(UserError, match="It cannot be replaced: take another name"):
        check_name(name, replace=True)
    with pytest.raises(UserError):
        remove(name)
    assert catalog.names() == ["along"]


def test_ones_own_goes_before_one_of_the_same_name(homes):
    own, shipped = homes
    shutil.copytree(shipped / "along", own / "along")
    (own / "along" / "card.toml").write_text(CARD.format("Own"))
    assert catalog.names() == ["along"]
    assert catalog.title("along") == "Own"
    shutil.rmtree(own / "along")
    (own / "along").mkdir()  # nothing that could be opened
    assert catalog.title("along") == "Along"


def test_no_folder_of_ones_own_is_no_problem(homes):
    own, _ = homes
    shutil.rmtree(own)
    assert catalog.names() == ["along"]


def test_sisters_are_found_where_the_model_is(homes):
    _, shipped = homes
    np.savez(shipped / "along" / "sisters.npz", seeds=np.array([2]), rows=np.zeros((1, 8, 3), dtype=np.uint32))
    model = catalog.load("along")
    assert survivors(model, model.words[1], [model.words[0]]).survived == (1,)
