"""Auctions as JSON: from rows of the projection to shapes. Who bid is told to him and to the auction's owner."""

from typing import Any

import msgspec

from steelyard.api import wire
from steelyard.api.auth.visibility import View
from steelyard.api.call import Call
from steelyard.api.views import market
from steelyard.client import auctions as shapes
from steelyard.market.auctions.best_and_final import BestAndFinal
from steelyard.market.auctions.bids import Award
from steelyard.market.auctions.dutch import Dutch
from steelyard.market.auctions.english import English
from steelyard.market.auctions.live import Auction
from steelyard.market.auctions.reverse_rounds import ReverseRounds
from steelyard.market.auctions.sealed import SealedCall
from steelyard.storage.queries import Found
from steelyard.values.amount import format_minor
from steelyard.values.instants import SECOND

OPEN_FORMATS = frozenset({"english", "dutch"})
"""Formats in which everybody hears what was bid, though not by whom"""


def terms_of(row: Found) -> Auction:
    """Give an auction as it was announced."""
    found: Auction = msgspec.msgpack.decode(row["terms"], type=Auction)
    return found


def auction(row: Found, currency: str, call: Call, view: View) -> shapes.AuctionShown:
    """Give an auction, its prices in a currency."""
    made, scale = terms_of(row), market.scale(call, currency)
    is_sealed = isinstance(made, SealedCall)
    knows_all = view.sees(row["owner"])
    return shapes.AuctionShown(
        auction_id=wire.uuid_text(row["auction_id"]),
        format=row["format"],
        owner=row["owner"],
        instrument=made.instrument,
        currency=currency or None,
        tick=format_minor(made.tick, scale),
        lots=None if isinstance(made, SealedCall) else made.lots,
        state=row["state"].lower(),
        terms=_terms(made, scale, call, with_reserve=knows_all or not row["due_at"]),
        due_at=wire.at_or_none(row["due_at"]),
        reason=row["reason"],
        awards=[_award(Award(*one), scale, knows_all, view) for one in _awards(row)],
        root=row["root"].hex() if row["root"] else None,
        price=format_minor(row["price"], scale) if is_sealed and row["volume"] else None,
        volume=row["volume"] if is_sealed and row["root"] else None,
        entered_at=wire.at_text(row["entered_at"]),
        changed_at=wire.at_text(row["changed_at"]),
    )


def bid(row: Found, scale: int, view: View, *, knows_all: bool) -> shapes.BidShown:
    """Give a bid."""
    seen = knows_all or view.sees(row["bidder"])
    return shapes.BidShown(
        bid_id=wire.uuid_text(row["bid_id"]),
        bidder=row["bidder"] if seen else None,
        price=format_minor(row["price"], scale) if row["price"] else None,
        lots=row["lots"],
        at=wire.at_text(row["entered_at"]),
    )


def commitment(row: Found, asset: str, call: Call, view: View, *, knows_all: bool) -> shapes.CommitmentShown:
    """Give a commitment, its deposit in an asset."""
    seen = knows_all or view.sees(row["owner"])
    has_deposit = bool(asset and row["deposit_minor"])
    return shapes.CommitmentShown(
        commitment=row["digest"].hex(),
        owner=row["owner"] if seen else None,
        state=row["event"].lower(),
        deposit=wire.amount(row["deposit_minor"], asset, call.directory) if has_deposit else None,
        deposit_state=row["deposit"].lower(),
        at=wire.at_text(row["entered_at"]),
    )


def _awards(row: Found) -> list[tuple[str, str, int, int]]:
    return msgspec.json.decode(row["awards"]) if row["awards"] else []


def _award(one: Award, scale: int, knows_all: bool, view: View) -> shapes.AwardShown:
    return shapes.AwardShown(
        bid_id=wire.uuid_text(bytes.fromhex(one.bid_id)),
        bidder=one.bidder if knows_all or view.sees(one.bidder) else None,
        lots=one.lots,
        price=format_minor(one.price, scale),
    )


def _terms(made: Auction, scale: int, call: Call, *, with_reserve: bool) -> dict[str, str]:
    """Give the terms of a format by name."""

    def price(minor: int) -> str:
        return format_minor(minor, scale)

    at = wire.at_text
    found: dict[str, Any] = {"opens_at": at(made.opens_at)}
    reserve = None
    match made:
        case English():
            found |= {
                "start": price(made.start_minor),
                "step": price(made.step_minor),
                "closes_at": at(made.closes_at),
            }
            found |= {
                "extend_seconds": str(made.extend // SECOND),
                "extensions_max": str(made.extensions_max),
            }
            reserve = made.reserve_minor
        case Dutch():
            found |= {
                "start": price(made.start_minor),
                "floor": price(made.floor_minor),
                "step": price(made.step_minor),
            }
            found |= {"interval_seconds": str(made.interval // SECOND), "closes_at": at(made.closes_at())}
        case ReverseRounds():
            found |= {"ceiling": price(made.ceiling_minor), "step": price(made.step_minor)}
            found |= {f"round_{number}_ends_at": at(end) for number, end in enumerate(made.ends_at, 1)}
            found |= {"keep": " ".join(map(str, made.keep))}
        case BestAndFinal():
            found |= {"side": "buy" if made.is_purchase else "sell", "keep": str(made.keep)}
            found |= {"offers_end_at": at(made.offers_end_at), "final_end_at": at(made.final_end_at)}
            reserve = made.reserve_minor
        case SealedCall():
            found |= {"closes_at": at(made.closes_at), "reveal_until_at": at(made.reveal_until_at)}
            found |= {"unopened": made.deposit.value}
            if made.reference is not None:
                found["reference"] = price(made.reference)
            if made.pressure_cap_pct is not None:
                found["pressure_cap_pct"] = made.pressure_cap_pct
            if made.deposit_minor:
                deposit = wire.amount(made.deposit_minor, made.deposit_asset, call.directory)
                found["deposit"] = f"{deposit.asset} {deposit.value}"
    if reserve is not None and with_reserve:
        found["reserve"] = price(reserve)
    return found
