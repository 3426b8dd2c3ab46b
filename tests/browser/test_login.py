"""Somebody logs in by a provider, at a real server of two processes, and comes to what they had asked for."""

import pytest

pytest.importorskip("authlib", reason="There is no Authlib: pip install -r requirements-dev.txt.")
from playwright.sync_api import expect

from explorer.embeddings import catalog
from tests.browser.conftest import HOST, free_port, started
from tests.service.provider import login_file, provider

pytestmark = pytest.mark.nightly  # a server of its own; tests/service/test_login.py logs in without a browser


def test_from_a_link_through_the_login_to_its_page_and_out_again(page, tmp_path):
    port = free_port()
    app = f"http://{HOST}:{port}"
    command = ["explorer", "serve", "--host", HOST, "--port", str(port), "--workers", "2"]
    with provider() as oidc:
        options = {"HOME": tmp_path, "CACHE": catalog.CACHE, "LOGIN": login_file(tmp_path, oidc.address, app)}
        environment = {f"EXPLORER_{name}": str(value) for name, value in options.items()}
        with started(command, port, environment):
            page.goto(f"{app}/neighbours?word=king")
            page.get_by_role("button", name="Log in").click()
            page.get_by_role("link", name="ben").click()
            expect(page).to_have_url(f"{app}/neighbours?word=king")
            expect(page).to_have_title("king · Neighbours")
            page.get_by_role("link", name="Account").click()
            expect(page.get_by_text("You are logged in as ben@example.org.")).to_be_visible()
            page.get_by_role("button", name="Log out").click()
            expect(page.get_by_role("button", name="Log in")).to_be_visible()
            expect(page.get_by_role("link", name="Account")).to_have_count(0)
            page.goto(f"{app}/talk?deck=what-is-an-embedding")
            page.get_by_role("button", name="Log in").click()
            page.get_by_role("link", name="ben").click()
            expect(page).to_have_url(f"{app}/talk?deck=what-is-an-embedding#1")
