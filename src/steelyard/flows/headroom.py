"""The queued payments of which any choice holds, where a plan broke what its snapshot does not carry.

Caps on holdings, ceilings of accounts and limits of the engine stand in no snapshot, and a pool's carries no own
limits either: a plan is made without them and tested on the final state. Where one of them refused it, the next
plan is made from these payments alone: in order, each that still fits if nothing else came in. So what one owner
has set itself delays its own payments, and nobody else's.
"""

from collections.abc import Iterable, Iterator, Mapping

from steelyard.engine.accounts import Account
from steelyard.flows import guard, parties, queue_view
from steelyard.flows.world import World
from steelyard.liquidity.limits import NORMAL
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.selection import in_order
from steelyard.values.instants import Instant

Name = tuple[str | int, ...]


def certain(
    world: World,
    asset: str,
    payments: Iterable[Queued],
    at: Instant,
    *,
    own: bool = False,
    back: Mapping[str, int] | None = None,
) -> tuple[Queued, ...]:
    """Give the payments that hold in whatever choice and parts; where nobody has set anything, all of them.

    `own`: what payers may lose to one another by their own limits counts too. `back`: what comes back to
    participants beside the payments.
    """
    rooms = _Rooms(world, asset, at, own=own, back=back or {})
    fitting = {one.id for one in in_order(payments) if rooms.takes(one)}
    return tuple([one for one in payments if one.id in fitting])


class _Rooms:
    """What may still go out and come in, counted down payment by payment."""

    def __init__(self, world: World, asset: str, at: Instant, *, own: bool, back: Mapping[str, int]) -> None:
        self._world, self._asset, self._own, self._back = world, asset, own, back
        self._on = queue_view.today(world, asset, at)
        self._left: dict[Name, int] = {}

    def takes(self, payment: Queued) -> bool:
        """Count a payment down if it fits; its fees do where nobody who pays one counts in a limit of the engine."""
        charged = self._world.queues.charged
        item = charged.get(queue_view.uetr_of(payment.id)) if charged else None
        if item is not None and any(self._is_limited(source) for source, _, _ in item.fees):
            return False
        rooms = [*self._limits(payment), *self._caps(payment), *self._ceiling(payment)]
        if self._own and payment.priority == NORMAL:
            rooms += self._own_limit(payment)
        left = self._left
        for name, room in rooms:
            if left.setdefault(name, room) < payment.amount_minor:
                return False
        for name, _ in rooms:
            left[name] -= payment.amount_minor
        return True

    def _is_limited(self, account_no: int) -> bool:
        account = self._world.engine.accounts[account_no]
        return account is None or bool(account.limits)

    def _limits(self, payment: Queued) -> Iterator[tuple[Name, int]]:
        """Give the limits of the engine that a payment counts in, each with its room."""
        source, target = self._account(payment.payer), self._account(payment.payee)
        for limit_no in source.limits:
            limit = self._world.engine.limits[limit_no]
            if limit.tested and limit.counts_out(target):
                yield ("limit", limit_no), limit.cap - limit.used

    def _caps(self, payment: Queued) -> Iterator[tuple[Name, int]]:
        """Give the holders that have a cap and hold more by a payment."""
        world, asset = self._world, self._asset
        if not world.holdings.any_of(asset):
            return
        home = world.members.home(payment.payee)
        for holder in (payment.payee, home):
            cap = world.holdings.cap(holder, asset)
            if cap is not None and holder != world.members.home(payment.payer):
                held = guard.held(world, holder, asset) + self._back_to(holder)
                yield ("cap", holder), cap - held

    def _ceiling(self, payment: Queued) -> Iterator[tuple[Name, int]]:
        """Give the account that a payment credits, if it has a ceiling."""
        account = self._account(payment.payee)
        if account.ceiling is not None:
            held = self._world.engine.balance(account.account_no)
            room = account.ceiling - held.balance - held.reserved_in
            yield ("ceiling", account.account_no), room - self._back.get(payment.payee, 0)

    def _back_to(self, holder: str) -> int:
        """Give what comes back to a participant, or to all of a member's."""
        home = self._world.members.home
        return sum(minor for bic, minor in self._back.items() if holder in (bic, home(bic)))

    def _own_limit(self, payment: Queued) -> Iterator[tuple[Name, int]]:
        """Give the limit that a payer has set itself and that a payment counts in."""
        limits = self._world.limits
        payer_no, payee_no = self._account(payment.payer).account_no, self._account(payment.payee).account_no
        under = limits.governing(payer_no, payee_no)
        if under is not None:
            room = limits.room(self._asset, self._on, payer_no, under)
            assert room is not None
            yield ("own", payer_no, under), room

    def _account(self, bic: str) -> Account:
        account = self._world.engine.accounts[parties.settlement_account(self._world, bic, self._asset)]
        assert account is not None
        return account
