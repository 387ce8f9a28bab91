"""The market as JSON: from rows of the projection to shapes, from numbers to words and back."""

from enum import IntEnum
from fractions import Fraction
from typing import Any, Literal

import msgspec

from steelyard.api import wire
from steelyard.api.auth.visibility import View
from steelyard.api.call import Call
from steelyard.client import market as shapes
from steelyard.client.types import Amount
from steelyard.market.books import Listing
from steelyard.market.cross.quotes import UNBOUNDED, FirmQuote, QuoteBoard
from steelyard.market.cross.unit import UNIT_MINOR, Unit, Worth
from steelyard.market.instruments import SelfTrade
from steelyard.market.orders import Side, Tif, Type, Why
from steelyard.market.phases import Phase
from steelyard.storage.queries import Found
from steelyard.values.amount import format_minor
from steelyard.values.instants import format_date

BASKET_SCALE = 2
SIDES = {side.name.lower(): side for side in Side}
TYPES = {type_.name.lower(): type_ for type_ in Type}
TIFS = {tif.name.lower(): tif for tif in Tif}
STPS = {mode.name.lower(): mode for mode in SelfTrade}
PHASES = {phase.name.lower(): phase for phase in Phase}


def word(member: IntEnum) -> Any:
    """Give the word for a member of an enum."""
    return member.name.lower()


def scale(call: Call, currency: str) -> int:
    """Give how many decimals a price in a currency has; in a basket's unit two."""
    return call.directory.scale(currency) if currency in call.directory.assets else BASKET_SCALE


def price(minor: int, currency: str, call: Call) -> str | None:
    """Give a price as text, None for none."""
    return format_minor(minor, scale(call, currency)) if minor > 0 else None


def order(row: Found, call: Call) -> shapes.OrderShown:
    """Give an order."""
    currency = row["currency"]
    return shapes.OrderShown(
        order_id=wire.uuid_text(row["order_id"]),
        owner=row["owner"],
        instrument=row["instrument"],
        side=word(Side(row["side"])),
        type=word(Type(row["type"])),
        tif=word(Tif(row["tif"])),
        currency=currency,
        quantity=row["quantity"],
        open=row["open"],
        price=price(row["price"], currency, call),
        stop=price(row["stop"], currency, call),
        peak=row["peak"] or None,
        post_only=bool(row["post_only"]),
        aon=bool(row["aon"]),
        until_on=format_date(row["until_on"]) if row["until_on"] else None,
        session=row["session"],
        state=row["state"],
        why=word(Why(row["why"])) if row["state"] == "cancelled" else "",
        entered_at=wire.at_text(row["entered_at"]),
        changed_at=wire.at_text(row["changed_at"]),
    )


def trades(row: Found, call: Call, view: View) -> list[shapes.TradeShown]:
    """Give a trade as each of its sides that the caller sees has it; where it is cleared no money moves by it."""
    moves = bool(row["bundle_id"] or row["settles_on"])
    of_price = row["buyer_currency" if row["taker"] == 1 else "seller_currency"]
    bought, sold = (
        wire.amount(row[f"{side}_minor"], row[f"{side}_currency"], call.directory) if moves else None
        for side in ("buyer", "seller")
    )

    def shown(
        side: Literal["buy", "sell", "exchange"], pays: Amount | None, gets: Amount | None
    ) -> shapes.TradeShown:
        traded = side != "exchange"
        return shapes.TradeShown(
            trade_id=wire.uuid_text(row["trade_id"]),
            instrument=row["instrument"],
            side=side,
            order_id=wire.uuid_text(row[side]) if traded else None,
            quantity=row["quantity"],
            price=price(row["price"], of_price, call) if traded else None,
            price_currency=of_price if traded and row["price"] else None,
            basket_price=row["basket_price"] or None,
            pays=pays,
            gets=gets,
            bundle_id=wire.uuid_or_none(row["bundle_id"]),
            settles_on=wire.on_or_none(row["settles_on"]),
            reversed=bool(row["reversed_by"]),
            at=wire.at_text(row["at_ns"]),
        )

    found = []
    if view.sees(row["buyer"]):
        found.append(shown("buy", bought, None))
    if view.sees(row["seller"]):
        found.append(shown("sell", None, sold))
    if row["provider"] and view.sees(row["provider"]):
        found.append(shown("exchange", sold, bought))
    return found


def instrument(row: Found, call: Call) -> shapes.InstrumentShown:
    """Give an instrument as it stands."""
    listing = msgspec.msgpack.decode(row["terms"], type=Listing)
    currency = row["currency"]
    return shapes.InstrumentShown(
        code=row["code"],
        contract=row["contract"],
        way=row["way"],
        asset=row["asset"],
        currency=currency or None,
        basket=row["basket"] or None,
        unit_kg=row["kg"],
        tick=format_minor(listing.instrument.tick, scale(call, currency)),
        lot=listing.instrument.lot,
        phase=word(Phase(row["phase"])),
        reference=price(row["reference"], currency, call),
        limit_low=price(row["limit_low"], currency, call),
        limit_high=price(row["limit_high"], currency, call),
        settlement=price(row["settlement"], currency, call),
        collar_low=price(row["dyn_low"], currency, call),
        collar_high=price(row["dyn_high"], currency, call),
        basket_holds={
            code: format_minor(minor, scale(call, code)) for code, minor in listing.instrument.basket_holds
        },
    )


def limits(row: Found, quotes: list[Found], at: int, call: Call) -> list[shapes.LimitShown]:
    """Give the daily limits of an instrument in every currency that its orders can be valued in at the moment."""
    terms = msgspec.msgpack.decode(row["terms"], type=Listing).instrument
    bounds = (row["limit_low"], row["limit_high"]) if row["phase"] != Phase.DELIVERY_MONTH else (-1, -1)
    if terms.currency:
        return [_limits(terms.currency, None, bounds, terms.tick, call)]
    board = QuoteBoard()
    for one in quotes:
        board.put(
            FirmQuote(
                one["quote_no"], one["provider"], one["sell"], one["buy"], int(one["num"]), int(one["den"]),
                one["sell_left"], UNBOUNDED, one["valid_until"],
            )
        )  # fmt: skip
    unit = Unit(terms.basket_holds, board)
    worths = [(currency, unit.worth(currency, at)) for currency in sorted(call.directory.assets)]
    return [
        _limits(currency, worth, bounds, terms.tick, call) for currency, worth in worths if worth is not None
    ]


def _limits(
    currency: str, worth: Worth | None, bounds: tuple[int, int], tick: int, call: Call
) -> shapes.LimitShown:
    """Give the prices on the tick nearest to the limits, inside them."""
    low, high = (None if one <= 0 else Fraction(one) if worth is None else worth.price(one) for one in bounds)
    return shapes.LimitShown(
        currency=currency,
        unit=None if worth is None else str(worth.price(UNIT_MINOR)),
        limit_low=None if low is None else price(-(-low // tick) * tick, currency, call),
        limit_high=None if high is None else price(high // tick * tick, currency, call),
    )


def level(row: Found, call: Call) -> shapes.LevelShown:
    """Give a level."""
    return shapes.LevelShown(
        currency=row["currency"],
        price=price(row["price"], row["currency"], call),
        price_minor=str(row["price"]) if row["price"] else None,
        quantity=int(row["quantity"]),
    )


def feed(row: Found, call: Call) -> shapes.FeedItem:
    """Give an item of a public stream; prices in it are minor units, as the machine has them."""
    return shapes.FeedItem(
        instrument=row["instrument"],
        seq=row["seq"],
        kind=row["kind"],
        at=wire.at_text(row["at_ns"]),
        data=msgspec.json.decode(row["data"]),
    )


def firm_quote(row: Found, call: Call) -> shapes.FirmQuoteShown:
    """Give a firm quote."""
    return shapes.FirmQuoteShown(
        quote_id=wire.uuid_text(row["quote_id"]),
        provider=row["provider"],
        left=wire.amount(row["sell_left"], row["sell"], call.directory),
        buy=row["buy"],
        rate=wire.rate_text(
            int(row["num"]),
            int(row["den"]),
            base_scale=scale(call, row["sell"]),
            quote_scale=scale(call, row["buy"]),
        ),
        state=row["state"],
        valid_until=wire.at_text(row["valid_until"]),
        entered_at=wire.at_text(row["entered_at"]),
    )
