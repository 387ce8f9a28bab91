"""How clearing is set up: a desk per currency, contracts, collateral; and how a participant joins.

The first three are the operator's, two people each. A participant joins for a currency by two of its own people: that
is its mandate for the house to collect variation margin from its settlement account.
"""

from typing import Annotated

from msgspec import Meta, Struct, structs

from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import clearing_money as money
from steelyard.flows import openings
from steelyard.flows.clearing_facts import ClearingJoined, ClearingSet
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Day, Label, Name
from steelyard.flows.world import World
from steelyard.market.clearing.collateral import CASH, RECEIPT, WHOLE_BP, Accepted
from steelyard.market.clearing.house import CONTRACTS_MAX, MEMBERS_MAX, Desk
from steelyard.market.clearing.positions import Terms
from steelyard.market.refusals.clearing import ClearingRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

TAKES = (CASH, RECEIPT)
Bp = Annotated[int, Meta(ge=0, le=WHOLE_BP)]
Ms = Annotated[int, Meta(ge=1, le=30 * 86_400_000)]
Price = Annotated[int, Meta(ge=0, lt=10**12)]
Lots = Annotated[int, Meta(ge=0, lt=10**9)]


class DeskFields(Struct, array_like=True, frozen=True, gc=False):
    """A currency's desk: who provides the house's money in it, times, and rules of the default fund."""

    asset: Name
    sponsor: Name
    collect_ms: Ms = 7_200_000
    grace_ms: Ms = 3_600_000
    assessments_bp: Bp = WHOLE_BP
    least_minor: Annotated[int, Meta(ge=0, lt=10**15)] = 0
    non_bidders_first: bool = False


class ContractFields(Struct, array_like=True, frozen=True, gc=False):
    """Terms of a contract: those of `market.clearing.positions.Terms`, all anew."""

    contract: Label
    commodity: Label
    asset: Name
    unit_kg: Annotated[int, Meta(ge=1, lt=10**12)]
    tick_minor: Annotated[int, Meta(ge=1, lt=10**12)]
    scan_range_minor: Annotated[int, Meta(ge=1, lt=10**12)]
    spread_minor: Price = 0
    limit_lots: Lots = 0
    delivery_limit_lots: Lots = 0
    delivery_from_on: Day = 2_000_000
    delivery_bp: Bp = 0
    median_lots: Lots = 0


class AcceptFields(Struct, array_like=True, frozen=True, gc=False):
    """What counts as collateral, and for how much: cash of a currency, or receipts of a class."""

    asset: Name
    kind: Name
    currency: Name
    haircut_bp: Bp = 0
    mismatch_bp: Bp = 0
    price_num: Annotated[int, Meta(ge=1, lt=10**18)] = 1
    price_den: Annotated[int, Meta(ge=1, lt=10**18)] = 1
    cap_bp: Bp = WHOLE_BP


class JoinFields(Struct, array_like=True, frozen=True, gc=False):
    """For which currency."""

    asset: Name


def put_desk(world: World, command: Command, fields: DeskFields, at: Instant) -> Outcome:
    """Set up the clearing of a currency, or change its desk."""
    if fields.asset not in world.members.assets:
        return refused(MemberRefusal.CURRENCY_NOT_FOUND)
    if world.members.settlement_account(fields.sponsor, fields.asset) is None:
        return refused(MemberRefusal.PARTICIPANT_NOT_FOUND)
    old = world.clearing.desks.get(fields.asset)
    if old is not None and old.sponsor != fields.sponsor and _has_money(world, fields.asset):
        return refused(No.CLEARING_TERMS_OUT_OF_RANGE)
    diary = Diary()
    refusal = _opened(world, diary, (money.CLEARING, money.LIQUIDITY, money.CAPITAL), OPERATOR, fields.asset)
    if refusal is not None:
        return refused(refusal)
    desk = Desk(**structs.asdict(fields))
    world.clearing.desks[fields.asset] = desk
    diary.fact(ClearingSet("desk", fields.asset, structs.astuple(desk)))
    return diary.done()


def put_contract(world: World, command: Command, fields: ContractFields, at: Instant) -> Outcome:
    """Let a contract be cleared, or change its terms; groups above a limit that sank are told to reduce."""
    if fields.asset not in world.clearing.desks:
        return refused(No.CLEARING_NOT_SET_UP)
    terms = Terms(**structs.asdict(fields))
    refusal = world.clearing.put_terms(terms)
    if refusal is not None:
        return refused(refusal)
    diary = Diary()
    diary.fact(ClearingSet("contract", terms.contract, structs.astuple(terms)))
    tell_above_limit(world, diary, at, only=terms.contract)
    return diary.done()


def accept(world: World, command: Command, fields: AcceptFields, at: Instant) -> Outcome:
    """Let an asset be collateral, or change for how much it counts."""
    terms = Accepted(**structs.asdict(fields))
    if fields.currency not in world.members.assets:
        return refused(MemberRefusal.CURRENCY_NOT_FOUND)
    own = fields.kind != CASH or fields.asset == fields.currency
    known = len(world.clearing.accepted)
    if fields.kind not in TAKES or not own or not terms.fits or not fields.asset:
        return refused(No.COLLATERAL_NOT_ACCEPTED)
    if fields.asset not in world.clearing.accepted and known >= CONTRACTS_MAX:
        return refused(No.CLEARING_IS_FULL)
    world.clearing.accepted[fields.asset] = terms
    diary = Diary()
    diary.fact(ClearingSet("collateral", fields.asset, structs.astuple(terms)))
    return diary.done()


def join(world: World, command: Command, fields: JoinFields, at: Instant) -> Outcome:
    """Become a member of the house in a currency, counted with the group that the operator has found it to be of.

    In a currency that is collateral only it gives an account to lodge it on.
    """
    participant = world.members.participants.get(command.sender)
    if participant is None or not participant.sends:
        return refused(MemberRefusal.PARTICIPANT_NOT_FOUND)
    desk, accepted = world.clearing.desks.get(fields.asset), world.clearing.accepted.get(fields.asset)
    if desk is None and (accepted is None or accepted.kind != CASH):
        return refused(No.CLEARING_NOT_SET_UP)
    if world.members.settlement_account(command.sender, fields.asset) is None:
        return refused(MemberRefusal.CURRENCY_IS_NOT_ALLOWED)
    diary = Diary()
    known = world.clearing.members.get(command.sender)
    if known is not None and known.expelled:
        return refused(No.CLEARING_MEMBER_IS_SUSPENDED)
    if command.sender not in world.clearing.members and len(world.clearing.members) >= MEMBERS_MAX:
        return refused(No.CLEARING_IS_FULL)
    purposes = (money.MARGIN,) if desk is None else (money.MARGIN, money.FUND)
    refusal = _opened(world, diary, purposes, command.sender, fields.asset)
    if refusal is not None:
        return refused(refusal)
    found = world.books.groups.get(command.sender, "")
    refusal = world.clearing.join(command.sender, found, money.today(world, fields.asset, at))
    assert refusal is None, refusal
    group = world.clearing.members[command.sender].group
    diary.fact(ClearingJoined(command.sender, fields.asset, group))
    return diary.done()


def tell_above_limit(world: World, diary: Diary, at: Instant, *, only: str = "") -> None:
    """Tell the members of groups that stand above a limit by how many lots they must reduce."""
    house = world.clearing
    days = {asset: money.today(world, asset, at) for asset in house.desks}
    for contract in [only] if only else sorted(house.book):
        for _, group, lots in house.above_limit(days[house.terms[contract].asset], only=contract):
            for bic in sorted(house.members):
                if house.members[bic].group == group and house.book[contract].get(bic) is not None:
                    diary.tell(bic, "clearing.above_limit", contract.encode(), lots)


def _has_money(world: World, asset: str) -> bool:
    """Tell whether a sponsor's money is in the house: it stays his until it has gone back."""
    numbers = [money.account(world, purpose, OPERATOR, asset) for purpose in (money.LIQUIDITY, money.CAPITAL)]
    return any(world.engine.balance(number).balance for number in numbers)


def _opened(world: World, diary: Diary, purposes: tuple[str, ...], owner: str, asset: str) -> Refusal | None:
    return _room(world, len(purposes)) or money.open_accounts(world, diary, purposes, owner, asset)


def _room(world: World, count: int) -> Refusal | None:
    return None if openings.has_room(world, count) else SettingRefusal.ACCOUNTS_ARE_FULL
