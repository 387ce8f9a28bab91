"""The snapshot for an open batch, as its solver gets it: taken of the state right after the command that asked."""

from steelyard.flows import guard, parties, queue_view
from steelyard.flows.world import World
from steelyard.liquidity.batches import POOL, Batch
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.snapshot import Account, PoolSnapshot, Snapshot
from steelyard.values.instants import Instant


def of(world: World, batch: Batch, at: Instant) -> Snapshot | PoolSnapshot:
    """Give what a batch is to work on."""
    if batch.kind == POOL:
        return _pool(world, batch, at)
    return queue_view.view(world, batch.assets[0], at)


def _pool(world: World, batch: Batch, at: Instant) -> PoolSnapshot:
    """Give the queues of a pool's currencies, of those alone where both sides have chosen them."""
    choices = {
        bic: choice
        for bic, choice in sorted(world.batches.choices.items())
        if choice.home in batch.assets and world.members.participants[bic].sends
    }
    accounts: dict[Account, int] = {}
    caps: dict[Account, int] = {}
    for bic, choice in choices.items():
        for asset in choice.currencies:
            if asset in batch.assets and _moves(world, bic, asset):
                account_no = parties.settlement_account(world, bic, asset)
                accounts[bic, asset] = world.engine.balance(account_no).available
                room = _room(world, bic, asset)
                if room is not None:
                    caps[bic, asset] = max(0, accounts[bic, asset]) + room
    payments: dict[str, tuple[Queued, ...]] = {}
    for asset in batch.assets:
        rows = queue_view.view(world, asset, at).payments
        payments[asset] = tuple(
            row for row in rows if (row.payer, asset) in accounts and (row.payee, asset) in accounts
        )
    return PoolSnapshot(
        world.commands, dict(batch.units), accounts, payments,
        {bic: choice.home for bic, choice in choices.items()},
        {bic: choice.cap_minor for bic, choice in choices.items()}, caps,
    )  # fmt: skip


def _moves(world: World, bic: str, asset: str) -> bool:
    """Tell whether an account may give and take."""
    account = world.engine.accounts[parties.settlement_account(world, bic, asset)]
    return account is not None and not account.gate


def _room(world: World, bic: str, asset: str) -> int | None:
    """Give how much more of a currency a participant, or its member, wants to hold; None for any amount."""
    rooms = [
        max(0, cap - guard.held(world, holder, asset))
        for holder in (bic, world.members.home(bic))
        if (cap := world.holdings.cap(holder, asset)) is not None
    ]
    return min(rooms) if rooms else None
