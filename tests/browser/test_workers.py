"""A visitor of several processes: the page stands, also when the process ends that had the visit."""

import os
import signal
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from explorer.service.workers import cookie
from tests.browser.conftest import HOST, free_port, started, wait_until


@pytest.mark.nightly
def test_a_visit_goes_on_when_its_worker_ends(page):
    port = free_port()
    command = ["explorer", "serve", "--port", str(port), "--workers", "2"]
    address = f"http://{HOST}:{port}"
    with started(command, port, {"STREAMLIT_SERVER_HEADLESS": "true"}) as process:
        page.goto(f"{address}/neighbours?word=airplane")
        expect(page.get_by_role("table", name="Nearest to airplane")).to_be_visible()
        wait_until(page, lambda: 'worker="1"' in urllib.request.urlopen(f"{address}/metrics").read().decode())
        page.reload()
        expect(page.get_by_role("table", name="Nearest to airplane")).to_be_visible()

        def numbers():
            return [each["value"] for each in page.context.cookies() if each["name"] == cookie(port)]

        (number,) = numbers()
        workers = [int(each) for each in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        named = {read_number(worker): worker for worker in workers}
        os.kill(named[number], signal.SIGKILL)
        wait_until(page, lambda: numbers() != [number])  # it has come to the other one by itself
        expect(page.locator("[data-test-connection-state=CONNECTED]")).to_be_attached()
        page.get_by_role("link", name="aeroplane", exact=True).click()
        expect(page.get_by_role("table", name="Nearest to aeroplane")).to_be_visible()


def read_number(process):
    """Which worker a process is."""
    variables = Path(f"/proc/{process}/environ").read_text().split("\0")
    return next(each.partition("=")[2] for each in variables if each.startswith("EXPLORER_WORKER="))
