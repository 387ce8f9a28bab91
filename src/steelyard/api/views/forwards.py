"""Forwards as JSON: what is next, by whom and by when; and the fields of the orders about them."""

from functools import cache
from typing import Any

import msgspec

from steelyard.api import wire
from steelyard.api.call import Call
from steelyard.api.goods import paper, paper_text, path_id
from steelyard.api.wire import Faults
from steelyard.client import forwards as shapes
from steelyard.flows import forward, forward_circle
from steelyard.market.contracts import Contract
from steelyard.market.contracts.forward import Forward
from steelyard.market.forwards import ForwardTerms, Hinders
from steelyard.market.refusals.contracts import ContractRefusal
from steelyard.packs import contracts as packs
from steelyard.storage.queries import Found
from steelyard.values.amount import format_minor
from steelyard.values.instants import HOUR

NEXT: dict[str, tuple[str, str]] = {
    "OFFERED": ("accept or decline", "other"),
    "AGREED": ("name the cargo", "seller"),
    "HINDERED": ("resume, or it is cancelled at the benchmark", "operator"),
    "SELLER_FAILED": ("say what the market was worth", "operator"),
    "BUYER_FAILED": ("say what the market was worth", "operator"),
}
"""What follows in a state, and who does it."""
NOT_ONES = (ContractRefusal.FORWARD_NOT_FOUND,)


def fields(row: Found, call: Call) -> dict[str, Any]:
    """Give the fields of a forward by name."""
    asset, directory = row["currency"], call.directory
    word, who = NEXT.get(row["state"], (None, None))
    other = row["buyer"] if row["offered_by"] == row["seller"] else row["seller"]
    by = {"other": other, "seller": row["seller"]}
    minor = row["differential_minor"]
    text = format_minor(abs(minor), directory.scale(asset))
    return {
        "forward_id": wire.uuid_text(row["forward_id"]),
        **{
            name: row[name]
            for name in (
                "contract", "commodity", "grade", "site", "place", "incoterm", "seller", "buyer", "offered_by", "state",
                "event", "lots", "unit_kg", "price_kg", "benchmark",
            )
        },
        "price": wire.amount(row["price_minor"], asset, directory),
        "differential": f"-{text}" if minor < 0 else text,
        "from_on": wire.on_or_none(row["from_on"]), "to_on": wire.on_or_none(row["to_on"]),
        "due_at": wire.at_or_none(row["due_at"]), "next_step": word,
        "next_by": by.get(who, who) if who is not None else None,
        "owed": _amount(row["owed_minor"], asset, call), "owed_by": row["owed_by"] or None,
        "arbitration_seat": row["arbitration_seat"] or None,
        "delivery_id": wire.uuid_or_none(row["delivery_id"]), "changed_at": wire.at_text(row["changed_at"]),
    }  # fmt: skip


def whole(row: Found, moves: list[Found], call: Call) -> shapes.ForwardWhole:
    """Give a forward with every step."""
    return shapes.ForwardWhole(
        **fields(row, call), moves=[_move(one, row["currency"], call) for one in moves]
    )


def _move(row: Found, asset: str, call: Call) -> shapes.ForwardMove:
    return shapes.ForwardMove(
        event=row["event"],
        state=row["state"],
        lots=row["lots"],
        offset_lots=row["offset_lots"],
        moved=_amount(row["moved_minor"], asset, call),
        owed=_amount(row["owed_minor"], asset, call),
        bundle_id=wire.uuid_or_none(row["bundle_id"]),
        document=paper_text(row["document"]),
        at=wire.at_text(row["at_ns"]),
    )


def _amount(minor: int, asset: str, call: Call) -> Any:
    return wire.amount(minor, asset, call.directory) if minor else None


def offered(call: Call, asked: shapes.ForwardAsked, faults: Faults) -> forward.OfferFields:
    """Make the fields of an offer: its contract is the pack's, whole."""
    found = _packs().get(asked.contract)
    if not isinstance(found, Forward):
        faults.add("/contract", "contract-unknown", "no forward of this code has a pack", asked.contract)
    terms = ForwardTerms(
        msgspec.msgpack.encode(found) if found is not None else b"", asked.site,
        asked.place or (found.places[0].place if found is not None else ""), asked.lots,
        wire.minor(asked.price, call.directory, faults, "/price"), asked.price.asset,
        wire.date(asked.from_on, faults, "/from_on"), wire.date(asked.to_on, faults, "/to_on"), asked.benchmark,
        asked.full_cargo, asked.certify_hours * HOUR, asked.object_hours * HOUR, asked.fund_hours * HOUR,
    )  # fmt: skip
    own, other = call.who.owner, asked.other
    seller, buyer = (own, other) if asked.side == "sell" else (other, own)
    return forward.OfferFields(terms, seller, buyer, wire.instant(asked.accept_by, faults, "/accept_by"))


@cache
def _packs() -> dict[str, Contract]:
    """Read the packs of contracts, once."""
    return packs.load_all()


def named(call: Call, asked: Any, faults: Faults) -> forward.NamedFields:
    """Make the fields that name a forward."""
    return forward.NamedFields(path_id(call))


def circle(call: Call, asked: Any, faults: Faults) -> forward_circle.CircleFields:
    """Make the fields of a circle."""
    return forward_circle.CircleFields(path_id(call))


def papered(call: Call, asked: Any, faults: Faults) -> forward.PaperFields:
    """Make the fields that name a forward and a paper about it."""
    return forward.PaperFields(path_id(call), paper(asked.document))


def cargo(call: Call, asked: shapes.CargoAsked, faults: Faults) -> forward.AppropriateFields:
    """Make the fields that name a cargo."""
    held = tuple(wire.uuid_bytes(one) for one in asked.receipts)
    return forward.AppropriateFields(path_id(call), held, wire.uuid_bytes(asked.bill), asked.lots or 0)


def hindrance(call: Call, asked: shapes.HindranceAsked, faults: Faults) -> forward.HinderFields:
    """Make the fields of what stands between."""
    return forward.HinderFields(path_id(call), Hinders(asked.what), paper(asked.document))


def market(call: Call, asked: shapes.MarketAsked, faults: Faults) -> forward.RuleFields:
    """Make the fields of a ruling."""
    row = call.gateway.stores.reader.one("forward", forward_id=path_id(call))
    if row is not None and row["currency"] != asked.market.asset:
        faults.add("/market/asset", "asset-differs", f"must be {row['currency']}", asked.market.asset)
    minor = wire.minor(asked.market, call.directory, faults, "/market")
    return forward.RuleFields(path_id(call), minor, paper(asked.document))
