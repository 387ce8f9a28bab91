"""Orders to exchange currencies, which batches fill for all at once; caps on what one sells in a batch."""

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import Field, Listing
from steelyard.api.orders import done, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.views import fx_orders as views
from steelyard.api.wire import Faults
from steelyard.client import types
from steelyard.flows.fx_batch import RequestFields
from steelyard.flows.fx_order import CancelFields, CapFields, OrderFields
from steelyard.flows.liquidity_facts import BatchRequested, FxOrderMoved
from steelyard.liquidity.order_refusals import OrderRefusal
from steelyard.values.rate import from_decimal_text

NO_CAP = -1


async def enter_order(call: Call) -> Reply:
    """Enter an order: its money is set aside, and batches fill it, in parts if need be, at its limit or better."""
    asked, faults, scale = call.asked(types.FxOrderAsked), Faults(), call.directory.scale
    minor = wire.minor(asked.sell, call.directory, faults, "/sell")
    if asked.buy not in call.directory.assets:
        faults.add("/buy", "asset-unknown", "no asset of this code is booked here", asked.buy)
    until = wire.instant(asked.good_until, faults, "/good_until")
    faults.end()
    num, den = 0, 1
    if asked.limit is not None:
        sell = asked.sell.asset
        rate = from_decimal_text(
            sell, asked.buy, asked.limit, base_scale=scale(sell), quote_scale=scale(asked.buy)
        )
        if rate is None:
            faults.add("/limit", "no-rate", "more than zero, at most 18 digits", asked.limit)
            faults.end()
        else:
            num, den = rate.num, rate.den
    found = await order(
        call, "fx_order.put", OrderFields(asked.sell.asset, asked.buy, minor, until, num, den)
    )
    moved = found.fact(FxOrderMoved)
    order_id = wire.uuid_text(moved.order_id) if moved else None
    return tell(
        done(found, state=moved.state if moved else None, subject=order_id),
        location=f"/v1/fx/orders/{order_id}" if order_id else "",
    )


async def list_orders(call: Call) -> Reply:
    """List the caller's orders, newest first."""
    return await listing.answer(call, ORDERS)


async def get_order(call: Call) -> Reply:
    """Show an order."""
    order_id = wire.path_id(call.path_params["id"])
    row = await call.gateway.aside(call.gateway.stores.reader.one, "fx_order", order_id=order_id)
    if row is None or not view_of(call.who, call.directory.members).sees(row["owner"]):
        raise ProblemError("not-found")
    return tell(views.order(row, call), seq=await call.gateway.applied_seq())


async def cancel_order(call: Call) -> Reply:
    """Take an order back: at once, or when the batch that has it is over."""
    fields = CancelFields(wire.path_id(call.path_params["id"]))
    found = await order(call, "fx_order.cancel", fields)
    if found.outcome.refusal == OrderRefusal.FX_ORDER_NOT_FOUND.code:
        raise ProblemError("not-found")
    moved = found.fact(FxOrderMoved)
    return tell(done(found, state=moved.state if moved else None, subject=wire.uuid_text(fields.order_id)))


async def set_cap(call: Call) -> Reply:
    """Cap what one sells of a currency in one batch; without a `cap` there is none any more."""
    asset, faults = call.path_params["asset"], Faults()
    asked = call.asked(types.FxCapAsked)
    minor = NO_CAP
    if asked.cap is not None:
        minor = wire.minor_of(asked.cap, call.directory.scale(asset), faults, "/cap", zero_allowed=True)
        faults.end()
    return tell(done(await order(call, "fx_order.cap", CapFields(asset, minor)), subject=asset))


async def ask_fx_batch(call: Call) -> Reply:
    """Ask for a batch of FX orders; its report is one of `/v1/batches`."""
    asked = call.asked(types.FxBatchAsked) if call.body else types.FxBatchAsked()
    found = await order(call, "fx_batch.request", RequestFields(asked.kind))
    opened = found.fact(BatchRequested)
    batch_id = wire.uuid_text(opened.batch_id) if opened is not None else None
    return tell(
        done(found, state="open" if opened is not None else None, subject=batch_id),
        location=f"/v1/batches/{batch_id}" if batch_id else "",
    )


ORDERS = Listing(
    "fx_order",
    types.FxOrder,
    views.order,
    listing.own("owner"),
    (
        Field(Param("state", "words", "How it stands.", views.STATES), "state"),
        Field(Param("sell", "asset", "What is sold."), "sell"),
        Field(Param("buy", "asset", "What is bought."), "buy"),
    ),
)
_AT = "/v1/fx/orders/{id}"
ROUTES = (
    Route(
        "POST", "/v1/fx/orders", "trade", enter_order, "Enter an order to exchange currencies", types.FxOrderAsked,
        types.Done, keyed=True,
    ),
    lists("/v1/fx/orders", "read", list_orders, "List orders to exchange currencies", types.FxOrder, ORDERS.query),
    Route("GET", _AT, "read", get_order, "Show an order", told=types.FxOrder),
    Route("POST", f"{_AT}/cancel", "trade", cancel_order, "Take an order back", told=types.Done, keyed=True),
    Route(
        "PUT", "/v1/fx/caps/{asset}", "trade", set_cap, "Cap what one sells in a batch", types.FxCapAsked,
        types.Done, keyed=True,
    ),
    Route(
        "POST", "/v1/fx/batches", "batch", ask_fx_batch, "Ask for a batch of FX orders", types.FxBatchAsked,
        types.Done, keyed=True,
    ),
)  # fmt: skip
