"""Tenders as JSON: from bodies to the fields of commands, from the state and the projection to shapes."""

from typing import Any

from steelyard.api import wire
from steelyard.api.auth.visibility import view_of
from steelyard.api.call import Call
from steelyard.api.problems import ProblemError
from steelyard.api.views import tender_words
from steelyard.api.wire import Faults
from steelyard.client import tenders as shapes
from steelyard.flows import tender_bid
from steelyard.flows.tender import CancelFields, DraftFields, NamedFields, RatesFields
from steelyard.flows.tender_bid import BidFields, OfferFields, RevealFields
from steelyard.market.award import Award
from steelyard.market.entry_price import NEVER, UNKNOWN
from steelyard.market.incoterms import Cost
from steelyard.market.tender import ALWAYS, FAR, FOREVER, Capacity, CostRate, Offer, Vessel
from steelyard.market.tenders import UNSAID, Bid, TenderCase, Terms
from steelyard.storage.queries import Found
from steelyard.values.amount import format_minor
from steelyard.values.instants import SECOND


def named(call: Call, asked: Any, faults: Faults) -> NamedFields:
    """Make the fields of an order about the tender in the address."""
    return NamedFields(_id(call))


def bid_named(call: Call, asked: Any, faults: Faults) -> tender_bid.NamedFields:
    """Make the fields of an order about one's bid in it."""
    return tender_bid.NamedFields(_id(call))


def draft(call: Call, asked: shapes.TenderAsked, faults: Faults) -> DraftFields:
    """Make the fields of a draft."""
    scale = scale_of(call, asked.asset, faults, "/asset")
    bond, budget = (
        0 if text is None else wire.minor_of(text, scale, faults, f"/{name}", zero_allowed=True)
        for name, text in (("bond", asked.bond), ("budget", asked.budget))
    )
    terms = Terms(
        asked.asset, asked.cargoes, asked.cargo_t,
        tuple(_vessel(call, one, asked.asset, faults, f"/vessels/{n}") for n, one in enumerate(asked.vessels)),
        wire.instant(asked.close_at, faults, "/close_at"), wire.instant(asked.open_at, faults, "/open_at"),
        asked.standstill_s * SECOND, asked.decide_s * SECOND, asked.sign_s * SECOND,
        UNSAID if asked.bond is None else bond, asked.forfeits, asked.origin_max,
        tuple(_capacity(one, faults, f"/capacities/{n}") for n, one in enumerate(asked.capacities)), budget,
        asked.suppliers_max, asked.insurance_bp, asked.finance_bp,
        tuple(
            CostRate(Cost(one.cost), wire.minor_of(one.rate, scale, faults, f"/costs/{n}/rate", zero_allowed=True))
            for n, one in enumerate(asked.costs)
        ),
    )  # fmt: skip
    return DraftFields(terms)


def rates(call: Call, asked: shapes.TenderRates, faults: Faults) -> RatesFields:
    """Make the fields of firm rates."""
    return RatesFields(_id(call), tuple(wire.uuid_bytes(one) for one in asked.quote_ids))


def cancelled(call: Call, asked: shapes.TenderCancel, faults: Faults) -> CancelFields:
    """Make the fields of a cancelled tender."""
    return CancelFields(_id(call), asked.reason)


def bid(call: Call, asked: shapes.BidAsked, faults: Faults) -> BidFields:
    """Make the fields of a sealed bid."""
    return BidFields(_id(call), bytes.fromhex(asked.commitment))


async def revealed(call: Call, asked: shapes.RevealAsked, faults: Faults) -> RevealFields:
    """Make the fields of what is revealed: the very bytes that `client.sealing` hashes."""
    case = await case_of(call)
    if case is None:
        raise ProblemError("not-found")
    asset = case.terms.asset
    offers = tuple(_offer(call, one, asset, faults, f"/offers/{n}") for n, one in enumerate(asked.offers))
    return RevealFields(_id(call), offers, bytes.fromhex(asked.salt))


async def case_of(call: Call) -> TenderCase | None:
    """Ask the state for the tender in the address, as the caller may see it."""
    found = await call.gateway.read("tender", _id(call), viewer=viewer_of(call))
    return found.decoded(TenderCase | None)  # type: ignore[no-any-return]


def viewer_of(call: Call) -> str:
    """Give as whom the state is asked: those who read the whole network as nobody in particular."""
    return "" if view_of(call.who, call.directory.members).owners is None else call.who.owner


def scale_of(call: Call, asset: str, faults: Faults, pointer: str) -> int:
    """Give how many decimals an asset has; the fault is noted where there is none of this code."""
    row = call.directory.assets.get(asset)
    if row is None:
        faults.add(pointer, "asset-unknown", "no asset of this code is booked here", asset)
        return 0
    return row.scale


def _id(call: Call) -> bytes:
    return wire.path_id(call.path_params["id"])


def _window(one: Any, faults: Faults, pointer: str) -> tuple[int, int]:
    first = wire.date(one.from_on, faults, f"{pointer}/from_on") if one.from_on else ALWAYS[0]
    last = wire.date(one.to_on, faults, f"{pointer}/to_on") if one.to_on else FAR
    return first, last


def _until(text: str | None, faults: Faults, pointer: str) -> int:
    return FOREVER if text is None else wire.instant(text, faults, f"{pointer}/valid_until")


def _vessel(call: Call, one: shapes.VesselAsked, asset: str, faults: Faults, pointer: str) -> Vessel:
    currency = "" if one.currency in (None, asset) else str(one.currency)
    scale = (
        scale_of(call, currency, faults, f"{pointer}/currency") if currency else call.directory.scale(asset)
    )
    return Vessel(
        one.id, one.port, wire.minor_of(one.rate, scale, faults, f"{pointer}/rate", zero_allowed=True), one.count,
        currency, one.size_t, _window(one, faults, pointer), _until(one.valid_until, faults, pointer),
    )  # fmt: skip


def _capacity(one: shapes.CapacityAsked, faults: Faults, pointer: str) -> Capacity:
    return Capacity(one.port, one.cargoes_max, _window(one, faults, pointer))


def _offer(call: Call, one: shapes.OfferAsked, asset: str, faults: Faults, pointer: str) -> OfferFields:
    currency = "" if one.currency in (None, asset) else str(one.currency)
    scale = (
        scale_of(call, currency, faults, f"{pointer}/currency") if currency else call.directory.scale(asset)
    )
    return OfferFields(
        one.id, one.origin, one.port, wire.minor_of(one.price, scale, faults, f"{pointer}/price"), one.cargoes_max,
        one.cargoes_min, currency, _window(one, faults, pointer), _until(one.valid_until, faults, pointer),
        one.pay_days, one.incoterm,
    )  # fmt: skip


# From the state to shapes


def row(found: Found, call: Call) -> shapes.TenderShown:
    """Give a tender of the list."""
    return shapes.TenderShown(
        tender_id=wire.uuid_text(found["tender_id"]),
        buyer=found["buyer"],
        asset=found["asset"],
        cargoes=found["cargoes"],
        cargo_t=found["cargo_t"],
        bond=wire.amount(found["bond_minor"], found["asset"], call.directory),
        state=found["state"],
        due_at=wire.at_or_none(found["due_at"]),
        reason=found["reason"],
        entered_at=wire.at_text(found["entered_at"]),
        changed_at=wire.at_text(found["changed_at"]),
    )


def whole(case: TenderCase, call: Call) -> shapes.TenderWhole:
    """Give a tender with its terms and what may be seen of its bids."""
    terms, asset = case.terms, case.terms.asset
    step, by = tender_words.next_of(case)

    def amount(minor: int) -> Any:
        return wire.amount(minor, asset, call.directory)

    return shapes.TenderWhole(
        tender_id=wire.uuid_text(case.tender_id),
        buyer=case.buyer,
        state=case.state.value,
        due_at=wire.at_or_none(case.due_at),
        reason=case.reason,
        asset=asset,
        cargoes=terms.cargoes,
        cargo_t=terms.cargo_t,
        close_at=wire.at_text(terms.close_at),
        open_at=wire.at_text(terms.open_at),
        standstill_s=terms.standstill_ns // SECOND,
        decide_s=terms.decide_ns // SECOND,
        sign_s=terms.sign_ns // SECOND,
        bond=amount(terms.bond_minor),
        forfeits=bool(terms.forfeits),
        origin_max=terms.origin_max,
        budget=amount(terms.budget_minor) if terms.budget_minor else None,
        suppliers_max=terms.suppliers_max,
        insurance_bp=terms.insurance_bp,
        finance_bp=terms.finance_bp,
        costs=[
            shapes.CostRateShown(cost=one.cost.value, rate=_price(one.rate_minor, asset, call)) for one in terms.costs
        ],
        vessels=[_vessel_shown(one, asset, call) for one in terms.vessels],
        capacities=[
            shapes.CapacityShown(port=one.port, cargoes_max=one.cargoes_max, **_days(one.window))
            for one in terms.capacities
        ],
        rates=[
            shapes.RateOfTender(
                currency=one.currency, num=str(one.num), den=str(one.den), valid_until=wire.at_text(one.valid_until)
            )
            for one in case.rates
        ],
        bids=[_bid(one, asset, call) for one in case.bids.values()],
        award=_award(case.award, case, call) if case.award is not None else None,
        stands_until=wire.at_or_none(case.stands_until),
        happened=tender_words.happened(case),
        next_step=step,
        next_by=by,
    )  # fmt: skip


def _days(window: tuple[int, int]) -> dict[str, str | None]:
    first, last = window
    return {
        "from_on": wire.on_or_none(first),
        "to_on": None if last == FAR else wire.on_or_none(last),
    }


def _ends(at: int) -> str | None:
    return None if at >= FOREVER else wire.at_text(at)


def _price(minor: int, currency: str, call: Call) -> str:
    return format_minor(minor, call.directory.scale(currency))


def _vessel_shown(one: Vessel, asset: str, call: Call) -> shapes.VesselShown:
    currency = one.currency or asset
    return shapes.VesselShown(
        id=one.id, port=one.port, rate=_price(one.rate_minor, currency, call), count=one.count, currency=currency,
        size_t=one.size_t, valid_until=_ends(one.valid_until), **_days(one.laycan),
    )  # fmt: skip


def _bid(one: Bid, asset: str, call: Call) -> shapes.BidShown:
    return shapes.BidShown(
        bidder=one.bidder,
        commitment=one.commitment.hex(),
        bid_at=wire.at_text(one.bid_at),
        salt=one.salt.hex() or None,
        bond_held=bool(one.bond),
        signed=one.signed,
        out=one.out,
        offers=[_offer_shown(offer, asset, call) for offer in one.offers],
    )


def _offer_shown(one: Offer, asset: str, call: Call) -> shapes.OfferOpened:
    currency = one.currency or asset
    return shapes.OfferOpened(
        id=one.id, origin=one.origin, port=one.port, price=_price(one.price_minor, currency, call),
        currency=currency, cargoes_min=one.cargoes_min, cargoes_max=one.cargoes_max,
        valid_until=_ends(one.valid_until), pay_days=one.pay_days, incoterm=one.incoterm, **_days(one.laycan),
    )  # fmt: skip


def _award(award: Award, case: TenderCase, call: Call) -> shapes.AwardShown:
    asset = case.terms.asset
    currencies = {offer.id: offer.currency or asset for bid in case.bids.values() for offer in bid.offers}

    def amount(minor: int) -> Any:
        return wire.amount(minor, asset, call.directory)

    return shapes.AwardShown(
        digest=award.digest.hex(),
        cargoes=[
            shapes.AwardLine(offer=offer, vessel=vessel, cargoes=count) for offer, vessel, count in award.cargoes
        ],
        nothing=None if award.cargoes else tender_words.nothing(award),
        cost=amount(award.cost_minor) if award.cargoes else None,
        bound=amount(award.bound_minor) if award.cargoes else None,
        gap=amount(award.gap_minor) if award.cargoes else None,
        proved=award.proved,
        second_best=amount(award.second_minor) if award.second_minor >= 0 else None,
        second_is_known=award.second_minor != UNKNOWN,
        rejected=[
            shapes.OfferRejected(
                offer=one.offer,
                why=one.why,
                entry_price=(
                    _price(one.entry_minor, currencies[one.offer], call) if one.entry_minor > NEVER else None
                ),
                entry_is_known=one.entry_minor != UNKNOWN,
            )
            for one in award.rejected
        ],
        conflict=list(award.conflict),
    )  # fmt: skip
