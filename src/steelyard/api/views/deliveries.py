"""Deliveries as JSON: what is next, by whom and by when, what is owed; and the fields of the orders about them."""

from typing import Any

import msgspec

from steelyard.api import refusals, wire
from steelyard.api.call import Call
from steelyard.api.directory import Directory
from steelyard.api.goods import paper, paper_text, path_id
from steelyard.api.wire import Faults
from steelyard.client import deliveries as shapes
from steelyard.client.types import Money
from steelyard.flows import (
    delivery,
    delivery_cover,
    delivery_notice,
    delivery_pay,
    delivery_rule,
    delivery_terms,
)
from steelyard.market.books import Listing
from steelyard.market.contracts import Contract
from steelyard.market.contracts.terms import Final
from steelyard.market.incoterms import Cost
from steelyard.market.quality import DIGITS, PRICE_KG, Factor, FactorRule, QualitySchedule
from steelyard.market.refusals.delivery import DeliveryRefusal
from steelyard.market.trade_terms import TradeTerms
from steelyard.storage.queries import Found
from steelyard.values.amount import format_minor
from steelyard.values.instants import HOUR

NEXT: dict[str, tuple[str, str]] = {
    "INTENDED": ("name the goods", "seller"),
    "MATCHED": ("deal out to the longs", "operator"),
    "NOTIFIED": ("certify weight and quality", "inspector"),
    "CERTIFIED": ("take the certificate or object to it", "buyer"),
    "INVOICED": ("pay", "buyer"),
    "SETTLED": ("order out", "buyer"),
    "LOADING": ("load", "warehouse"),
    "LOADED": ("confirm receipt", "buyer"),
    "DISPUTED": ("rule", "operator"),
    "ALTERNATIVE": ("rule", "operator"),
    "SELLER_FAILED": ("open the auction, or rule", "operator"),
    "BUYER_FAILED": ("open the auction, or rule", "operator"),
    "BUY_IN": ("say up to which price one buys", "buyer"),
    "SELL_OUT": ("say down to which price one sells", "seller"),
    "FORCE_MAJEURE": ("resume, or it is cancelled at the benchmark", "operator"),
}
"""What follows in a state, and who does it; the machine does the rest."""
OVER = ("CLOSED", "CANCELLED")
RULINGS = ("certified", "closed", "cancelled")


def figure(millionths: int) -> str:
    """Give a figure of a certificate as decimal text.

    >>> figure(11_500_000), figure(-250_000), figure(14_000_000)
    ('11.5', '-0.25', '14')
    """
    sign = "-" if millionths < 0 else ""
    text = format_minor(abs(millionths), DIGITS).rstrip("0").removesuffix(".")
    return sign + text


def millionths(text: str) -> int:
    """Read a figure whose shape is right as millionths.

    >>> millionths("11.5"), millionths("-0.25")
    (11500000, -250000)
    """
    whole, _, rest = text.removeprefix("-").partition(".")
    value = int(whole + rest.ljust(DIGITS, "0"))
    return -value if text.startswith("-") else value


def step_of(row: Found, site: Found | None) -> tuple[str | None, str | None]:
    """Give what follows for a delivery, and who does it."""
    word, role = NEXT.get(row["state"], ("", ""))
    if row["state"] == "INTENDED" and not row["accepted"]:
        word, role = "accept or decline", "buyer"
    if row["state"] == "INVOICED" and row["after_step"]:
        word = f"pay, once the voyage has come to {row['after_step']}"
    if not word:
        return None, None
    if role in ("seller", "buyer"):
        return word, row[role]
    return word, "operator" if role == "operator" else site[role] if site is not None else ""


def fields(row: Found, site: Found | None, call: Call) -> dict[str, Any]:
    """Give the fields of a delivery by name."""
    asset, directory = row["currency"], call.directory
    word, who = step_of(row, site)
    owed, owed_by = row["owed_minor"], row["owed_by"]
    if row["state"] == "INVOICED":
        owed, owed_by = row["amount_minor"], row["buyer"]
    refusal = refusals.of(row["refusal"]) if row["refusal"] else None
    amount = row["amount_minor"]
    return {
        "delivery_id": wire.uuid_text(row["delivery_id"]), "instrument": row["instrument"], "site": row["site"],
        "grade": row["grade"], "lots": row["lots"], "kg": row["kg"], "seller": row["seller"], "buyer": row["buyer"],
        "price": wire.amount(row["price_minor"], asset, directory), "price_kg": row["price_kg"],
        "state": row["state"], "event": row["event"], "accepted": bool(row["accepted"]), "next_step": word,
        "next_by": who, "due_at": wire.at_or_none(row["due_at"]) if row["state"] not in OVER else None,
        "incoterm": row["incoterm"] or None, "place": row["place"] or None,
        "differential": _signed(row["differential_minor"], asset, call), "full_cargo_bp": row["full_cargo_bp"],
        "final_at": row["final_at"],
        "costs": [_cost(one, asset, call) for one in msgspec.json.decode(row["costs"] or b"[]")],
        "goods": wire.amount(row["goods_minor"], asset, directory) if row["goods_minor"] else None,
        "net_kg": row["net_kg"], "amount": wire.amount(amount, asset, directory) if amount else None,
        "owed": wire.amount(owed, asset, directory) if owed else None, "owed_by": owed_by or None,
        "refusal": refusal.name if refusal is not None else None, "changed_at": wire.at_text(row["changed_at"]),
    }  # fmt: skip


def _signed(minor: int, asset: str, call: Call) -> str:
    return ("-" if minor < 0 else "") + format_minor(abs(minor), call.directory.scale(asset))


def whole(row: Found, site: Found | None, moves: list[Found], call: Call) -> shapes.DeliveryWhole:
    """Give a delivery with everything about it."""
    held = bytes(row["receipts"])
    found = msgspec.json.decode(row["found"]) if row["found"] else []
    return shapes.DeliveryWhole(
        **fields(row, site, call),
        receipts=[wire.uuid_text(held[at : at + 16]) for at in range(0, len(held), 16)],
        bill=wire.uuid_or_none(row["bill"]),
        voyage=wire.uuid_or_none(row["voyage"]),
        after_step=row["after_step"] or None,
        weight_kg=row["weight_kg"],
        factors={name: figure(value) for name, value in found},
        agreed_by=row["agreed_by"] or None,
        assign_by=wire.at_text(row["assign_by"]),
        certify_by=wire.at_text(row["certify_by"]),
        object_by=wire.at_text(row["object_by"]),
        fund_by=wire.at_text(row["fund_by"]),
        moves=[move(one, row["currency"], call) for one in moves],
    )


def move(row: Found, asset: str, call: Call) -> shapes.DeliveryMove:
    """Give a step of a delivery."""
    minor = row["amount_minor"]
    return shapes.DeliveryMove(
        event=row["event"],
        state=row["state"],
        amount=wire.amount(minor, asset, call.directory) if minor else None,
        bundle_id=wire.uuid_or_none(row["bundle_id"]),
        document=paper_text(row["document"]),
        bidder=row["bidder"] or None,
        lots=row["lots"] or None,
        price=wire.amount(row["price_minor"], asset, call.directory) if row["price_minor"] else None,
        reason=row["reason"] or None,
        at=wire.at_text(row["at_ns"]),
    )


def auction(row: dict[str, Any], directory: Directory) -> shapes.DeliveryAuction:
    """Give an auction of a failed delivery."""
    asset = row["currency"]
    backed = row["backed_minor"]
    return shapes.DeliveryAuction(
        delivery_id=wire.uuid_text(row["delivery_id"]),
        way="buy_in" if row["buys"] else "sell_out",
        instrument=row["instrument"],
        site=row["site"],
        grade=row["grade"],
        lots=row["lots"],
        unit_kg=row["unit_kg"],
        whole=row["is_bill"],
        price_kg=row["price_kg"],
        agreed=wire.amount(row["agreed_minor"], asset, directory),
        limit=wire.amount(row["limit_minor"], asset, directory),
        closes_at=wire.at_text(row["closes_at"]),
        backed=wire.amount(backed, asset, directory) if backed else None,
        offers=[
            shapes.CoverOffer(
                number=number, bidder=bidder, lots=lots, price=wire.amount(minor, asset, directory)
            )
            for number, bidder, lots, minor in row["offers"]
        ],
    )


def cover(call: Call, asked: shapes.CoverAsked, faults: Faults) -> delivery_cover.OpenFields:
    """Make the fields of an auction."""
    closes_at = wire.instant(asked.closes_at, faults, "/closes_at")
    limit = _own_price(call, asked.limit, faults, "/limit")
    return delivery_cover.OpenFields(path_id(call), closes_at, limit, paper(asked.document))


def back(call: Call, asked: shapes.CoverBack, faults: Faults) -> delivery_cover.BackFields:
    """Make the fields of a price that a side trades on."""
    return delivery_cover.BackFields(path_id(call), _own_price(call, asked.price, faults, "/price"))


def bid(call: Call, asked: shapes.CoverBid, faults: Faults) -> delivery_cover.OfferFields:
    """Make the fields of an offer."""
    held = tuple(wire.uuid_bytes(one) for one in asked.receipts)
    price = _own_price(call, asked.price, faults, "/price")
    return delivery_cover.OfferFields(path_id(call), asked.lots, price, held)


def _own_price(call: Call, price: Money, faults: Faults, pointer: str) -> int:
    """Read a price that must be in a delivery's own currency."""
    row = call.gateway.stores.reader.one("delivery", delivery_id=path_id(call))
    if row is not None and row["currency"] != price.asset:
        faults.add(f"{pointer}/asset", "asset-differs", f"must be {row['currency']}", price.asset)
    return wire.minor(price, call.directory, faults, pointer)


def opened(call: Call, asked: shapes.DeliveryAsked, faults: Faults) -> delivery.OpenFields:
    """Make the fields of a delivery; what a listed contract says needs not be said again."""
    assign_by, certify_by, object_by, fund_by = (
        wire.instant(getattr(asked, name), faults, f"/{name}")
        for name in ("assign_by", "certify_by", "object_by", "fund_by")
    )
    own, listed_in = contract(call, asked.instrument)
    own_money = own if listed_in == asked.price.asset else None
    unit_kg, tolerance_bp = asked.unit_kg, asked.tolerance_bp
    if own is not None:
        unit_kg = unit_kg or own.unit
        tolerance_bp = own.options.tolerance_bp if tolerance_bp is None else tolerance_bp
        if own_money is None and asked.factors is None:
            faults.add(
                "/factors",
                "missing",
                f"is needed where the price is not in {listed_in or 'its basket'}",
                None,
            )
    if not unit_kg:
        faults.add("/unit_kg", "missing", "is needed where no contract says it", None)
    return delivery.OpenFields(
        asked.instrument, asked.site, asked.grade, asked.lots, unit_kg or 0, tolerance_bp or 0,
        wire.minor(asked.price, call.directory, faults, "/price"), asked.price.asset,
        _schedule(call, asked, own, faults), asked.seller,
        asked.buyer or "", assign_by, certify_by, object_by, fund_by, asked.extension_hours * HOUR,
        wire.uuid_bytes(asked.voyage), asked.after_step or "",
        asked.benchmark or "", _trade(call, asked, own, own_money, faults),
    )  # fmt: skip


def contract(call: Call, instrument: str) -> tuple[Contract | None, str]:
    """Give the contract by which an instrument is listed, or None, and the currency it is listed in."""
    row = call.gateway.stores.reader.one("instrument", code=instrument)
    if row is None:
        return None, ""
    listing = msgspec.msgpack.decode(row["terms"], type=Listing)
    found = msgspec.msgpack.decode(listing.terms, type=Contract) if listing.terms else None
    return found, listing.instrument.currency


def _schedule(
    call: Call, asked: shapes.DeliveryAsked, own: Contract | None, faults: Faults
) -> QualitySchedule:
    price_kg = asked.price_kg or (own.price_per if own is not None else PRICE_KG)
    if asked.factors is None:
        return QualitySchedule(own.quality.factors if own is not None else (), price_kg)
    scale = call.directory.scale(asked.price.asset)
    made = [_factor(one, scale, faults, f"/factors/{n}") for n, one in enumerate(asked.factors)]
    return QualitySchedule(tuple(one for one in made if one is not None), price_kg)


def _trade(
    call: Call, asked: shapes.DeliveryAsked, own: Contract | None, own_money: Contract | None, faults: Faults
) -> TradeTerms:
    """Give the terms of trade: what is not asked for is the contract's, at the first of its places."""
    incoterm: str
    incoterm, place, final = asked.incoterm or "", asked.place or "", Final(asked.final_at or Final.LOADING)
    differential, full_bp = 0, asked.full_cargo_bp or 0
    if own is not None:
        incoterm, place = asked.incoterm or own.incoterm, asked.place or own.places[0].place
        final = own.options.final_at if asked.final_at is None else final
        full_bp = own.options.full_cargo_bp if asked.full_cargo else full_bp
    if asked.differential is not None:
        text, scale = asked.differential.removeprefix("-"), call.directory.scale(asked.price.asset)
        minor = wire.minor_of(text, scale, faults, "/differential", zero_allowed=True)
        differential = -minor if asked.differential.startswith("-") else minor
    elif own_money is not None:
        differential = own_money.differential(place) or 0
    return TradeTerms(incoterm, place, differential, full_bp, final)


def cost(call: Call, asked: shapes.CostAsked, faults: Faults) -> delivery_terms.CostFields:
    """Make the fields of a cost that was paid for the other side."""
    minor = wire.minor(asked.amount, call.directory, faults, "/amount")
    return delivery_terms.CostFields(
        path_id(call), Cost(asked.cost), asked.amount.asset, minor, paper(asked.document)
    )


def _cost(one: list[Any], asset: str, call: Call) -> shapes.CostShown:
    name, by, currency, paid, counted, document = one
    return shapes.CostShown(
        cost=name,
        paid_by=by,
        paid=wire.amount(paid, currency, call.directory),
        amount=wire.amount(counted, asset, call.directory),
        document=document,
    )


def _factor(asked: shapes.FactorAsked, scale: int, faults: Faults, pointer: str) -> Factor | None:
    minor = wire.minor_of(asked.step_value, scale, faults, f"{pointer}/step_value", zero_allowed=True)
    try:
        return Factor(
            asked.name, FactorRule(asked.rule), millionths(asked.basis), millionths(asked.step), minor,
            asked.steps_max, asked.point_bp, None if asked.least is None else millionths(asked.least),
            None if asked.most is None else millionths(asked.most),
        )  # fmt: skip
    except ValueError as error:
        faults.add(pointer, "factor", str(error), asked.name)
        return None


def notice(call: Call, asked: shapes.NoticeAsked, faults: Faults) -> delivery_notice.NoticeFields:
    """Make the fields of a notice."""
    longs = tuple(
        (one.participant, wire.date(one.since_on, faults, f"/longs/{n}/since_on"), one.lots)
        for n, one in enumerate(asked.longs)
    )
    return delivery_notice.NoticeFields(asked.instrument, longs)


def named(call: Call, asked: Any, faults: Faults) -> delivery.NamedFields:
    """Make the fields that name a delivery."""
    return delivery.NamedFields(path_id(call))


def papered(call: Call, asked: Any, faults: Faults) -> delivery.PaperFields:
    """Make the fields that name a delivery and a paper about it."""
    return delivery.PaperFields(path_id(call), paper(asked.document))


def assigned(call: Call, asked: shapes.GoodsAsked, faults: Faults) -> delivery.AssignFields:
    """Make the fields that name goods."""
    held = tuple(wire.uuid_bytes(one) for one in asked.receipts)
    return delivery.AssignFields(path_id(call), held, wire.uuid_bytes(asked.bill))


def certified(call: Call, asked: shapes.CertificateAsked, faults: Faults) -> delivery.CertifyFields:
    """Make the fields of a certificate."""
    return delivery.CertifyFields(
        path_id(call), asked.weight_kg, _found(asked.factors, faults), paper(asked.document)
    )


def funded(call: Call, asked: shapes.DeliveryFund, faults: Faults) -> delivery_pay.FundFields:
    """Make the fields of a payment."""
    return delivery_pay.FundFields(path_id(call), wire.uuid_bytes(asked.quote_id))


def ruled(call: Call, asked: shapes.RulingAsked, faults: Faults) -> delivery_rule.RuleFields:
    """Make the fields of a ruling."""
    market = wire.minor(asked.market, call.directory, faults, "/market") if asked.market is not None else 0
    row = call.gateway.stores.reader.one("delivery", delivery_id=path_id(call))
    if asked.market is not None and row is not None and row["currency"] != asked.market.asset:
        faults.add("/market/asset", "asset-differs", f"must be {row['currency']}", asked.market.asset)
    return delivery_rule.RuleFields(
        path_id(call), RULINGS.index(asked.ruling), paper(asked.document), market, asked.weight_kg or 0,
        _found(asked.factors, faults), tuple(Cost(one) for one in asked.without), asked.reason,
    )  # fmt: skip


def _found(factors: dict[str, str], faults: Faults) -> tuple[tuple[str, int], ...]:
    found = []
    for name, text in sorted(factors.items()):
        value = millionths(text)
        if value < 0 or not 0 < len(name) <= 32:
            faults.add(f"/factors/{name}", "figure", "a certificate's figure is zero or more", text)
        found.append((name, max(value, 0)))
    return tuple(found)


NOT_ONES = (DeliveryRefusal.DELIVERY_NOT_FOUND, DeliveryRefusal.DELIVERY_IS_ANOTHERS)
"""Refusals that say a delivery is not there, or not the caller's."""
