"""Surplus that goes round in rings: offered, matched, agreed to by each holder or gone."""

from typing import Any

import msgspec

from steelyard.api import listing, wire
from steelyard.api.auth.visibility import Views, view_of
from steelyard.api.call import Call, Reply, tell
from steelyard.api.listing import ITEMS, Field, Listing
from steelyard.api.orders import done, order
from steelyard.api.problems import ProblemError
from steelyard.api.route import Param, Route, lists
from steelyard.api.wire import Faults
from steelyard.client import rings as shapes
from steelyard.client import types
from steelyard.flows.liquidity_facts import RingMoved
from steelyard.flows.ring import NamedFields, OfferFields, ProposeFields
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.liquidity.rings import Ring, Swap
from steelyard.storage.queries import Found

RINGS_MAX = 10_000
Swaps = list[tuple[str, int, str, int, str]]


async def offer_surplus(call: Call) -> Reply:
    """Mark money as surplus that may be placed for another currency; it stays free until a ring is booked."""
    asked, faults, directory = call.asked(shapes.SurplusAsked), Faults(), call.directory
    held = asked.amount.asset
    if held not in directory.assets:
        faults.add("/amount/asset", "asset-unknown", "no asset of this code is booked here", held)
        faults.end()
    scale = directory.scale(held)
    minor = wire.minor_of(asked.amount.value, scale, faults, "/amount/value", zero_allowed=True)
    keep = wire.minor_of(asked.keep, scale, faults, "/keep", zero_allowed=True)
    faults.end()
    return tell(
        done(await order(call, "surplus.offer", OfferFields(held, asked.wanted, minor, keep)), subject=held)
    )


async def list_surplus_offers(call: Call) -> Reply:
    """List what one offers, by holder and currency; those who read the whole network see all offers."""
    return await listing.answer(call, OFFERS)


async def list_ring_standing(call: Call) -> Reply:
    """List how many matches one has let lapse, and until when one's offers rest; none where one has let none."""
    return await listing.answer(call, STANDING)


async def list_rings(call: Call) -> Reply:
    """List the rings in which one has a part, newest first; those who read the whole network see all."""
    reader, view = call.gateway.stores.reader, view_of(call.who, call.directory.members)

    def work() -> list[Found]:
        rows = reader.page("ring", limit=RINGS_MAX, newest_first=True)
        if view.owners is None:
            return rows
        mine = reader.page("ring_holder", [("holder", "in", view.owners)], limit=RINGS_MAX, newest_first=True)
        ids = {one["ring_id"] for one in mine}
        return [row for row in rows if row["ring_id"] in ids]

    rows = await call.gateway.aside(work)
    items = [_ring(row, call) for row in rows]
    return await listing.answer_items(
        call, shapes.RingOfSwaps, items, lambda one: (one.proposed_at, one.ring_id)
    )


async def match_rings(call: Call) -> Reply:
    """Match rings of what is offered now, at the rates of now, and ask their holders."""
    found = await order(call, "ring.propose", ProposeFields())
    opened = found.fact(RingMoved)
    return tell(done(found, state="open" if opened is not None else None))


def _says(word: str, name: str, about: str) -> Any:
    """Give the function of a route by which a holder says yes or no."""

    async def run(call: Call) -> Reply:
        fields = NamedFields(wire.path_id(call.path_params["id"]))
        found = await order(call, f"ring.{word}", fields)
        if found.outcome.refusal == LiquidityRefusal.RING_NOT_FOUND.code:
            raise ProblemError("not-found")
        moved = found.fact(RingMoved)
        return tell(done(found, state=moved.state if moved else None, subject=wire.uuid_text(fields.ring_id)))

    run.__name__, run.__doc__ = name, f"{about}."
    return run


def _ring(row: Found, call: Call) -> shapes.RingOfSwaps:
    directory, consents = call.directory, row["consents"].split()
    swaps = [Swap(*one) for one in msgspec.json.decode(row["swaps"], type=Swaps)]
    codes = {code for one in swaps for code in (one.gives, one.gets)}
    problem, _ = wire.refusal(row["refusal"])
    return shapes.RingOfSwaps(
        ring_id=wire.uuid_text(row["ring_id"]),
        sentence=Ring(tuple(swaps), 0).sentence({code: directory.scale(code) for code in codes}),
        swaps=[
            shapes.RingSwap(
                holder=one.holder,
                gives=wire.amount(one.gives_minor, one.gives, directory),
                gets=wire.amount(one.gets_minor, one.gets, directory),
                consents=one.holder in consents,
            )
            for one in swaps
        ],
        state=row["state"],
        refusal=problem.code if problem is not None else None,
        bundle_id=wire.uuid_or_none(row["bundle_id"]),
        expires_at=wire.at_text(row["expires_at"]),
        proposed_at=wire.at_text(row["entered_at"]),
        changed_at=wire.at_text(row["changed_at"]),
    )


def _offer(row: Found, call: Call) -> shapes.SurplusOffer:
    return shapes.SurplusOffer(
        participant=row["owner"],
        amount=wire.amount(row["amount_minor"], row["held"], call.directory),
        wanted=row["wanted"],
        keep=wire.amount(row["keep_minor"], row["held"], call.directory),
    )


def _standing_of(row: Found, call: Call) -> shapes.RingStanding:
    return shapes.RingStanding(
        participant=row["owner"],
        lapses=row["lapses"],
        last=row["state"],
        ring_id=wire.uuid_text(row["ring_id"]),
        lapsed_at=wire.at_text(row["lapsed_at"]),
        rests_until_at=wire.at_text(row["rests_until"]) if row["rests_until"] else None,
    )


def _standing(call: Call) -> Views:
    """Give the views of offers that have not been taken back."""
    views = view_of(call.who, call.directory.members).of("owner")
    return [[*view, ("amount_minor", ">", 0)] for view in views]


OFFERS = Listing(
    "surplus_offer",
    shapes.SurplusOffer,
    _offer,
    _standing,
    (Field(Param("held", "asset", "Offered in this currency."), "held"),),
)
STANDING = Listing(
    "ring_standing",
    shapes.RingStanding,
    _standing_of,
    lambda call: view_of(call.who, call.directory.members).of("owner"),
)
_AT = "/v1/rings/{id}"
_YES, _NO = "Say yes to one's part in a ring", "Say no to one's part in a ring"
ROUTES = (
    Route(
        "PUT", "/v1/surplus/offers", "trade", offer_surplus, "Offer surplus for another currency",
        shapes.SurplusAsked, types.Done, keyed=True,
    ),
    lists(
        "/v1/surplus/offers", "read", list_surplus_offers, "Offers of surplus", shapes.SurplusOffer, OFFERS.query,
    ),
    lists("/v1/rings", "read", list_rings, "Rings of surplus", shapes.RingOfSwaps, ITEMS),
    lists(
        "/v1/rings/standing", "read", list_ring_standing, "How holders answer rings of surplus",
        shapes.RingStanding, STANDING.query,
    ),
    Route("POST", "/v1/rings", "batch", match_rings, "Match rings of surplus", told=types.Done, keyed=True),
    Route(
        "POST", f"{_AT}/consent", "trade", _says("consent", "consent_ring", _YES), _YES, told=types.Done,
        keyed=True,
    ),
    Route(
        "POST", f"{_AT}/decline", "trade", _says("decline", "decline_ring", _NO), _NO, told=types.Done,
        keyed=True,
    ),
)  # fmt: skip
