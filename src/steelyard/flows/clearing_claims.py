"""Claims out of margin runs: what a payer owes from the day it was short on, and how it is paid back.

What comes in goes to the gainers of the run first, then back to the house's liquidity. A claim that is open when the
grace time is over is told to the operator, and so is who lacks collateral then: two people may open a default.
"""

from hashlib import sha256

from msgspec import Struct, structs

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import clearing_cover
from steelyard.flows import clearing_money as money
from steelyard.flows.clearing_facts import ClaimPaid, CollateralMoved
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Name, Number
from steelyard.flows.world import World
from steelyard.market.clearing.house import HOUSE
from steelyard.market.clearing.variation import Owed, Run, pay_claim
from steelyard.market.refusals.clearing import ClearingRefusal as No
from steelyard.members.accounts import SETTLEMENT
from steelyard.members.state import OPERATOR
from steelyard.values.instants import Instant


class PayFields(Struct, array_like=True, frozen=True, gc=False):
    """In which currency, and how much of what is owed; 0: all of it."""

    asset: Name
    amount_minor: Number = 0


def pay(world: World, command: Command, fields: PayFields, at: Instant) -> Outcome:
    """Pay claims of one currency, oldest first."""
    bic, asset = command.sender, fields.asset
    mine = world.clearing.owed_by(bic, asset)
    whole = sum(one.minor for one in mine)
    minor = fields.amount_minor or whole
    if not whole or minor > whole:
        return refused(No.MARGIN_NOTHING_IS_DUE)
    diary = Diary()
    while minor and mine:
        part = min(minor, mine[0].minor)
        refusal = _pay_one(world, diary, mine.pop(0), part, at)
        if refusal is not None:
            return refused(refusal) if not diary.facts else diary.done()
        minor -= part
    return diary.done()


def _pay_one(world: World, diary: Diary, claim: Owed, minor: int, at: Instant) -> EngineRefusal | None:
    """Pay a part of one claim as one bundle, or give why not."""
    after = structs.replace(claim)
    gainers, to_liquidity = pay_claim(after, minor)
    source = money.account(world, SETTLEMENT, claim.member, claim.asset)
    moves = []
    if to_liquidity:
        moves.append((source, money.account(world, money.LIQUIDITY, OPERATOR, claim.asset), to_liquidity))
    done = money.book_paying(
        world, moves, gainers, asset=claim.asset, subject=claim.run_id, at=at, owners=[claim.member],
        what=f"claim {claim.member} {claim.minor}", source=source,
    )  # fmt: skip
    if done.refusal is not None:
        return done.refusal
    world.clearing.keep(claim.asset, done.kept)
    settle_claim(world, claim, after)
    diary.fact(ClaimPaid(claim.run_id, claim.member, claim.asset, minor, after.minor, done.bundle_id))
    for gainer, part in gainers.items():
        diary.tell(gainer, "clearing.margin_paid", claim.run_id, claim.asset, part)
    money.went_in(world, diary, gainers, claim.asset, at)
    return None


def settle_claim(world: World, claim: Owed, after: Owed) -> None:
    """Keep what is left of a claim, or forget it."""
    claim.advanced_minor, claim.unpaid = after.advanced_minor, after.unpaid
    if not claim.minor:
        world.clearing.owed = [one for one in world.clearing.owed if one is not claim]


def pay_kept(world: World, diary: Diary, asset: str, at: Instant) -> None:
    """Pay those for whom money lies on the clearing account and whose accounts take it by now."""
    for bic, minor in list(world.clearing.kept.get(asset, {}).items()):
        done = money.book_paying(world, [], {bic: minor}, asset=asset, subject=_kept(bic), what="kept", at=at)
        if done.refusal is None and not done.kept:
            world.clearing.keep(asset, {bic: -minor})
            diary.fact(CollateralMoved(bic, money.CLEARING, asset, -minor, done.bundle_id))
            diary.tell(bic, "clearing.margin_paid", _kept(bic), asset, minor)
            money.went_in(world, diary, [bic], asset, at)


def _kept(bic: str) -> bytes:
    """Give 16 bytes under which money that was kept for a member is paid."""
    return sha256(bic.encode()).digest()[:16]


def tell_claims(world: World, diary: Diary, run: Run, owed: list[Owed]) -> None:
    """Tell payers what they owe from now on, gainers what they wait for, and the operator of both."""
    for one in owed:
        for whom in dict.fromkeys((OPERATOR, *(() if one.member == HOUSE else (one.member,)))):
            diary.tell(whom, "clearing.claim_opened", run.run_id, one.member, run.asset, one.minor)
        for gainer, minor in one.unpaid.items():
            diary.tell(gainer, "clearing.margin_waits", run.run_id, run.asset, minor)


def on_timer_grace(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Tell the operator who still owes something out of a run, and who lacks collateral by now."""
    for one in world.clearing.owed:
        if one.run_id == subject:
            diary.tell(OPERATOR, "clearing.grace_is_over", subject, one.member, one.asset, one.minor)
    for bic, asset, minor in clearing_cover.shortages(world, at):
        diary.tell(OPERATOR, "clearing.collateral_is_short", subject, bic, asset, minor)
