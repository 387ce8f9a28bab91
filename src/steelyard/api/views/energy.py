"""Energy as JSON: from bodies to the fields of commands, from the state and the projection to shapes."""

from fractions import Fraction
from typing import Any

import msgspec

from steelyard.api import wire
from steelyard.api.call import Call
from steelyard.api.views import energy_networks as networks
from steelyard.api.views.tenders import scale_of, viewer_of
from steelyard.api.wire import Faults
from steelyard.client import energy as shapes
from steelyard.flows import energy, energy_bill, energy_deal, energy_match, energy_short
from steelyard.market.energy.supplies import MONTHS, Ratio, Supply, SupplyTerms
from steelyard.storage.queries import Found
from steelyard.values.instants import SECOND

YEAR_ZERO = 1970


def month_of(text: str) -> int:
    """Count a month from 1970-01.

    >>> month_of("1970-01"), month_of("2026-11")
    (0, 682)
    """
    return (int(text[:4]) - YEAR_ZERO) * MONTHS + int(text[5:]) - 1


def month_text(month: int) -> str:
    """Write a month.

    >>> month_text(682)
    '2026-11'
    """
    return f"{YEAR_ZERO + month // MONTHS:04d}-{month % MONTHS + 1:02d}"


def ratio(text: str) -> Ratio:
    """Give a decimal as an exact ratio in lowest terms.

    >>> ratio("0.80")
    (4, 5)
    """
    return Fraction(text).as_integer_ratio()


def named(call: Call, asked: Any, faults: Faults) -> energy.NamedFields:
    """Make the fields of an order about the contract in the address."""
    return energy.NamedFields(_id(call))


def registered(call: Call, asked: shapes.SupplyAsked, faults: Faults) -> energy.RegisterFields:
    """Make the fields of a contract."""
    scale = scale_of(call, asked.asset, faults, "/asset")
    plain = asked.base.replace(".", "", 1)
    base: Ratio = (0, 1)
    if plain.isascii() and plain.isdigit() and len(plain) <= 12 and asked.base[0] != "." != asked.base[-1]:
        base = (Fraction(asked.base) * 10**scale).as_integer_ratio()
    else:
        faults.add("/base", "no-price", "must be a decimal of at most 12 digits", asked.base)
    return energy.RegisterFields(
        SupplyTerms(
            asked.buyer, asked.asset, asked.unit, asked.acq, ratio(asked.take_or_pay), month_of(asked.first_month),
            asked.years, tuple((one.point, one.quantity) for one in asked.points), asked.index, base,
            ratio(asked.slope), ratio(asked.above), ratio(asked.tolerance), asked.makeup_years,
            ratio(asked.carry_share), asked.carry_years, asked.notice_s * SECOND, asked.index_is_published,
        )
    )  # fmt: skip


def nominated(call: Call, asked: shapes.NominationAsked, faults: Faults) -> energy.NominateFields:
    """Make the fields of a nomination."""
    points = tuple((one.point, one.quantity) for one in asked.points)
    return energy.NominateFields(_id(call), month_of(asked.month), points)


def given_up(call: Call, asked: shapes.GiveUpAsked, faults: Faults) -> energy.GiveUpFields:
    """Make the fields of a quantity that is given up."""
    return energy.GiveUpFields(_id(call), asked.quantity)


def taken(call: Call, asked: shapes.TakeAsked, faults: Faults) -> energy.TakeFields:
    """Make the fields of what happened in a month."""
    return energy.TakeFields(
        _id(call), month_of(asked.month), asked.taken, asked.shortfall, asked.force_majeure
    )


def confirmed(call: Call, asked: shapes.MonthAsked, faults: Faults) -> energy.MonthFields:
    """Make the fields of a confirmed month."""
    return energy.MonthFields(_id(call), month_of(asked.month), wire.uuid_bytes(asked.quote_id), asked.later)


def index(call: Call, asked: shapes.IndexAsked, faults: Faults) -> energy.IndexFields:
    """Make the fields of an index's value."""
    return energy.IndexFields(asked.index, month_of(asked.month), *ratio(asked.value_minor), asked.source)


def asked_match(call: Call, asked: shapes.MatchAsked, faults: Faults) -> energy_match.AskFields:
    """Make the fields of a network that is to be matched."""
    return energy_match.AskFields(
        networks.nodes(asked.nodes), networks.routes(asked.routes), networks.shared(asked.shared), asked.asset,
        wire.instant(asked.accept_until, faults, "/accept_until"),
    )  # fmt: skip


def brought(call: Call, asked: shapes.MatchBrought, faults: Faults) -> energy_match.MatchFields:
    """Make the fields of a match that was computed elsewhere."""
    return energy_match.MatchFields(
        networks.nodes(asked.nodes), networks.routes(asked.routes), tuple(asked.flows),
        tuple((one.num, one.den) for one in asked.prices), asked.cost_minor, networks.shared(asked.shared),
        None if asked.proof is None else networks.proof(asked.proof), asked.asset,
        wire.instant(asked.accept_until, faults, "/accept_until"),
    )  # fmt: skip


def match_named(call: Call, asked: Any, faults: Faults) -> energy_match.NamedFields:
    """Make the fields of an order about the match in the address."""
    return energy_match.NamedFields(_id(call))


def deal_named(call: Call, asked: Any, faults: Faults) -> energy_deal.NamedFields:
    """Make the fields of an order about the deal in the address."""
    return energy_deal.NamedFields(_id(call))


def short(call: Call, asked: shapes.ShortAsked, faults: Faults) -> energy_short.ShortFields:
    """Make the fields of what was not delivered."""
    return energy_short.ShortFields(_id(call), asked.node, asked.quantity)


def paid_bill(call: Call, asked: shapes.EnergyBillPaid, faults: Faults) -> energy_bill.PayFields:
    """Make the fields of a bill that is paid."""
    return energy_bill.PayFields(_id(call), wire.uuid_bytes(asked.quote_id))


async def supply_of(call: Call) -> Supply | None:
    """Ask the state for the contract in the address, as its seller or buyer."""
    found = await call.gateway.read("supply", _id(call), viewer=viewer_of(call))
    return found.decoded(Supply | None)  # type: ignore[no-any-return]


def _id(call: Call) -> bytes:
    return wire.path_id(call.path_params["id"])


# From the state and the projection to shapes


def supply(row: Found, call: Call) -> shapes.SupplyShown:
    """Give a contract of the list."""
    return shapes.SupplyShown(
        contract_id=wire.uuid_text(row["contract_id"]),
        seller=row["seller"],
        buyer=row["buyer"],
        asset=row["asset"],
        unit=row["unit"],
        acq=row["acq"],
        first_month=month_text(row["first_month"]),
        years=row["years"],
        state=row["state"],
        year=min(row["year"] + 1, row["years"]),
        entered_at=wire.at_text(row["entered_at"]),
        changed_at=wire.at_text(row["changed_at"]),
    )


def whole(
    row: Found, months: list[Found], years: list[Found], live: Supply | None, call: Call
) -> shapes.SupplyWhole:
    """Give a contract with its months and years, and while it runs its terms and its make-up bank."""
    asset = row["asset"]
    return shapes.SupplyWhole(
        contract=supply(row, call),
        terms=_terms(live.terms) if live is not None else None,
        given_up=live.given_up if live is not None else None,
        months=[_month(one, asset, call) for one in months],
        settled_years=[_year(one, asset, call) for one in years],
        makeup=_lots(live.makeup) if live is not None else [],
        carry_forward=_lots(live.carry) if live is not None else [],
    )


def _terms(terms: SupplyTerms) -> shapes.SupplyTermsShown:
    return shapes.SupplyTermsShown(
        take_or_pay=_text(terms.share),
        index=terms.index,
        index_is_published=terms.is_published,
        base_minor=_text(terms.base),
        slope=_text(terms.slope),
        above=_text(terms.above),
        tolerance=_text(terms.tolerance),
        makeup_years=terms.makeup_years,
        carry_share=_text(terms.carry_share),
        carry_years=terms.carry_years,
        notice_s=terms.notice_ns // SECOND,
        points=[shapes.PointShown(point=name, quantity=most) for name, most in terms.points],
    )


def _text(value: Ratio) -> str:
    return str(Fraction(*value))


def _lots(lots: tuple[tuple[int, int, int], ...]) -> list[shapes.LotShown]:
    return [shapes.LotShown(year=year + 1, quantity=str(Fraction(num, den))) for year, num, den in lots]


def _month(row: Found, asset: str, call: Call) -> shapes.SupplyMonthShown:
    is_billed = row["event"] == "CONFIRMED"
    return shapes.SupplyMonthShown(
        month=month_text(row["month"]),
        event=row["event"],
        nominated=row["nominated"],
        taken=row["taken"],
        shortfall=row["shortfall"],
        force_majeure=row["force_majeure"],
        price_minor=row["price"] or None,
        paid=wire.amount(row["amount_minor"], asset, call.directory) if is_billed else None,
        bundle_id=wire.uuid_or_none(row["bundle_id"]),
    )


def _year(row: Found, asset: str, call: Call) -> shapes.SupplyYearShown:
    return shapes.SupplyYearShown(
        year=row["year"] + 1,
        taken=row["taken"],
        top_quantity=row["top_quantity"],
        deficiency=row["deficiency"],
        price_minor=row["price"],
        recovered=row["recovered"],
        expired=row["expired"],
        carry_used=row["carry_used"],
        bank=row["bank"],
        booked_quantity=row["booked_quantity"],
        paid=wire.amount(row["payment_minor"], asset, call.directory),
        repaid=wire.amount(row["repaid_minor"], asset, call.directory),
        bundle_id=wire.uuid_or_none(row["bundle_id"]),
    )


def match(row: Found, call: Call) -> shapes.MatchShown:
    """Give a published match."""

    def listed(name: str) -> Any:
        return msgspec.json.decode(row[name] or "[]")

    return shapes.MatchShown(
        match_id=wire.uuid_text(row["match_id"]),
        digest=bytes(row["digest"]).hex(),
        state=row["state"],
        asset=row["asset"] or None,
        cost_minor=row["cost"],
        surplus_minor=row["surplus"] or None,
        gap_minor=row["gap_minor"],
        flows=[shapes.RouteUsed(route=name, quantity=count) for name, count in listed("flows")],
        prices=[
            shapes.NodePrice(node=name, price_minor=low, highest_minor=high or None)
            for name, low, high in listed("prices")
        ],
        rents=[shapes.SharedRent(shared=name, rent_minor=rent) for name, rent in listed("rents")],
        marginal=listed("marginal"),
        unserved=[
            shapes.NodeLeft(node=name, quantity=count, why=why) for name, count, why in listed("unserved")
        ],
        unsold=[shapes.NodeLeft(node=name, quantity=count, why=None) for name, count in listed("unsold")],
        delivered=[shapes.NodeServed(node=name, quantity=count) for name, count in listed("delivered")],
        at=wire.at_text(row["at_ns"]),
    )  # fmt: skip


def deal(row: Found, call: Call) -> shapes.EnergyDealShown:
    """Give a deal."""
    return shapes.EnergyDealShown(
        match_id=wire.uuid_text(row["match_id"]),
        asset=row["asset"],
        state=row["state"],
        parties=row["parties"].split(),
        accepted=row["accepted"].split(),
        accept_until=wire.at_text(row["accept_until"]),
        dues=[
            shapes.EnergyDueShown(
                month=month_text(month), debtor=debtor, creditor=creditor,
                amount=wire.amount(minor, row["asset"], call.directory),
            )
            for month, debtor, creditor, minor in msgspec.json.decode(row["dues"] or "[]")
        ],
        served=[
            shapes.EnergyServed(
                node=node, owner=owner, month=month_text(month), quantity=count, price_minor=str(Fraction(price))
            )
            for node, owner, month, count, price in msgspec.json.decode(row["served"] or "[]")
        ],
        shortfalls=[
            shapes.EnergyShortfall(
                node=node, party=party, quantity=count, amount=wire.amount(minor, row["asset"], call.directory)
            )
            for node, party, count, minor in msgspec.json.decode(row["shortfalls"] or "[]")
        ],
        entered_at=wire.at_text(row["entered_at"]),
        changed_at=wire.at_text(row["changed_at"]),
    )  # fmt: skip


def bill(row: Found, call: Call) -> shapes.EnergyBillShown:
    """Give a bill."""
    return shapes.EnergyBillShown(
        bill_id=wire.uuid_text(row["bill_id"]),
        subject=wire.uuid_text(row["subject"]),
        what=row["what"],
        month=month_text(row["month"]),
        debtor=row["debtor"],
        creditor=row["creditor"],
        amount=wire.amount(row["amount_minor"], row["asset"], call.directory),
        open=wire.amount(row["amount_minor"] - row["paid_minor"], row["asset"], call.directory),
        due_at=wire.at_text(row["due_at"]),
        uetr=wire.uuid_text(row["uetr"]),
        state=row["state"],
        bundle_id=wire.uuid_or_none(row["bundle_id"]),
        entered_at=wire.at_text(row["entered_at"]),
        changed_at=wire.at_text(row["changed_at"]),
    )


def index_row(row: Found, call: Call) -> shapes.IndexShown:
    """Give an index's value."""
    return shapes.IndexShown(
        index=row["name"],
        month=month_text(row["month"]),
        value_minor=_text((row["num"], row["den"])),
        source=row["source"],
    )
