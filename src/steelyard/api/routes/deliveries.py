"""Deliveries: offered or opened, goods named, certified, paid against their title, loaded out, decided."""

from steelyard.api import listing
from steelyard.api.call import Call, Reply, tell
from steelyard.api.goods import Act, Noun, path_id, reach_of, routes_of
from steelyard.api.listing import Field, Listing
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.views import deliveries as view
from steelyard.client import deliveries as shapes
from steelyard.client.titles import PaperAsked
from steelyard.flows.title_facts import DeliveryMoved
from steelyard.market.delivery import DeliveryState
from steelyard.storage.queries import Found, Reader

OWNERS = ("seller", "buyer")
MOVES_MAX, SITES_MAX = 10_000, 20_000


async def list_deliveries(call: Call) -> Reply:
    """List deliveries that one is a side of, or that lie at a site that one keeps or inspects."""
    reach, reader = await reach_of(call), call.gateway.stores.reader
    sites = await call.gateway.aside(_sites, reader)
    views = reach.of(OWNERS, site="site")

    def make(row: Found, call: Call) -> shapes.DeliveryShown:
        return shapes.DeliveryShown(**view.fields(row, sites.get(row["site"]), call))

    return await listing.answer(call, DELIVERIES._replace(views=lambda call: views, make=make))


async def get_delivery(call: Call) -> Reply:
    """Show a delivery: its deadlines, what is owed, what is next and who does it, every step."""
    reach, reader, delivery_id = await reach_of(call), call.gateway.stores.reader, path_id(call)

    def work() -> tuple[Found, Found | None, list[Found]] | None:
        row = reader.one("delivery", delivery_id=delivery_id)
        if row is None:
            return None
        of_it = [("delivery_id", "=", delivery_id)]
        return row, reader.one("site", site=row["site"]), reader.page("delivery_move", of_it, limit=MOVES_MAX)

    found = await call.gateway.aside(work)
    if found is None or not reach.sees(found[0], OWNERS, found[0]["site"]):
        raise ProblemError("not-found")
    return tell(view.whole(*found, call))


def _sites(reader: Reader) -> dict[str, Found]:
    return {row["site"]: row for row in reader.page("site", limit=SITES_MAX)}


async def _sees(call: Call) -> bool:
    if "id" not in call.path_params:
        return True
    reach, reader, delivery_id = await reach_of(call), call.gateway.stores.reader, path_id(call)
    row = await call.gateway.aside(lambda: reader.one("delivery", delivery_id=delivery_id))
    return row is not None and reach.sees(row, OWNERS, row["site"])


DELIVERY = Noun(DeliveryMoved, "delivery_id", "deliveries", view.NOT_ONES, _sees)
_ALL, _AT = "/v1/deliveries", "/v1/deliveries/{id}"
ACTS = (
    Act("POST", _ALL, "title", "delivery.offer", shapes.DeliveryAsked, view.opened,
        "Offer a delivery that two sides agreed on"),
    Act("POST", f"{_ALL}/cleared", "site", "delivery.open", shapes.DeliveryAsked, view.opened,
        "Open a delivery out of cleared positions"),
    Act("POST", f"{_ALL}/notices", "site", "delivery.notice", shapes.NoticeAsked, view.notice,
        "Deal goods out to the longs, oldest first"),
    Act("POST", f"{_AT}/accept", "title", "delivery.accept", None, view.named, "Accept a delivery"),
    Act("POST", f"{_AT}/decline", "title", "delivery.decline", None, view.named, "Decline a delivery, or take it back"),
    Act("POST", f"{_AT}/assign", "title", "delivery.assign", shapes.GoodsAsked, view.assigned,
        "Name the goods, which locks them"),
    Act("POST", f"{_AT}/costs", "title", "delivery.cost", shapes.CostAsked, view.cost,
        "Declare a cost paid for the other side"),
    Act("POST", f"{_AT}/certify", "goods", "delivery.certify", shapes.CertificateAsked, view.certified,
        "Certify weight and quality"),
    Act("POST", f"{_AT}/object", "title", "delivery.object", PaperAsked, view.papered, "Object to a certificate"),
    Act("POST", f"{_AT}/take", "title", "delivery.take", None, view.named, "Take a certificate as it is"),
    Act("POST", f"{_AT}/agree", "title", "delivery.agree", PaperAsked, view.papered,
        "Agree to settle in another way"),
    Act("POST", f"{_AT}/fund", "title", "delivery.fund", shapes.DeliveryFund, view.funded,
        "Pay a delivery: title against money"),
    Act("POST", f"{_AT}/load-out", "title", "delivery.order_out", None, view.named, "Order delivered goods out"),
    Act("POST", f"{_AT}/loaded", "goods", "delivery.loaded", None, view.named, "Report that goods are loaded"),
    Act("POST", f"{_AT}/receive", "title", "delivery.receive", None, view.named, "Confirm that goods have come"),
    Act("POST", f"{_AT}/force-majeure", "site", "delivery.force_majeure", PaperAsked, view.papered,
        "Let force majeure come between"),
    Act("POST", f"{_AT}/resume", "site", "delivery.resume", PaperAsked, view.papered, "End force majeure"),
    Act("POST", f"{_AT}/auction", "site", "delivery.auction", shapes.CoverAsked, view.cover,
        "Open the buy-in or sell-out of a failed delivery"),
    Act("POST", f"{_AT}/rule", "site", "delivery.rule", shapes.RulingAsked, view.ruled, "Rule on a delivery"),
)  # fmt: skip
DELIVERIES = Listing(
    "delivery", shapes.DeliveryShown, lambda row, call: None, listing.own(*OWNERS),
    (
        Field(Param("instrument", "text", "Of this instrument."), "instrument"),
        Field(Param("state", "words", "In these states.", tuple(one.value for one in DeliveryState)), "state"),
        Field(Param("site", "text", "At this site."), "site"),
    ),
)  # fmt: skip
ROUTES = (
    lists(_ALL, "read", list_deliveries, "Deliveries", shapes.DeliveryShown, DELIVERIES.query),
    Route("GET", _AT, "read", get_delivery, "A delivery and what is next", told=shapes.DeliveryWhole),
    *routes_of(ACTS, DELIVERY),
)
