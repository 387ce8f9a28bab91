"""What stays with whom, and who sends early: figures for all, rows of one's own."""

from typing import Any

from steelyard.api import wire
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route
from steelyard.api.views import pace
from steelyard.api.views import surplus as views
from steelyard.api.wire import Faults
from steelyard.client import surplus as shapes
from steelyard.liquidity.throughput import DAYS
from steelyard.values.instants import DAY

ACCOUNTS_MAX = 100_000
LOOK_BACK = 2 * DAYS
"""Calendar days in which the last twenty days with payments are looked for"""


async def get_surplus(call: Call) -> Reply:
    """Report surpluses: what stays with whom, how old it is, and what netting would cure of it."""
    reader, directory = call.gateway.stores.reader, call.directory
    on = _on(call)
    view = view_of(call.who, directory.members)
    found = await call.gateway.read("credit_too_old", "" if view.owners is None else call.who.owner)
    old = found.decoded(list[dict[str, Any]])
    uses = (await call.gateway.read("surplus_uses")).decoded(list[dict[str, Any]])

    def work() -> shapes.SurplusReport:
        paid = [row for row in reader.paid_by_day(on - views.YEAR) if row["settlement_on"] <= on]
        accounts = reader.page("account", limit=ACCOUNTS_MAX)
        rules = reader.page("own_rule", [("kind", "=", "holding")], limit=ACCOUNTS_MAX)
        caps = {(row["owner"], row["asset"]): row["minor"] for row in rules if row["minor"] >= 0}
        return views.report(paid, accounts, caps, old, uses, on=on, view=view, directory=directory)

    return tell(await call.gateway.aside(work), seq=await call.gateway.applied_seq())


async def get_throughput(call: Call) -> Reply:
    """Show who sends how early in a currency, who waits, and whose money pays for what."""
    asset = call.query.get("currency", "")
    if asset not in call.directory.assets:
        faults = Faults()
        faults.add("currency", "asset-unknown", "name one currency that is booked here", asset)
        faults.end()
    reader, directory, on, at = call.gateway.stores.reader, call.directory, _on(call), call.gateway.now()
    view = view_of(call.who, directory.members)

    def work() -> shapes.ThroughputReport:
        day, before = reader.sent_on(asset, on), reader.sent_by_day(asset, on - LOOK_BACK, on)
        until = min(at, (on + 1) * DAY)
        rule = pace.rule_of(reader, directory.members, asset)
        return views.timing(
            day, before, asset=asset, on=on, at=until, rule=rule, view=view, directory=directory
        )

    return tell(await call.gateway.aside(work), seq=await call.gateway.applied_seq())


def _on(call: Call) -> int:
    """Give the date asked for, today's where none is."""
    today = call.gateway.now() // DAY
    if "on" not in call.query:
        return today
    faults = Faults()
    on = wire.date(call.query["on"], faults, "on")
    faults.end()
    if on > today:
        raise ProblemError("not-found", "the date lies ahead")
    return on


_DATE = Param("on", "date", "Of this date; without it, of today.")
ROUTES = (
    Route(
        "GET", "/v1/surplus", "read", get_surplus, "What stays with whom, and what netting would cure",
        told=shapes.SurplusReport, query=(_DATE,),
    ),
    Route(
        "GET", "/v1/throughput", "read", get_throughput, "Who sends early, and who waits for others' money",
        told=shapes.ThroughputReport, query=(Param("currency", "asset", "The currency."), _DATE),
    ),
)  # fmt: skip
