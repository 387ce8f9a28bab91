"""What payer and payee have set themselves, asked before money is: own limits, holding caps, money kept for classes.

`stop` says why a payment may not go although nothing else is in its way; `took` keeps the books of it once it has
moved or is reserved, `gave_back` where a reservation ended. Limits and classes of funds are rules of the payer
about one currency: a payment with an exchange uses its class's funds, but limits neither count nor stop it.
"""

from typing import Protocol

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import pvp_cover
from steelyard.flows.booking import Tried
from steelyard.flows.diary import Diary
from steelyard.flows.parties import provider_account, settlement_account
from steelyard.flows.pricing import Settled
from steelyard.flows.world import World
from steelyard.liquidity.algorithms.entry import Mode
from steelyard.liquidity.holdings import Told
from steelyard.liquidity.limits import NORMAL
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.payments.payment import Payment, Wait
from steelyard.values.instants import Day
from steelyard.values.wide import wide

SHORT_REFUSAL = EngineRefusal.LIQUIDITY_IS_SHORT
SHORT = SHORT_REFUSAL.code
CAPPED = LiquidityRefusal.HOLDING_CAP_WOULD_BE_EXCEEDED.code


class Parties(Protocol):
    """What of a payment its own rules need: the sender's fields and a live payment both have it."""

    @property
    def uetr(self) -> bytes:
        """Its UETR."""

    @property
    def debtor_agent(self) -> str:
        """Who pays."""

    @property
    def creditor_agent(self) -> str:
        """Who is paid."""

    @property
    def source(self) -> str:
        """What leaves."""

    @property
    def target(self) -> str:
        """What arrives."""

    @property
    def priority(self) -> int:
        """Its class."""


def mode(world: World, asset: str) -> Mode:
    """Give how queues of a currency are tried: its settlement agent's choice."""
    return world.members.assets[asset].queue_mode


def mode_of(world: World, account_no: int) -> Mode:
    """Give how the queue of an account is tried."""
    account = world.engine.accounts[account_no]
    assert account is not None
    row = world.engine.assets[account.asset_no]
    assert row is not None
    return mode(world, row.asset.code)


def usable(world: World, account_no: int, priority: int) -> int:
    """Give what a class of payments may use of an account now."""
    available = world.engine.balance(account_no).available
    return world.reservations.usable(account_no, available, priority)


def spare(world: World, owner: str, account_no: int) -> int:
    """Give what an owner may give away of an account: not what it keeps for a class, nor cover in the PvP queue."""
    return max(0, min(usable(world, account_no, NORMAL), pvp_cover.usable(world, owner, account_no)))


def stop(world: World, who: Parties, deal: Settled, on: Day) -> Tried | None:
    """Say which own rule of payer or payee stops a payment that would settle on a date, or None."""
    if not (
        world.limits.anything
        or world.reservations.anything
        or world.holdings.anything
        or world.pvp.aggregates
    ):
        return None
    payer = settlement_account(world, who.debtor_agent, who.source)
    if who.priority == NORMAL and who.source == who.target and world.limits.has(payer):
        payee = settlement_account(world, who.creditor_agent, who.target)
        limit = world.limits.stops(who.source, on, payer, payee, deal.target_minor)
        if limit is not None:
            return Tried(wait=Wait.FUNDS, account_no=payer, reason=limit.code)
    if world.holdings.any_of(who.target) and is_full(world, who, deal):
        payee = settlement_account(world, who.creditor_agent, who.target)
        return Tried(wait=Wait.CAP, account_no=payee, reason=CAPPED)
    if world.reservations.has(payer) and usable(world, payer, who.priority) < deal.debit_minor:
        return Tried(wait=Wait.FUNDS, account_no=payer, reason=SHORT)
    if world.pvp.aggregates and pvp_cover.stops(world, who.debtor_agent, payer, deal.debit_minor):
        pvp_cover.watch(world, world.now)
        return Tried(wait=Wait.CAP, account_no=payer, reason=pvp_cover.REFUSAL.code)
    return None


def took(world: World, who: Parties, deal: Settled, on: Day) -> int:
    """Count a payment that moved, or is reserved to: in limits, and in its class's reservation; give what of that."""
    asset = who.source
    if who.priority != NORMAL:
        payer = settlement_account(world, who.debtor_agent, asset)
        return world.reservations.take(payer, who.priority, deal.debit_minor)
    if asset == who.target:
        account = world.members.accounts.settlement
        payer, payee = account(who.debtor_agent, asset) or 0, account(who.creditor_agent, asset) or 0
        world.limits.count(asset, on, payer, payee, deal.target_minor)
    return 0


def took_part(world: World, payment: Payment, amount_minor: int) -> None:
    """Count a part of a payment that moved."""
    payer = settlement_account(world, payment.debtor_agent, payment.source)
    if payment.priority == NORMAL:
        payee = settlement_account(world, payment.creditor_agent, payment.target)
        world.limits.count(payment.source, payment.settlement_on, payer, payee, amount_minor)
    else:
        world.reservations.take(payer, payment.priority, amount_minor)


def gave_back(world: World, payment: Payment) -> None:
    """Take back what was counted of a payment whose reservation ended without moving."""
    terms = payment.terms
    assert terms is not None
    payer = settlement_account(world, payment.debtor_agent, payment.source)
    if payment.priority == NORMAL and payment.source == payment.target:
        payee = settlement_account(world, payment.creditor_agent, payment.target)
        world.limits.count(payment.source, payment.settlement_on, payer, payee, -terms.target_minor)
    world.reservations.give_back(payer, payment.priority, payment.kept_minor)
    payment.kept_minor = 0


# Holding caps


def held(world: World, holder: str, asset: str) -> int:
    """Give what a participant, or all of a member's, hold of an asset; what is reserved to come counts."""
    total = 0
    for owner in _owners(world, holder):
        settlement, deals = settlement_account(world, owner, asset), provider_account(world, owner, asset)
        for number in (settlement,) if settlement == deals else (settlement, deals):
            if number:
                balance = world.engine.balance(number)
                total += balance.balance + balance.reserved_in
    return total


def moved(world: World, diary: Diary, who: Parties) -> None:
    """Tell holders whose cap a settled payment brought near; let those try who waited for one it brought down."""
    if world.holdings.anything:
        heavier(world, diary, who.creditor_agent, who.target)
        lighter(world, who.debtor_agent, who.source)


def heavier(world: World, diary: Diary, owner: str, asset: str) -> None:
    """Tell an owner, and its member, whose holding of an asset has grown near its cap."""
    if world.holdings.any_of(asset):
        for holder in _holders(world, owner):
            tell(world, diary, holder, asset)


def lighter(world: World, owner: str, asset: str) -> None:
    """Let those try who wait for an owner, or its member, to hold less of an asset."""
    if not world.holdings.any_of(asset):
        return
    for holder in _holders(world, owner):
        if world.holdings.cap(holder, asset) is not None:
            world.queues.push_all(accounts_of(world, holder, asset))


def accounts_of(world: World, holder: str, asset: str) -> list[int]:
    """Give the settlement accounts of a participant, or of all of a member's, in an asset."""
    return [settlement_account(world, bic, asset) for bic in _owners(world, holder)]


def tell(world: World, diary: Diary, holder: str, asset: str, *, reached: bool = False) -> None:
    """Tell a holder how full its holding is, where it has a cap and that is news."""
    cap_minor = world.holdings.cap(holder, asset)
    if cap_minor is None:
        return
    held_minor = held(world, holder, asset)
    news = world.holdings.news(holder, asset, held_minor, reached=reached)
    if news is None:
        return
    member = world.members.members.get(holder)
    recipient = holder if member is None else member.settlement_agent
    kind = "holding.reached" if news == Told.REACHED else "holding.near"
    diary.tell(recipient, kind, asset.encode(), holder, wide(held_minor), cap_minor)


def tell_full(world: World, diary: Diary, who: Parties, deal: Settled) -> None:
    """Tell the holders whose caps keep a payment waiting."""
    for holder, more in _raised(world, who, deal):
        if world.holdings.stops(holder, who.target, held(world, holder, who.target), more):
            tell(world, diary, holder, who.target, reached=True)


def _owners(world: World, holder: str) -> list[str]:
    """Give who holds for a holder: itself, or every participant of a member."""
    every = world.members.participants
    return [holder] if holder in every else [bic for bic in sorted(every) if every[bic].member == holder]


def is_full(world: World, who: Parties, deal: Settled) -> bool:
    """Tell whether a payment would raise a holding above its cap."""
    return any(
        world.holdings.stops(holder, who.target, held(world, holder, who.target), more)
        for holder, more in _raised(world, who, deal)
    )


def _holders(world: World, bic: str) -> tuple[str, ...]:
    home = world.members.home(bic)
    return (bic, home) if home else (bic,)


def _raised(world: World, who: Parties, deal: Settled) -> list[tuple[str, int]]:
    """Give whose holdings of the target a payment raises, where they are capped, and by how much.

    Money that stays with banks of one member raises nothing of the member's.
    """
    found = []
    giver = deal.hops[-1].provider if deal.hops else who.debtor_agent
    for holder in _holders(world, who.creditor_agent):
        if world.holdings.cap(holder, who.target) is None:
            continue
        if holder in (giver, world.members.home(giver)):
            continue
        found.append((holder, deal.target_minor))
    return found
