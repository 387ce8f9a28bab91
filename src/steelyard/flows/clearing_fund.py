"""Collateral and the default fund: money in, money out above what is required, and the size of the fund.

The fund of a currency is sized by the machine from its own positions: the operator names stresses, each a move of
prices by contract, and two people say so. Its liquidity and capital are the sponsor's, who pays them in as a member
pays its share; they come back by an order of two people.
"""

from typing import Annotated

from msgspec import Meta, Struct

from steelyard.flows import clearing_cover, pvp_cover
from steelyard.flows import clearing_money as money
from steelyard.flows.clearing_facts import CollateralMoved, FundSized
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Label, Name
from steelyard.flows.world import World
from steelyard.market.clearing import fund, positions, requirements
from steelyard.market.clearing.collateral import CASH
from steelyard.market.clearing.margin import up
from steelyard.market.refusals.clearing import ClearingRefusal as No
from steelyard.members.accounts import SETTLEMENT
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

Amount = Annotated[int, Meta(ge=1, lt=10**18)]
Move = Annotated[int, Meta(gt=-(10**12), lt=10**12)]
HOUSES = (money.LIQUIDITY, money.CAPITAL)


class MoneyFields(Struct, array_like=True, frozen=True, gc=False):
    """So much of a currency."""

    asset: Name
    amount_minor: Amount


class ContributeFields(Struct, array_like=True, frozen=True, gc=False):
    """So much into one's share of the fund (`default-fund`); the sponsor's into the house's liquidity or capital."""

    asset: Name
    amount_minor: Amount
    purpose: Label = money.FUND


class SizeFields(Struct, array_like=True, frozen=True, gc=False):
    """Stresses for a currency: in each, by how much the prices of contracts move, in minor units a tonne."""

    asset: Name
    stresses: Annotated[
        tuple[Annotated[tuple[tuple[Label, Move], ...], Meta(max_length=1_000)], ...],
        Meta(max_length=200),
    ]


def deposit(world: World, command: Command, fields: MoneyFields, at: Instant) -> Outcome:
    """Put cash on the own margin account, in a currency that is cleared or accepted."""
    bic, house = command.sender, world.clearing
    if bic not in house.members or not money.account(world, money.MARGIN, bic, fields.asset):
        return refused(No.CLEARING_MEMBER_NOT_FOUND)
    accepted = house.accepted.get(fields.asset)
    if fields.asset not in house.desks and (accepted is None or accepted.kind != CASH):
        return refused(No.COLLATERAL_NOT_ACCEPTED)
    return _moved(world, command, (bic, SETTLEMENT), (bic, money.MARGIN), fields, at)


def withdraw(world: World, command: Command, fields: MoneyFields, at: Instant) -> Outcome:
    """Take cash back that covers nothing; who owes something, or is in default, takes nothing."""
    bic = command.sender
    refusal = bound(world, bic)
    if refusal is not None:
        return refused(refusal)
    if fields.amount_minor > money.held(world, money.MARGIN, bic, fields.asset) or clearing_cover.is_short(
        world, bic, at, less={fields.asset: fields.amount_minor}
    ):
        return refused(No.COLLATERAL_IS_NEEDED)
    return _moved(world, command, (bic, money.MARGIN), (bic, SETTLEMENT), fields, at)


def contribute(world: World, command: Command, fields: ContributeFields, at: Instant) -> Outcome:
    """Pay into the own share of the default fund or, as the sponsor, into what the house has."""
    bic = command.sender
    desk = world.clearing.desks.get(fields.asset)
    if desk is None or fields.purpose not in (money.FUND, *HOUSES):
        return refused(No.CLEARING_NOT_SET_UP)
    if fields.purpose in HOUSES:
        if bic != desk.sponsor:
            return refused(No.CLEARING_MEMBER_NOT_FOUND)
        return _moved(world, command, (bic, SETTLEMENT), (OPERATOR, fields.purpose), fields, at)
    if not money.account(world, money.FUND, bic, fields.asset):
        return refused(No.CLEARING_MEMBER_NOT_FOUND)
    return _moved(world, command, (bic, SETTLEMENT), (bic, money.FUND), fields, at)


def take_back(world: World, command: Command, fields: MoneyFields, at: Instant) -> Outcome:
    """Take back what is in the own share of the fund above what it must be."""
    bic = command.sender
    refusal = bound(world, bic)
    if refusal is not None:
        return refused(refusal)
    left = money.held(world, money.FUND, bic, fields.asset) - fields.amount_minor
    if left < world.clearing.fund.get(fields.asset, {}).get(bic, 0):
        return refused(No.COLLATERAL_IS_NEEDED)
    return _moved(world, command, (bic, money.FUND), (bic, SETTLEMENT), fields, at)


def give_back(world: World, command: Command, fields: ContributeFields, at: Instant) -> Outcome:
    """Give the sponsor back of the house's liquidity or capital; not while a case is open or a claim unpaid."""
    house = world.clearing
    desk = house.desks.get(fields.asset)
    if desk is None or fields.purpose not in HOUSES:
        return refused(No.CLEARING_NOT_SET_UP)
    if house.cases or any(one.unpaid and one.asset == fields.asset for one in house.owed):
        return refused(No.COLLATERAL_IS_NEEDED)
    return _moved(world, command, (OPERATOR, fields.purpose), (desk.sponsor, SETTLEMENT), fields, at)


def size(world: World, command: Command, fields: SizeFields, at: Instant) -> Outcome:
    """Work out the default fund of a currency anew, and tell each member what of its share is lacking."""
    house, asset = world.clearing, fields.asset
    desk = house.desks.get(asset)
    if desk is None:
        return refused(No.CLEARING_NOT_SET_UP)
    if not fields.stresses:
        return refused(No.CLEARING_TERMS_OUT_OF_RANGE)
    terms = {contract: one for contract, one in house.terms.items() if one.asset == asset}
    if any(contract not in terms for stress in fields.stresses for contract, _ in stress):
        return refused(No.CLEARING_CONTRACT_UNKNOWN)
    on = money.today(world, asset, at)
    members = {
        bic: one
        for bic, one in sorted(house.members.items())
        if money.account(world, money.FUND, bic, asset) and not one.expelled
    }
    margins = {bic: requirements.required(house, bic, asset, on).minor for bic in members}
    scenarios = [
        {
            bic: sum(
                up(-positions.of(house.book, contract, bic).lots * move * terms[contract].unit)
                for contract, move in stress
            )
            for bic in members
        }
        for stress in fields.stresses
    ]
    groups = {bic: one.group for bic, one in members.items()}
    whole = fund.cover_two(scenarios, margins, groups)
    if whole >= AMOUNT_END:
        return refused(No.CLEARING_TERMS_OUT_OF_RANGE)
    averages = requirements.average_margins(house, asset)
    parts = fund.shares(whole, {bic: averages.get(bic, 0) for bic in members}, least=desk.least_minor)
    house.fund[asset] = parts
    house.averages.pop(asset, None)
    house.days.pop(asset, None)
    diary = Diary()
    diary.fact(FundSized(asset, whole, money.rows(parts)))
    for bic, part in parts.items():
        lacking = part - money.held(world, money.FUND, bic, asset)
        if lacking > 0:
            diary.tell(bic, "clearing.fund_is_due", command.id, asset, lacking)
    return diary.done()


def loose(world: World, bic: str, asset: str, most: int, at: Instant) -> int:
    """Give how much of an amount on a margin account covers nothing; of who is no member all of it."""
    if bic not in world.clearing.members:
        return most
    if bound(world, bic) is not None:
        return 0
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if clearing_cover.is_short(world, bic, at, less={asset: middle}):
            high = middle - 1
        else:
            low = middle
    return low


def bound(world: World, bic: str) -> Refusal | None:
    """Tell why a member takes nothing out now, whatever it has."""
    house = world.clearing
    if bic not in house.members:
        return No.CLEARING_MEMBER_NOT_FOUND
    due = any(run.open_due(bic) for run in house.runs.values())
    member = house.members[bic]
    if (member.suspended and not member.expelled) or due or house.owed_by(bic):
        return No.COLLATERAL_IS_NEEDED
    return None


def _moved(
    world: World,
    command: Command,
    source: tuple[str, str],
    target: tuple[str, str],
    fields: MoneyFields | ContributeFields,
    at: Instant,
) -> Outcome:
    """Move money between two accounts (owner, purpose) and note it for the one that is no settlement account."""
    asset, minor = fields.asset, fields.amount_minor
    move = (
        money.account(world, source[1], source[0], asset),
        money.account(world, target[1], target[0], asset),
        minor,
    )
    if source[1] == SETTLEMENT and pvp_cover.keeps(world, source[0], move[0], minor):
        return refused(pvp_cover.REFUSAL)
    act, bundle_id = money.book(world, [move], subject=command.id, what="move", at=at, owners=[source[0]])
    if act.refusal is not None:
        return refused(act.refusal)
    diary = Diary()
    outward = target[1] == SETTLEMENT
    owner, purpose = source if outward else target
    diary.fact(CollateralMoved(owner, purpose, asset, -minor if outward else minor, bundle_id))
    if outward:
        money.went_in(world, diary, [target[0]], asset, at)
    return diary.done()
