"""An award as it is published, and the check of it: what anybody finds out from the file alone.

`steelyard-tender/1`: the tender as it was evaluated, every bid with its commitment, salt and content, and the award.
Commitments must be of what was revealed, the offers evaluated must be those revealed, and the award must come of
them by the machine's own check; with a solver at hand it is computed anew and must be the same.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, structs

from steelyard.flows.tender_bid import OfferFields
from steelyard.market.award import Award, Proposal, Rejected, check, propose
from steelyard.market.entry_price import UNKNOWN
from steelyard.market.tender import Capacity, CostRate, FirmRate, Offer, Tender, Vessel
from steelyard.market.tender_solver import TenderSolver, TooHard
from steelyard.market.tenders import TenderCase, commitment

FORMAT = "steelyard-tender/1"
Hex = Annotated[str, Meta(pattern=r"^([0-9a-f]{2})*$(?!\n)")]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
Id = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}$(?!\n)")]
_PARTS: dict[str, Any] = {
    "offers": Offer, "vessels": Vessel, "capacities": Capacity, "rates": FirmRate, "costs": CostRate,
}  # fmt: skip
_contents = msgspec.msgpack.Decoder(tuple[OfferFields, ...])


class BidPublished(Struct, frozen=True, forbid_unknown_fields=True):
    """A bid; `content` is what was revealed, empty where nothing was. `out`: left out when it did not sign."""

    bidder: str
    bid_at: int
    commitment: Digest
    salt: Hex
    content: Hex
    out: bool


class AwardPublished(Struct, frozen=True, forbid_unknown_fields=True):
    """The award: cargoes as (offer, vessel, count), rejected offers as (offer, why, entry price).

    A second best of -1: there is none; -2, as an entry price too: not known.
    """

    digest: Digest
    cargoes: tuple[tuple[str, str, int], ...]
    cost_minor: int
    bound_minor: int
    proved: bool
    second_minor: int
    rejected: tuple[tuple[str, str, int], ...]
    conflict: tuple[str, ...]


class TenderFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A published award. `tender` has the fields of `market.tender.Tender` by their names."""

    format: str
    tender_id: Id
    buyer: str
    asset: str
    tender: dict[str, Any]
    bids: tuple[BidPublished, ...]
    award: AwardPublished


class FileMalformed(ValueError):
    """What was read is no award of this format; says where."""


class Verdict(Struct, frozen=True):
    """What a check found. `is_anew`: computed anew by a solver, and the same."""

    bids: int
    offers: int
    cargoes: int
    cost_minor: int
    bound_minor: int
    proved: bool
    is_anew: bool
    faults: tuple[str, ...]


def of_case(case: TenderCase) -> TenderFile | None:
    """Give the file of a tender, or None before it is evaluated."""
    award = case.award
    if award is None:
        return None
    bids = tuple(
        BidPublished(
            bid.bidder, bid.bid_at, bid.commitment.hex(), bid.salt.hex(), bid.content.hex(), bid.out
        )
        for bid in case.bids.values()
    )  # fmt: skip
    return TenderFile(
        FORMAT, case.tender_id.hex(), case.buyer, case.terms.asset, _named(case.problem()), bids,
        AwardPublished(
            award.digest.hex(), award.cargoes, award.cost_minor, award.bound_minor, award.proved,
            award.second_minor, tuple((one.offer, one.why, one.entry_minor) for one in award.rejected),
            award.conflict,
        ),
    )  # fmt: skip


def write(file: TenderFile) -> bytes:
    """Give the bytes that are published."""
    return msgspec.json.encode(file) + b"\n"


def read(data: bytes) -> TenderFile:
    """Read an award's file; raises FileMalformed."""
    try:
        file = msgspec.json.decode(data, type=TenderFile)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise FileMalformed(str(error)) from None
    if file.format != FORMAT:
        raise FileMalformed(f"the format is {file.format}, not {FORMAT}")
    tender_of(file)
    return file


def tender_of(file: TenderFile) -> Tender:
    """Give the tender that was evaluated; raises FileMalformed."""
    try:
        return msgspec.convert(_values(Tender, file.tender), Tender)
    except (msgspec.MsgspecError, OverflowError) as error:
        raise FileMalformed(f"tender: {error}") from None


def verify(file: TenderFile, *, solver: TenderSolver | None = None) -> Verdict:
    """Check a file, and with a solver compute its award anew."""
    tender, award = tender_of(file), file.award
    faults = [*_of_bids(file, tender)]
    if tender.digest.hex() != award.digest:
        faults.append("award: its digest is not that of the tender in the file")
    made = _award(award)
    if award.cargoes or award.conflict:
        found = check(tender, _proposal(award))
        if not isinstance(found, Award):
            faults.append(f"award: {found.name}: {found.rule}")
        elif found != made:
            faults.append("award: what is said of the offers that were rejected does not come of them")
    elif made != Award(made.digest, (), 0, 0, False, -1, ()):
        faults.append("award: nothing was found, and still something is said of it")
    is_anew = False
    if solver is not None and award.proved and not faults:
        is_anew = _is_the_same(tender, made, solver, faults)
    return Verdict(
        len(file.bids), len(tender.offers), sum(count for *_, count in award.cargoes), award.cost_minor,
        award.bound_minor, award.proved, is_anew, tuple(faults),
    )  # fmt: skip


def _is_the_same(tender: Tender, made: Award, solver: TenderSolver, faults: list[str]) -> bool:
    try:
        found = check(tender, propose(tender, solver=solver))
    except TooHard:
        return False
    if isinstance(found, Award) and found.proved:
        if _agree(found, made):
            return True
        faults.append(
            f"award: computed anew it is {_words(found)} at {found.cost_minor}, second best {found.second_minor}"
        )
    return False


def _agree(found: Award, made: Award) -> bool:
    """Tell whether two awards are one; what either does not know of second best and entry prices, the other may."""
    if (found.cargoes, found.cost_minor, found.conflict) != (made.cargoes, made.cost_minor, made.conflict):
        return False
    pairs = [(found.second_minor, made.second_minor)]
    pairs += [
        (one.entry_minor, other.entry_minor) for one, other in zip(found.rejected, made.rejected, strict=True)
    ]
    return all(one == other or UNKNOWN in (one, other) for one, other in pairs)


def _words(award: Award) -> str:
    return ", ".join(f"{count} x {offer} on {vessel}" for offer, vessel, count in award.cargoes) or "none"


def _of_bids(file: TenderFile, tender: Tender) -> list[str]:
    """Say what is wrong with bids: commitments that are of other content, offers that nobody made."""
    faults, offers = [], []
    names = [one.bidder for one in file.bids]
    if len(set(names)) < len(names):
        faults.append("bids: a bidder is there twice")
    for one in file.bids:
        if not one.content:
            continue
        content = bytes.fromhex(one.content)
        sealed = commitment(bytes.fromhex(file.tender_id), one.bidder, content, bytes.fromhex(one.salt))
        if sealed.hex() != one.commitment:
            faults.append(f"bids: what {one.bidder} revealed is not what it committed to")
            continue
        try:
            revealed = _contents.decode(content)
        except msgspec.MsgspecError:
            faults.append(f"bids: what {one.bidder} revealed are no offers")
            continue
        if not one.out:
            offers += [_offer(file, one, each) for each in revealed]
    if tuple(offers) != tender.offers:
        faults.append("tender: the offers evaluated are not those revealed")
    return faults


def _offer(file: TenderFile, bid: BidPublished, one: OfferFields) -> Offer:
    """Give an offer as it is evaluated: under its bidder's name, from when it was committed to."""
    currency = "" if one.currency == file.asset else one.currency
    return Offer(
        f"{bid.bidder}/{one.id}", bid.bidder, one.origin, one.port, one.price_minor, one.cargoes_max,
        one.cargoes_min, currency, one.laycan, bid.bid_at, one.valid_until, one.pay_days,
        one.incoterm,
    )  # fmt: skip


def _award(one: AwardPublished) -> Award:
    return Award(
        bytes.fromhex(one.digest), one.cargoes, one.cost_minor, one.bound_minor, one.proved, one.second_minor,
        tuple(Rejected(*each) for each in one.rejected), one.conflict,
    )  # fmt: skip


def _proposal(one: AwardPublished) -> Proposal:
    entries = tuple((offer, entry) for offer, _, entry in one.rejected if entry != UNKNOWN)
    return Proposal(
        bytes.fromhex(one.digest), one.cargoes, one.cost_minor, one.bound_minor, one.proved, one.second_minor,
        entries, one.conflict,
    )  # fmt: skip


def _named(tender: Tender) -> dict[str, Any]:
    """Give a tender with the names of its fields, so that people can read it."""
    found = structs.asdict(tender)
    return found | {name: [structs.asdict(one) for one in found[name]] for name in _PARTS}


def _values(kind: type[Struct], named: dict[str, Any]) -> list[Any]:
    """Give the values of named fields in their order; every field is there, and no other."""
    names = kind.__struct_fields__
    if set(named) != set(names):
        raise FileMalformed(f"tender: the fields of {kind.__name__} are {' '.join(names)}")
    return [
        [_values(_PARTS[name], one) for one in _objects(name, named[name])] if name in _PARTS else named[name]
        for name in names
    ]


def _objects(name: str, given: Any) -> Sequence[dict[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise FileMalformed(f"tender: {name} is a list of objects")
    return given
