"""What the server counts, in the form of OpenMetrics (openmetrics.io) at /metrics. No text of a question is in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping

from anyio.to_thread import run_sync
from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from explorer.service.commons import commons

_OWN = "own"  # in the address, for what this worker alone has counted
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)  # seconds

Jobs = Mapping[tuple[str, str], int]  # how many, by their kind and state

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

    def __init__(self, jobs: Callable[[], Jobs]) -> None:
        self._jobs = jobs

    def collect(self) -> Iterator[GaugeMetricFamily]:
        from explorer.embeddings import catalog

        models = GaugeMetricFamily("explorer_model_bytes", "Bytes of a model that is open: mapped.", labels=["model"])
        for name, size in catalog.opened().items():
            models.add_metric([name], size)
        yield models
        jobs = GaugeMetricFamily("explorer_jobs", "Jobs that run or wait, by kind.", labels=["kind", "state"])
        for (kind, state), count in self._jobs().items():
            jobs.add_metric([kind, state], count)
        yield jobs


def route(jobs: Callable[[], Jobs], of_sisters: Callable[[str], Awaitable[Mapping[int, str]]] | None = None) -> Route:
    """The address /metrics; `jobs` counts those that run or wait. One of several workers adds what `of_sisters`
    says that the others answer at an address."""
    everything = CollectorRegistry()
    for collector in (_registry, _Now(jobs)):
        everything.register(collector)

    async def metrics(request: Request) -> Response:
        text = await run_sync(_text, everything)
        if of_sisters and _OWN not in request.query_params:
            answers = {commons().number: text, **await of_sisters(f"/metrics?{_OWN}")}
            text = await run_sync(_text, _Workers(answers))
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return Route("/metrics", metrics)


def _text(collector: CollectorRegistry | Collector) -> str:
    text: bytes = generate_latest(collector)  # type: ignore[no-untyped-call]
    return text.decode()


class _Workers(Collector):
    """What several workers have counted, each sample with the number of its own."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        self._texts = texts

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for number, text in sorted(self._texts.items()):
            for own in text_string_to_metric_families(text):  # type: ignore[no-untyped-call]
                family = families.setdefault(own.name, Metric(own.name, own.documentation, own.type))
                for sample in own.samples:
                    family.add_sample(sample.name, {**sample.labels, "worker": str(number)}, sample.value)
        yield from families.values()
