"""Prometheus figures of one gateway: how long routes take and how they end. No label holds party data."""

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.5, 2.5)
PAIRS_MAX = 150
"""Pairs of route and status with figures of their own; each has eleven series, and 2,000 are the bound of all"""


class Figures:
    """The figures of one process. Series are few: pairs of route and status up to a bound, then the rest as one."""

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
            few = len(self._known) < PAIRS_MAX
            series = self._http.labels(route, str(status)) if few else self._http.labels("other", "other")
            self._known[(route, status)] = series
        series.observe(seconds)

    def streams(self, count: int) -> None:
        """Note how many event streams are open."""
        self._streams.set(count)

    def text(self) -> str:
        """Give all figures in the text form of Prometheus."""
        return generate_latest(self.registry).decode()
