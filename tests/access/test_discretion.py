"""What visitors from elsewhere are told has no folders of this machine in it, and words stay as they are."""

import os
import tempfile

import pytest

from explorer import places
from explorer.access.discretion import without_places
from explorer.embeddings import catalog


@pytest.mark.parametrize(
    "place",
    [catalog.MODELS, catalog.CACHE, places.RESULTS, places.TALKS, places.PACKAGE, os.path.expanduser("~")],
)
def test_a_file_is_named_without_its_folders(place):
    assert without_places(f"The file {place}/mine/vectors.npy is damaged.").endswith(" mine/vectors.npy is damaged.")
    assert str(place) not in without_places(f"{place} cannot be written.")


def test_a_file_of_a_scratch_folder_too():
    assert without_places(f"{tempfile.gettempdir()}/pairs.tsv: no pairs") == "pairs.tsv: no pairs"


@pytest.mark.parametrize("word", ["/c/en/dog", "/", "and/or", "//", "DBPEDIA_ID/Harbour"])
def test_a_word_that_looks_like_a_path_stays(word):
    assert without_places(f"“{word}” is not among the words.") == f"“{word}” is not among the words."
