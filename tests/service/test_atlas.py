"""The packed map of all words: the same places, clusters and words as the question answers, and kept by browsers."""

import gzip
import json
import threading
from functools import lru_cache

import anyio
import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from explorer.embeddings import catalog
from explorer.embeddings.atlas import REACH, atlas_of
from explorer.questions.maps import Atlas
from explorer.service.atlas import address, routes
from tests.loops import in_a_thread
from tests.patience import PATIENCE

http = TestClient(Starlette(routes=routes()))


def test_it_has_the_places_clusters_and_words_of_the_answer():
    response = http.get(address(catalog.DEFAULT))
    assert response.headers["content-encoding"] == "gzip"
    assert "immutable" in response.headers["cache-control"]
    content = response.content
    length = int.from_bytes(content[:4], "little")
    header = json.loads(content[4 : 4 + length])
    count, rest = header["words"], content[4 + length :]
    places = np.frombuffer(rest, "<i2", 2 * count).reshape(count, 2)
    finest = np.frombuffer(rest, "<u2", count, 4 * count)
    tags, tiers, density, kept = np.frombuffer(rest, "u1", 4 * count, 6 * count).reshape(4, count)
    words = rest[10 * count :].decode().split("\n")
    assert len(words) == count == catalog.load().size

    answer = Atlas(around="airplane", n=5).answer().as_json()
    groups = header["groups"]
    assert (density == atlas_of(catalog.load()).density).all()
    assert len(groups["density"]) == density.max() + 1
    for point in answer["points"]:
        row = words.index(point["word"])
        assert np.round(places[row] / REACH, 4).tolist() == [point["x"], point["y"]]
        assert (finest[row], kept[row]) == (point["cluster"], point["true_neighbours"])
        assert groups["part of speech"][tags[row]] == point["pos"]
        assert groups["frequency"][tiers[row]] == point["tier"]
    assert [cluster[2] for cluster in header["clusters"]] == [cluster["name"] for cluster in answer["clusters"]]


def test_a_browser_that_takes_no_gzip_gets_the_same_and_an_unknown_model_a_sentence():
    plain = http.get(address(catalog.DEFAULT), headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == http.get(address(catalog.DEFAULT)).content
    assert not plain.content.startswith(gzip.compress(b"")[:2])
    refused = http.get("/atlas?model=../secret")
    assert refused.status_code == 404
    assert "no model called “../secret”" in refused.json()["error"]


def test_many_who_ask_at_once_wait_for_one_packing_and_hold_nobody_else_up(monkeypatch):
    go_on, packings, threads = threading.Event(), [], set()

    def state(model):
        threads.add(threading.get_ident())
        return "now"

    @lru_cache
    def packed(model, state):
        packings.append(model)
        return go_on.wait(PATIENCE) and gzip.compress(b"map")

    monkeypatch.setattr("explorer.service.atlas.state", state)
    monkeypatch.setattr("explorer.service.atlas.packed", packed)
    (route,) = routes()

    async def ask(bodies):
        scope = {"type": "http", "method": "GET", "path": "/atlas", "query_string": b"model=m", "headers": []}
        bodies.append((await route.endpoint(Request(scope))).body)

    async def ask_all():
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(ask, bodies := [])
            await anyio.wait_all_tasks_blocked()
            go_on.set()
        return bodies, threading.get_ident()

    bodies, loop = in_a_thread(ask_all)
    assert bodies == [b"map"]
    assert packings == ["m"]
    assert loop not in threads
