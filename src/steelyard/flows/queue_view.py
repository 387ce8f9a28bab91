"""One currency's queues as the settlement algorithms see them: `view(world, asset, at)` gives a `Snapshot`.

What is in it, all in minor units of the one currency:

- `payments`: what waits for its payer's money and is one leg but for its fees (one currency), may move now (open, in
  its window, not late, nobody barred or blocked), has standing acceptance, and whose fees can be set aside. The rest is
  left to A1.
  `id` is the UETR in hexadecimal (`uetr_of` turns it back), `amount_minor` what is open. `seq` is the order inside
  a class: the payment's own `seq`, and where its sender gave it a rank, rank x 2^40 more (`seq_of` turns it back).
  Ascending by (payer's account number, priority, rank, seq): equal state, equal view.
- `balances`: what each payer and payee named in a payment may use in all: balance less reservations of the engine,
  plus its line, less the fees of these payments (`liquidity/charges.py`); by BIC
  (`parties.settlement_account(world, bic, asset)` is the account).
- `limits`: the rooms that own limits leave on this date, between those named in `balances`.
- `reserved`: what is held for (urgent, high) of those who reserved anything. A plan may use up what is held for a
  class by payments of that class, never by lower ones; it fills nothing.

Holding caps are in none of these: `gridlock.fault` tests them with all else on the final state.
"""

from collections.abc import Iterable, Sequence

from steelyard.engine.accounts import CLOSED, CREDITS_BLOCKED, DEBITS_BLOCKED
from steelyard.flows import parties, pvp_cover
from steelyard.flows.dates import KINDS
from steelyard.flows.fields import PaymentKind
from steelyard.flows.held_queues import BARRED, RANK, HeldQueues
from steelyard.flows.world import World
from steelyard.liquidity.limits import OTHERS
from steelyard.liquidity.queue import ALL, Queued, Room
from steelyard.liquidity.queues import Waiting
from steelyard.liquidity.snapshot import Snapshot
from steelyard.members.calendars import Verdict
from steelyard.members.participants import Participant
from steelyard.payments.payment import Payment
from steelyard.values.instants import Day, Instant


def view(world: World, asset: str, at: Instant, *, most: int | None = None) -> Snapshot:
    """Give the queues of one currency, and all that bounds them, as they stand after this command.

    Of longer queues only the first `most` payments by class and order: a bundle holds no more, and all else would
    be a pause for nothing.
    """
    return hold(world, asset, at, most=most).snapshot()


def hold(
    world: World,
    asset: str,
    at: Instant,
    *,
    most: int | None = None,
    payers: frozenset[str] | None = None,
    but: frozenset[str] = frozenset(),
) -> HeldQueues:
    """Give the same, to be made a snapshot of later and by another thread: only accounts are asked here.

    Of these `payers` alone where they are named, and of none in `but`.
    """
    numbers = accounts(world, asset)
    if payers is not None or but:
        names = {number: owner_of(world, number) for number in numbers}
        numbers = [no for no in numbers if names[no] not in but and (payers is None or names[no] in payers)]
    lines = [line for number in numbers for line in world.queues.lines_of(number)]
    every = {*numbers, *world.queues.payees(frozenset(numbers))}
    owners = {number: owner_of(world, number) for number in sorted(every)}
    balances, limits, reserved = _bounds(world, asset, sorted(owners.values()), at)
    gate = Gate(world, asset, at)
    mine = frozenset(numbers) if world.queues.charged else ()
    charged = tuple([one for one in world.queues.charged.values() if one.account_no in mine])
    return HeldQueues(
        world.commands, asset, at, most, world.batches.watch(asset).rounds, lines,
        world.queues.rows(numbers),
        {kind: gate.date(kind) for kind in map(int, PaymentKind)}, owners,
        frozenset(number for number in numbers if pays(world, number, owners[number])),
        {number: line(world, asset, number, owner) for number, owner in owners.items()},
        balances, limits, reserved, charged, stopped(world, charged),
    )  # fmt: skip


def stopped(world: World, charged: Iterable[Waiting]) -> frozenset[int]:
    """Give the accounts that pay or take no fee for certain: blocked or closed ones, and takers with own bounds."""
    charged, accounts, found = tuple(charged), world.engine.accounts, set[int]()
    for number in sorted({target for one in charged for _, target, _ in one.fees}):
        account = accounts[number]
        assert account is not None
        if account.gate & (CLOSED | CREDITS_BLOCKED) or account.ceiling is not None or account.limits:
            found.add(number)
    for number in sorted({source for one in charged for source, _, _ in one.fees}):
        account = accounts[number]
        assert account is not None
        if account.gate & (CLOSED | DEBITS_BLOCKED):
            found.add(number)
    return frozenset(found)


def owner_of(world: World, account_no: int) -> str:
    """Give who owns an account."""
    account = world.engine.accounts[account_no]
    assert account is not None
    return world.engine.owners[account.owner_no]


def pays(world: World, account_no: int, bic: str) -> bool:
    """Tell whether a payer may pay now."""
    account = world.engine.accounts[account_no]
    assert account is not None
    return world.members.participants[bic].sends and not account.gate & (CLOSED | DEBITS_BLOCKED)


def line(world: World, asset: str, account_no: int, bic: str) -> int:
    """Give up to what a payee takes customers' payments unasked, -1 for any amount; or that it may not be paid."""
    account = world.engine.accounts[account_no]
    assert account is not None
    creditor = world.members.participants[bic]
    if account.gate & (CLOSED | CREDITS_BLOCKED) or not creditor.receives:
        return BARRED
    return max(creditor.settings.accepts_minor.get(asset, 0), -1)


Kept = dict[str, tuple[int, int]]


def _bounds(
    world: World, asset: str, names: Sequence[str], at: Instant
) -> tuple[dict[str, int], tuple[Room, ...], Kept]:
    """Give what these may use in all, the rooms between them, and what they keep for classes."""
    numbers = {bic: parties.settlement_account(world, bic, asset) for bic in names}
    balances = {bic: pvp_cover.usable(world, bic, numbers[bic]) for bic in names}
    kept = {
        bic: world.reservations.held(numbers[bic], balances[bic])
        for bic in names
        if world.reservations.has(numbers[bic])
    }
    return balances, rooms(world, asset, numbers, at), kept


def accounts(world: World, asset: str) -> list[int]:
    """Give the accounts of a currency whose payers have something queued, ascending."""
    asset_no, every = world.engine.asset_nos[asset], world.engine.accounts
    return [
        no
        for no in world.queues.accounts()
        if (account := every[no]) is not None and account.asset_no == asset_no
    ]


def queued(payment: Payment, item: Waiting, rounds: int) -> Queued:
    """Give one queued payment as the algorithms see it; `rounds` are the batches its currency has had."""
    amount_minor = item.amount_minor
    return Queued(
        payment.uetr.hex(), payment.debtor_agent, payment.creditor_agent, amount_minor, payment.priority,
        payment.seq + payment.rank * RANK, rounds - payment.round_no, payment.may_split, payment.floor_minor,
    )  # fmt: skip


def uetr_of(queued_id: str) -> bytes:
    """Give the UETR of a payment in a view."""
    return bytes.fromhex(queued_id)


def seq_of(queued_seq: int) -> int:
    """Give the payment's own `seq` of its order in a view.

    >>> seq_of(17 - 3 * RANK)
    17
    """
    return queued_seq % RANK


def rooms(world: World, asset: str, numbers: dict[str, int], at: Instant) -> tuple[Room, ...]:
    """Give the rooms of own limits among these owners, by owner, then counterparty."""
    on = today(world, asset, at)
    names = {number: bic for bic, number in numbers.items()}
    found = []
    for bic in sorted(numbers):
        number = numbers[bic]
        for other_no, _ in world.limits.of(number):
            other = ALL if other_no == OTHERS else names.get(other_no)
            room = world.limits.room(asset, on, number, other_no)
            if other is not None and room is not None:
                found.append(Room(bic, other, room))
    return tuple(sorted(found, key=lambda one: (one.owner, one.counterparty)))


def today(world: World, asset: str, at: Instant) -> Day:
    """Give the settlement date of a currency at an instant, -1 outside its calendar."""
    on = world.calendars.today(asset, at)
    return -1 if on is None else on


class Gate:
    """Tells which queued payments of a currency may go together at an instant; asks each question once."""

    __slots__ = ("_but", "_live", "_open", "_pairs", "_world", "asset", "at")

    def __init__(self, world: World, asset: str, at: Instant, *, but: frozenset[str] = frozenset()) -> None:
        """Take a currency and an instant; payments of whom `but` names do not pass."""
        self._world, self._live, self._but = world, world.payments.live, but
        self.asset, self.at = asset, at
        self._open: dict[int, Day] = {}  # kind -> date on which it may move now, or -1
        self._pairs: dict[tuple[int, int], Participant | None] = {}  # who is paid, where that may be now

    def leaves_out(self, bic: str) -> bool:
        """Tell whether the payments of a participant do not pass whatever else is so."""
        return bic in self._but

    def lets(self, item: Waiting) -> Payment | None:
        """Give the payment of a queue's item if it may go as one leg now, or None."""
        if not item.payee_no:
            return None
        payment = self._live[item.uetr]
        return payment if self.passes(payment, (item.account_no, item.payee_no)) else None

    def passes(self, payment: Payment, pair: tuple[int, int]) -> bool:
        """Tell whether a payment from account to account may go as one leg now."""
        if self.at >= payment.due_at:
            return False
        creditor = self._pairs[pair] if pair in self._pairs else self._pair(pair, payment)
        kind = payment.kind
        on = self._open[kind] if kind in self._open else self.date(kind)
        if creditor is None or on != payment.settlement_on:
            return False
        if kind == PaymentKind.CUSTOMER and not payment.parts:
            terms = payment.terms
            return terms is not None and creditor.accepts(payment.target, terms.target_minor)
        return True

    def through(self, items: Iterable[Waiting]) -> list[Waiting]:
        """Give the items that may go: what `lets` says of each, in one run.

        Accounts are asked once each: a plain leg has nobody but payer and payee.
        """
        world, at, dates = self._world, self.at, self._open
        payers: dict[int, bool] = {}
        lines: dict[int, int] = {}
        going: list[Waiting] = []
        for item in items:
            account_no, payee_no, kind = item.account_no, item.payee_no, item.kind
            if not payee_no or at >= item.due_at:
                continue
            if (dates[kind] if kind in dates else self.date(kind)) != item.settlement_on:
                continue
            may_pay, most = payers.get(account_no), lines.get(payee_no)
            if may_pay is None:
                may_pay = item.payer not in self._but and pays(world, account_no, item.payer)
                payers[account_no] = may_pay
            if most is None:
                most = lines[payee_no] = line(world, self.asset, payee_no, owner_of(world, payee_no))
            if may_pay and most != BARRED and (most < 0 or item.unasked_minor <= most):
                going.append(item)
        return going

    def date(self, kind: int) -> Day:
        """Give the settlement date of a kind of payment that may move now, or -1."""
        window = self._world.calendars.window(self.asset, self.asset, KINDS[kind], self.at)
        found = self._open[kind] = window.on if window.verdict is Verdict.GO else -1
        return found

    def _pair(self, pair: tuple[int, int], payment: Payment) -> Participant | None:
        """Give who is paid where neither of two is barred and their accounts may move that way."""
        world = self._world
        payer, payee = (world.engine.accounts[no] for no in pair)
        assert payer is not None
        assert payee is not None
        stops = payer.gate & (CLOSED | DEBITS_BLOCKED) or payee.gate & (CLOSED | CREDITS_BLOCKED)
        barred = stops or payment.debtor_agent in self._but or parties.bar(world, payment) is not None
        found = self._pairs[pair] = None if barred else world.members.participants[payment.creditor_agent]
        return found
