"""One currency's queues as the settlement algorithms see them: `view(world, asset, at)` gives a `Snapshot`.

What is in it, all in minor units of the one currency:

- `payments`: what waits for its payer's money and is one plain leg (one currency, no booked fees), may move now
  (open, in its window, not late, nobody barred or blocked) and has standing acceptance. The rest is left to A1.
  `id` is the UETR in hexadecimal (`uetr_of` turns it back), `amount_minor` what is open. `seq` is the order inside
  a class: the payment's own `seq`, and where its sender gave it a rank, rank x 2^40 more (`seq_of` turns it back).
  Ascending by (payer's account number, priority, rank, seq): equal state, equal view.
- `balances`: what each payer and payee named in a payment may use in all: balance less reservations of the engine,
  plus its line; by BIC (`parties.settlement_account(world, bic, asset)` is the account).
- `limits`: the rooms that own limits leave on this date, between those named in `balances`.
- `reserved`: what is held for (urgent, high) of those who reserved anything. A plan may use up what is held for a
  class by payments of that class, never by lower ones; it fills nothing.

Holding caps are in none of these: `gridlock.fault` tests them with all else on the final state.
"""

from collections.abc import Callable, Iterable, Sequence
from heapq import merge
from itertools import chain, islice
from operator import attrgetter
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from steelyard.engine.accounts import CLOSED, CREDITS_BLOCKED, DEBITS_BLOCKED
from steelyard.flows import parties
from steelyard.flows.dates import KINDS
from steelyard.flows.fields import PaymentKind
from steelyard.flows.world import World
from steelyard.liquidity.algorithms.entry import CLASSES
from steelyard.liquidity.limits import OTHERS
from steelyard.liquidity.queue import ALL, Queued, Room
from steelyard.liquidity.queues import Waiting
from steelyard.liquidity.rules import WHOLE_BP
from steelyard.liquidity.snapshot import PackedSnapshot, Snapshot, pack_records
from steelyard.members.calendars import Verdict
from steelyard.members.participants import Participant
from steelyard.payments.payment import Payment, Split
from steelyard.values.instants import Day, Instant

T = TypeVar("T")
RANK = 1 << 40
"""What one rank weighs against `seq`; no journal has so many commands."""


def view(world: World, asset: str, at: Instant, *, most: int | None = None) -> Snapshot:
    """Give the queues of one currency, and all that bounds them, as they stand after this command.

    Of longer queues only the first `most` payments by class and order: a bundle holds no more, and all else would
    be a pause for nothing.
    """
    going, payments = _going(world, asset, at, most, _itself)
    rounds = world.batches.watch(asset).rounds
    rows = tuple([queued(payment, item, rounds) for payment, item in zip(payments, going, strict=True)])
    names = {one.debtor_agent for one in payments} | {one.creditor_agent for one in payments}
    balances, limits, reserved = _bounds(world, asset, sorted(names), at)
    return Snapshot(world.commands, asset, balances, rows, limits, reserved)


def packed(world: World, asset: str, at: Instant, *, most: int | None = None) -> PackedSnapshot:
    """Give the same as `view`, its payments packed column by column: an object for none of them."""
    going, found = _going(world, asset, at, most, _FIELDS)
    rounds = world.batches.watch(asset).rounds
    fields = zip(*found, strict=True) if found else ((),) * len(_NAMES)
    uetrs, payers, payees, priorities, seqs, ranks, since, splits, targets, shares = fields
    names = sorted({*payers, *payees})
    place = {name: number for number, name in enumerate(names)}
    records = pack_records(
        b"".join(uetrs),
        seq=_column(seqs) + RANK * _column(ranks),
        amount_minor=_column([item.amount_minor for item in going]),
        floor_minor=_floors(_column(targets), _column(shares)),
        payer=_column([place[name] for name in payers]),
        payee=_column([place[name] for name in payees]),
        age_cycles=rounds - _column(since),
        priority=_column(priorities),
        may_split=_column(splits) == Split.MAY,
    )
    balances, limits, reserved = _bounds(world, asset, names, at)
    return PackedSnapshot(world.commands, asset, balances, records, limits, reserved)


_NAMES = (
    "uetr", "debtor_agent", "creditor_agent", "priority", "seq", "rank", "round_no", "split", "target_minor",
    "part_floor_bp",
)  # fmt: skip
_FIELDS: Callable[[Payment], tuple[Any, ...]] = attrgetter(*_NAMES)
Kept = dict[str, tuple[int, int]]


def _floors(targets: npt.NDArray[np.int64], shares: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Give `Payment.floor_minor` of many; an amount times a share would not fit, so whole and rest go apart."""
    wholes, rests = np.divmod(targets, WHOLE_BP)
    floors: npt.NDArray[np.int64] = np.maximum(1, wholes * shares + rests * shares // WHOLE_BP)
    return floors


def _column(numbers: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.fromiter(numbers, np.int64, len(numbers))


def _bounds(
    world: World, asset: str, names: Sequence[str], at: Instant
) -> tuple[dict[str, int], tuple[Room, ...], Kept]:
    """Give what these may use in all, the rooms between them, and what they keep for classes."""
    numbers = {bic: parties.settlement_account(world, bic, asset) for bic in names}
    balances = {bic: world.engine.balance(numbers[bic]).available for bic in names}
    kept = {
        bic: world.reservations.held(numbers[bic], balances[bic])
        for bic in names
        if world.reservations.has(numbers[bic])
    }
    return balances, rooms(world, asset, numbers, at), kept


def _itself(payment: Payment) -> Payment:
    return payment


def _going(
    world: World, asset: str, at: Instant, most: int | None, row: Callable[[Payment], T]
) -> tuple[list[Waiting], list[T]]:
    """Give what may go in a currency, or the first of it by class and order, account by account; a row of each."""
    gate, numbers = Gate(world, asset, at), accounts(world, asset)
    depth = sum(world.queues.depth(account_no)[0] for account_no in numbers)
    if most is not None and depth > 2 * most:
        first = _first(world, gate, numbers, most)
        return first, [row(world.payments.live[item.uetr]) for item in first]
    going, _, rows = gate.through(chain.from_iterable(world.queues.of(number) for number in numbers), row)
    if most is None or len(going) <= most:
        return going, rows
    order = _column([item.rank for item in going]) * RANK + _column([item.seq for item in going])
    places = np.lexsort((order, _column([item.priority for item in going])))[:most]
    stay = np.sort(places).tolist()
    return [going[number] for number in stay], [rows[number] for number in stay]


def _first(world: World, gate: "Gate", account_nos: list[int], most: int) -> list[Waiting]:
    """Give the first payments that may go, by class and order, in the order of a view."""
    found: list[Waiting] = []
    for priority in CLASSES:
        lines = [line for no in account_nos if (line := world.queues.line(no, priority)) is not None]
        going = (item for item in merge(*lines, key=_KEY) if gate.lets(item) is not None)
        found += islice(going, most - len(found))
    found.sort(key=lambda item: (item.account_no, item.priority, item.rank, item.seq, item.uetr))
    return found


_KEY = attrgetter("rank", "seq", "uetr")


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


_CUSTOMER = int(PaymentKind.CUSTOMER)
_BARRED = -2


class Gate:
    """Tells which queued payments of a currency may go together at an instant; asks each question once."""

    __slots__ = ("_live", "_open", "_pairs", "_world", "asset", "at")

    def __init__(self, world: World, asset: str, at: Instant) -> None:
        self._world, self._live = world, world.payments.live
        self.asset, self.at = asset, at
        self._open: dict[int, Day] = {}  # kind -> date on which it may move now, or -1
        self._pairs: dict[tuple[int, int], Participant | None] = {}  # who is paid, where that may be now

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
        on = self._open[kind] if kind in self._open else self._date(kind)
        if creditor is None or on != payment.settlement_on:
            return False
        if kind == PaymentKind.CUSTOMER and not payment.parts:
            terms = payment.terms
            return terms is not None and creditor.accepts(payment.target, terms.target_minor)
        return True

    def through(
        self, items: Iterable[Waiting], row: Callable[[Payment], T]
    ) -> tuple[list[Waiting], list[Payment], list[T]]:
        """Give the items that may go, their payments, and a row made of each: what `lets` says of each, in one run.

        Accounts are asked once each: a plain leg has nobody but payer and payee.
        """
        live, at, dates = self._live, self.at, self._open
        payers: dict[int, bool] = {}
        lines: dict[int, int] = {}  # payee -> up to what it takes payments unasked, -1 for all
        going: list[Waiting] = []
        payments: list[Payment] = []
        rows: list[T] = []
        for item in items:
            account_no, payee_no = item.account_no, item.payee_no
            if not payee_no:
                continue
            payment = live[item.uetr]
            if at >= payment.due_at:
                continue
            kind = payment.kind
            if (dates[kind] if kind in dates else self._date(kind)) != payment.settlement_on:
                continue
            pays, line = payers.get(account_no), lines.get(payee_no)
            if pays is None:
                pays = payers[account_no] = self._pays(account_no, payment)
            if line is None:
                line = lines[payee_no] = self._line(payee_no, payment)
            if line == _BARRED or not pays:
                continue
            if line >= 0 and kind == _CUSTOMER and not payment.parts:
                terms = payment.terms
                if terms is None or line < terms.target_minor:
                    continue
            going.append(item)
            payments.append(payment)
            rows.append(row(payment))
        return going, payments, rows

    def _pays(self, account_no: int, payment: Payment) -> bool:
        """Tell whether a payer may pay now."""
        account = self._world.engine.accounts[account_no]
        assert account is not None
        sends = self._world.members.participants[payment.debtor_agent].sends
        return sends and not account.gate & (CLOSED | DEBITS_BLOCKED)

    def _line(self, payee_no: int, payment: Payment) -> int:
        """Give up to what a payee takes customers' payments unasked, -1 for any amount; or that it may not be paid."""
        account = self._world.engine.accounts[payee_no]
        assert account is not None
        creditor = self._world.members.participants[payment.creditor_agent]
        if account.gate & (CLOSED | CREDITS_BLOCKED) or not creditor.receives:
            return _BARRED
        line = creditor.settings.accepts_minor.get(self.asset, 0)
        return max(line, -1)

    def _date(self, kind: int) -> Day:
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
        barred = stops or parties.bar(world, payment) is not None
        found = self._pairs[pair] = None if barred else world.members.participants[payment.creditor_agent]
        return found
