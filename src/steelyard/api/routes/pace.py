"""Throughput rules: what a currency expects of its payers' days, what follows from sending late, and what did."""

from steelyard.api import listing
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import Field, Listing
from steelyard.api.orders import done, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.views import pace as views
from steelyard.api.wire import Faults
from steelyard.client import pace as shapes
from steelyard.client import types
from steelyard.flows.facts import SettingChanged
from steelyard.flows.pace import RuleFields
from steelyard.storage.queries import Filter


async def get_throughput_rule(call: Call) -> Reply:
    """Show a currency's throughput rule."""
    asset = call.path_params["asset"]
    if asset not in call.directory.members.assets:
        raise ProblemError("not-found")
    reader = call.gateway.stores.reader
    found = await call.gateway.aside(views.rule_of, reader, call.directory.members, asset)
    return tell(views.rule(asset, found, call.directory), seq=await call.gateway.applied_seq())


async def set_throughput_rule(call: Call) -> Reply:
    """Set a currency's throughput rule, as its settlement agent; what is owed under the last one stays owed."""
    asset, asked, faults = call.path_params["asset"], call.asked(shapes.PaceRuleAsked), Faults()
    if asset not in call.directory.members.assets:
        raise ProblemError("not-found")
    rule = views.fields(asked, call.directory.scale(asset), faults)
    faults.end()
    found = await order(call, "throughput.rule", RuleFields(asset, rule))
    changed = found.fact(SettingChanged)
    state = None if changed is None else "on" if asked.on else "off"
    return tell(done(found, state=state, subject=asset))


async def list_throughput_days(call: Call) -> Reply:
    """List what ends of days said of oneself, and what is published of others, newest first."""
    return await listing.answer(call, DAYS)


def _views(call: Call) -> list[list[Filter]]:
    """Give one's own rows and those that are published."""
    own = view_of(call.who, call.directory.members).of("participant")
    return own if own == [[]] else [*own, [("published", "=", 1)]]


DAYS = Listing(
    "pace",
    shapes.PaceDay,
    lambda row, call: views.day(row, call.directory),
    _views,
    (
        Field(Param("currency", "asset", "In this currency."), "asset"),
        Field(Param("participant", "bic", "Of this payer."), "participant"),
    ),
)
_RULE = "/v1/throughput/rules/{asset}"
ROUTES = (
    Route("GET", _RULE, "read", get_throughput_rule, "A currency's throughput rule", told=shapes.PaceRule),
    Route(
        "PUT", _RULE, "cap", set_throughput_rule, "Say what follows from sending late", shapes.PaceRuleAsked,
        types.Done, keyed=True,
    ),
    lists("/v1/throughput/days", "read", list_throughput_days, "What ends of days said", shapes.PaceDay, DAYS.query),
)  # fmt: skip
