"""Published prices: read them, publish and correct them as operator, complain about them."""

from steelyard.client import prices as shapes
from steelyard.client.ask import Ask, Listing, get, order, path
from steelyard.client.types import Done
from steelyard.client.verbs import F, Group, Lists, Verb

ROOT, BENCHMARKS, CASES = "/v1/prices", "/v1/benchmarks", "/v1/price-complaints"
INDICES, CURVES = "/v1/price-indices", "/v1/price-curves"


class Prices(Group[F]):
    """Settlement prices, benchmarks, their methods, and complaints about them."""

    @Lists
    def list(
        self,
        *,
        series: str | None = None,
        on: str | None = None,
        kind: str | None = None,
        limit: int | None = None,
    ) -> Listing[shapes.PriceShown]:
        """List published prices, every version."""
        return Listing(ROOT, {"series": series, "on": on, "kind": kind, "limit": limit}, shapes.PriceShown)

    @Lists
    def benchmarks(
        self, *, series: str | None = None, on: str | None = None, limit: int | None = None
    ) -> Listing[shapes.PriceShown]:
        """List published benchmarks."""
        return Listing(BENCHMARKS, {"series": series, "on": on, "limit": limit}, shapes.PriceShown)

    @Lists
    def indices(
        self,
        *,
        series: str | None = None,
        on: str | None = None,
        origin: str | None = None,
        grade: str | None = None,
        limit: int | None = None,
    ) -> Listing[shapes.PriceShown]:
        """List published indices by origin and grade."""
        query = {"series": series, "on": on, "origin": origin, "grade": grade, "limit": limit}
        return Listing(INDICES, query, shapes.PriceShown)

    @Lists
    def curves(
        self, *, series: str | None = None, on: str | None = None, limit: int | None = None
    ) -> Listing[shapes.PriceShown]:
        """List published forward curves."""
        return Listing(CURVES, {"series": series, "on": on, "limit": limit}, shapes.PriceShown)

    @Lists
    def versions(self, series: str, *, limit: int | None = None) -> Listing[shapes.PriceShown]:
        """List the days of a series, newest first, every version."""
        return Listing(path(ROOT, series), {"limit": limit}, shapes.PriceShown)

    @Lists
    def methods(self, series: str, *, limit: int | None = None) -> Listing[shapes.MethodShown]:
        """List the versions of a series' method."""
        return Listing(path(ROOT, series, "methods"), {"limit": limit}, shapes.MethodShown)

    @Lists
    def months(self, series: str, *, limit: int | None = None) -> Listing[shapes.MonthShown]:
        """List the months of a series with their means, by which contracts are priced."""
        return Listing(path(ROOT, series, "months"), {"limit": limit}, shapes.MonthShown)

    @Verb
    def set_method(self, series: str, method: shapes.MethodAsked, *, key: str | None = None) -> Ask[Done]:
        """Bring a version of a method into force, as operator; a second person agrees."""
        return order("POST", path(ROOT, series, "methods"), method, key=key, subject=series)

    @Verb
    def settle(self, series: str, data: shapes.SettlementAsked, *, key: str | None = None) -> Ask[Done]:
        """Make and publish a day's settlement price, as operator."""
        return order("POST", path(ROOT, series, "settlement"), data, key=key, subject=series)

    @Verb
    def publish(self, series: str, data: shapes.BenchmarkAsked, *, key: str | None = None) -> Ask[Done]:
        """Make and publish a day's benchmark from what is handed in, as operator; a second person agrees."""
        return order("POST", path(ROOT, series, "benchmark"), data, key=key, subject=series)

    @Verb
    def fix(self, series: str, *, key: str | None = None) -> Ask[Done]:
        """Make a series of today after the fixing's time, as operator, where the fixing was before it."""
        return order("POST", path(ROOT, series, "fixing"), key=key, subject=series)

    @Verb
    def correct(
        self, series: str, correction: shapes.CorrectionAsked, *, key: str | None = None
    ) -> Ask[Done]:
        """Publish a further version of a day, as operator; a second person agrees."""
        return order("POST", path(ROOT, series, "corrections"), correction, key=key, subject=series)

    @Verb
    def complain(self, series: str, on: str, text: str, *, key: str | None = None) -> Ask[Done]:
        """Complain about a day's price."""
        asked = shapes.ComplaintAsked(on=on, text=text)
        return order("POST", path(ROOT, series, "complaints"), asked, key=key)

    @Lists
    def complaints(self, *, limit: int | None = None) -> Listing[shapes.ComplaintShown]:
        """List one's complaints; as operator all."""
        return Listing(CASES, {"limit": limit}, shapes.ComplaintShown)

    @Verb
    def complaint(self, number: int | str) -> Ask[shapes.ComplaintShown]:
        """Give a complaint with everything that was said."""
        return get(path(CASES, str(number)), shapes.ComplaintShown)

    @Verb
    def answer(self, number: int | str, text: str, *, key: str | None = None) -> Ask[Done]:
        """Answer a complaint, as operator."""
        return _say(number, "answer", text, key)

    @Verb
    def decide(self, number: int | str, text: str, *, key: str | None = None) -> Ask[Done]:
        """Decide on a complaint, as operator; it is closed."""
        return _say(number, "decide", text, key)

    @Verb
    def appeal(self, number: int | str, text: str, *, key: str | None = None) -> Ask[Done]:
        """Appeal against an answer."""
        return _say(number, "appeal", text, key)

    @Verb
    def withdraw(self, number: int | str, text: str, *, key: str | None = None) -> Ask[Done]:
        """Withdraw one's complaint."""
        return _say(number, "withdraw", text, key)


def _say(number: int | str, word: str, text: str, key: str | None) -> Ask[Done]:
    asked = shapes.StepAsked(text=text)
    return order("POST", path(CASES, str(number), word), asked, key=key, subject=str(number))
