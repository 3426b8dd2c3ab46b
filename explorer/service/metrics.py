"""What the server counts, in the form of OpenMetrics (openmetrics.io) at /metrics. No text of a question is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)  # seconds

_registry = CollectorRegistry()
_questions = Histogram(
    "explorer_question_seconds",
    "Time to compute the answer of a question, by its name, its door (page, api or talk) and how it ended.",
    ["question", "door", "outcome"],
    buckets=_BOUNDS,
    registry=_registry,
)
_requests = Histogram(
    "explorer_request_seconds",
    "Time from a request of the API to the end of its answer, by status.",
    ["status"],
    buckets=_BOUNDS,
    registry=_registry,
)
_sent = Counter("explorer_sent_bytes", "Bytes of the API's answers.", registry=_registry)
ProcessCollector(registry=_registry)
PlatformCollector(registry=_registry)


def observe_question(name: str, door: str, outcome: str, seconds: float) -> None:
    """Count the answer of a question."""
    _questions.labels(name, door, outcome).observe(seconds)


def observe_request(status: int, seconds: float, size: int) -> None:
    """Count an answer of the API."""
    _requests.labels(status).observe(seconds)
    _sent.inc(size)


class _Now(Collector):
    """What is there at the moment that somebody asks."""

    def __init__(self, jobs: Callable[[], Mapping[str, int]]) -> None:
        self._jobs = jobs

    def collect(self) -> Iterator[GaugeMetricFamily]:
        from explorer.embeddings import catalog

        models = GaugeMetricFamily("explorer_model_bytes", "Bytes of a model that is open: mapped.", labels=["model"])
        for name, size in catalog.opened().items():
            models.add_metric([name], size)
        yield models
        jobs = GaugeMetricFamily("explorer_jobs", "Jobs that run, by kind.", labels=["kind"])
        for kind, count in self._jobs().items():
            jobs.add_metric([kind], count)
        yield jobs


def route(jobs: Callable[[], Mapping[str, int]]) -> Route:
    """The address /metrics; `jobs` counts those that run by their kind."""
    now = _Now(jobs)

    def metrics(request: Request) -> Response:
        both = CollectorRegistry()
        both.register(_registry)
        both.register(now)
        return Response(
            generate_latest(both),  # type: ignore[no-untyped-call]
            media_type=CONTENT_TYPE_LATEST,
        )

    return Route("/metrics", metrics)
