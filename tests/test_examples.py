"""The notebooks in examples/ run as they are, each in a kernel of its own and without a network, and what they say
holds: their cells assert it."""

import pathlib

import nbformat
import pytest
from nbclient import NotebookClient

from explorer.places import CHECKOUT as ROOT
from tests.patience import PATIENCE

EXAMPLES = sorted((ROOT / "examples").glob("*.ipynb"))
_OFFLINE = """
import socket


def nowhere(host, *more, **named):
    raise OSError(f"This notebook asked for {host}.")


socket.getaddrinfo = nowhere
"""


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_a_notebook_runs_and_its_claims_hold(path: pathlib.Path):
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert sum("assert " in cell.source for cell in code) >= 2
    notebook.cells.insert(0, nbformat.v4.new_code_cell(_OFFLINE))
    NotebookClient(notebook, timeout=PATIENCE, resources={"metadata": {"path": str(ROOT)}}).execute()
    outputs = [output for cell in code for output in cell.outputs]
    assert outputs
    assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]


def test_there_are_three_and_they_are_kept_without_outputs():
    assert [path.stem for path in EXAMPLES] == ["article", "initialisation", "similarity"]
    for path in EXAMPLES:
        code = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
        assert not [cell for cell in code if cell.outputs or cell.execution_count]
