"""What all scripts of the pages do alike."""

import shutil
import subprocess
from pathlib import Path

import pytest

from explorer.ui import dom


@pytest.mark.skipif(not shutil.which("node"), reason="Node.js is not installed")
def test_an_address_has_a_parameter_by_the_first_of_its_names_alone():
    written = """
    const url = new URL("http://localhost/map?around=cat&n=9");
    setParameter(url, ["word", "around"], "dog");
    console.log(url.search);
    """
    common = Path(dom.__file__).with_name("dom.js").read_text(encoding="utf-8")
    run = subprocess.run(["node", "-"], input=common + written, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "?n=9&word=dog"
