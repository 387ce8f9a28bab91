"""Prometheus figures of one gateway: how long routes take and how they end. No label holds party data."""

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.125, 0.25, 0.5, 1, 2.5, 10)


class Figures:
    """The figures of one process. Series are few: routes times the statuses they end with."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._http = Histogram(
            "steelyard_http_seconds", "Time to answer a request", ("route", "status"), buckets=_SECONDS,
            registry=self.registry,
        )  # fmt: skip
        self._streams = Gauge("steelyard_http_streams", "Open event streams", registry=self.registry)
        self._known: dict[tuple[str, int], Histogram] = {}

    def seen(self, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        series = self._known.get((route, status))
        if series is None:
            series = self._known[(route, status)] = self._http.labels(route, str(status))
        series.observe(seconds)

    def streams(self, count: int) -> None:
        """Note how many event streams are open."""
        self._streams.set(count)

    def text(self) -> str:
        """Give all figures in the text form of Prometheus."""
        return generate_latest(self.registry).decode()
