"""A solver's proposal for an open batch: checked as if its maker were an enemy, then booked whole or not at all.

The checks stand in the order of the refusals. They look at the state as it is now, not at the snapshot: a payment
that settled since is passed over, its effect is there already; so is one that was withdrawn, held or ran late, and
then the final state decides. A refused proposal leaves everything as it was; the node asks again.
"""

from collections.abc import Callable, Sequence
from itertools import chain, pairwise
from operator import attrgetter
from typing import Annotated, NamedTuple

import numpy as np
from msgspec import Meta, Struct

from steelyard.engine.bundles import Bundle, Kind, Leg, Policy
from steelyard.engine.legs import LegColumns
from steelyard.engine.records import packed_references
from steelyard.flows import (
    batch,
    booking,
    course,
    explainable,
    gridlock,
    parties,
    pool,
    queue_table,
    queue_view,
    settle,
)
from steelyard.flows.batch_report import Report
from steelyard.flows.command import Command, Outcome
from steelyard.flows.cycle_fund import in_legs
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16, Name, Number, Word
from steelyard.flows.pair_sums import Ints, numbers
from steelyard.flows.together import settled_together
from steelyard.flows.world import World
from steelyard.liquidity.batches import POOL, Batch, Trigger
from steelyard.liquidity.certificate import (
    Certificate,
    CertificateMalformed,
    from_msgpack,
    is_formed,
    unproved,
)
from steelyard.liquidity.queues import Waiting
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.liquidity.rules import MS
from steelyard.payments.columns import present
from steelyard.payments.payment import Payment
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

LEGS_MAX = gridlock.MOST
CERTIFICATES_MAX = 5
POOL_REWARD = 1_000
_SIDES: tuple[Callable[["Going"], Ints], ...] = (
    attrgetter("ways.account_no"),
    attrgetter("ways.payee_no"),
    attrgetter("minors"),
)
_UETR = attrgetter("uetr")
Step = Annotated[int, Meta(ge=0, lt=2**40)]
Minor = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Signed = Annotated[int, Meta(ge=1 - 2**63, le=2**63 - 1)]


class ProposeFields(Struct, array_like=True, frozen=True, gc=False):
    """What a solver proposes for a batch.

    `seqs` are the payments' own, ascending: the first, then the difference to each next one. `parts` are (place
    in `seqs`, amount) of those that do not settle whole, by place. `fx` is (participant, asset, minor units that
    it gets, below zero: gives), by both, of a pool alone. Free figures and runners-up are the solver's word.
    """

    batch_id: Id16
    kind: Name
    snapshot_seq: Number
    assets: tuple[Name, ...]
    algorithm: Name
    solver_version: Word
    seqs: Annotated[list[Step], Meta(max_length=LEGS_MAX)]
    parts: Annotated[list[tuple[Step, Minor]], Meta(max_length=LEGS_MAX)] = []
    fx: Annotated[list[tuple[Name, Name, Signed]], Meta(max_length=LEGS_MAX)] = []
    ordered: bool = False
    certificates: Annotated[list[bytes], Meta(max_length=CERTIFICATES_MAX)] = []
    bound_free: Annotated[str, Meta(max_length=40, pattern=r"^[0-9]*$(?!\n)")] = ""
    priority_cost: Annotated[str, Meta(max_length=40, pattern=r"^[0-9]*$(?!\n)")] = ""
    runners_up: Annotated[list[tuple[Name, Word]], Meta(max_length=8)] = []
    coarse_bits: Annotated[int, Meta(ge=0, le=100)] = 0
    """By how many bits a pool's proof counts in coarser units than the batch's"""


class Going(NamedTuple):
    """The payments of a proposal that may go now, of one currency, column by column; `minors` is what settles."""

    asset: str
    waiting: Sequence[Waiting]
    ways: queue_table.Ways
    payments: list[Payment]
    minors: Ints
    parts: list[int]
    """Places of those of which something stays open"""


class Checked(NamedTuple):
    """A proposal that may be booked if money allows."""

    batch: Batch
    going: list[Going]
    skipped: tuple[int, int]
    certificates: tuple[Certificate, ...]


def propose(world: World, command: Command, fields: ProposeFields, at: Instant) -> Outcome:
    """Book what a solver proposes for an open batch, or refuse it and change nothing."""
    checked = _check(world, fields, at)
    if isinstance(checked, Refusal):
        return refused(checked)
    legs, references, owners = _legs(world, checked, fields)
    fees = _queued_fees(world, checked.batch)
    bundle_id = booking.bundle_id(fields.batch_id, world.commands, at).to_bytes(16, "big")
    if len(legs):
        act = world.engine.move(
            Bundle(
                int.from_bytes(bundle_id, "big"), Kind.CYCLE if fields.fx else Kind.PAYMENT, legs,
                policy=Policy.AT_END, references=references,
            ),
            authority=owners,
            at=at,
        )  # fmt: skip
        if act.refusal is not None:
            return refused(act.refusal, act.leg)
    diary = Diary()
    batch.close(world, checked.batch, at)
    report = _book(world, diary, checked, fields, bundle_id if len(legs) else b"", at)
    report.publish(diary)
    explainable.resolve(world, diary, checked.batch.assets, at)
    batch.settled_down(world, checked.batch, at)
    if checked.batch.queued_count + fees > batch.MOST and any(one.waiting for one in checked.going):
        batch.begin(world, diary, checked.batch.assets, checked.batch.kind, Trigger.REST, at)
    settle.work(world, diary, at)
    return diary.done()


def _queued_fees(world: World, found: Batch) -> int:
    """Count the legs of fees that are queued in the currencies of a batch."""
    charged = world.queues.charged
    if not charged:
        return 0
    numbers = {number for asset in found.assets for number in queue_view.accounts(world, asset)}
    return sum([len(one.fees) for one in charged.values() if one.account_no in numbers])


def _book(
    world: World, diary: Diary, checked: Checked, fields: ProposeFields, bundle_id: bytes, at: Instant
) -> Report:
    """Note of every payment what the bundle has settled."""
    report = Report(world, checked.batch, algorithm=fields.algorithm, at=at)
    clocks = parties.clocks(world, at)
    for one in checked.going:
        _count(report, one)
    for one in checked.going:
        for place in one.parts:
            course.part_settled(world, diary, one.payments[place], int(one.minors[place]), bundle_id, at=at)
    for one in checked.going:
        whole, ways, split = one.payments, one.ways, set(one.parts)
        if split:
            places = [place for place in range(len(whole)) if place not in split]
            whole = [whole[place] for place in places]
            ways = ways.take(numbers(places))
        settled_together(world, diary, whole, bundle_id, at=at, clocks=clocks, ways=ways)
    if fields.fx:
        world.queues.push_all(
            parties.settlement_account(world, bic, asset) for bic, asset, minor in fields.fx if minor > 0
        )
    report.bundle_id, report.skipped = bundle_id, checked.skipped
    report.solver_version, report.certificates = fields.solver_version, tuple(fields.certificates)
    report.bound_free = int(fields.bound_free) if fields.bound_free else None
    report.priority_cost = int(fields.priority_cost or "0")
    report.runners_up = tuple(fields.runners_up)
    report.bound, report.proved = _bound(world, checked, report.settled_minor)
    if checked.batch.kind == POOL:
        report.bound, report.proved = _pool_bound(
            report.bound_free, checked, fields.coarse_bits, report.settled_minor
        )
        report.held_abroad = pool.held_abroad(world, checked.batch.assets)
    return report


def _count(report: Report, one: Going) -> None:
    legs = one.ways.account_no, one.ways.payee_no, one.minors
    report.count(one.asset, legs, parts=one.minors[one.parts].tolist())


def _bound(world: World, checked: Checked, settled: int) -> tuple[int | None, bool]:
    """Give the bound that a proposal's first certificate names, and whether it counts as proved.

    Proved is what holds by itself and lies between what settled and what was queued; without anybody's limits
    nothing is earned by no flow. That its network is the queue's only a check against the snapshot tells
    (`steelyard verify batch`): the machine does not make the network anew.
    """
    values = [one.value for one in checked.certificates if one.objective == "value"]
    if not values:
        return None, False
    might = settled <= values[0] <= checked.batch.queued_value
    bare = bool(world.limits.owners()) or not any(one.constant for one in checked.certificates)
    return values[0], might and bare and not any(map(unproved, checked.certificates))


def _pool_bound(
    stated: int | None, checked: Checked, coarse_bits: int, settled: int
) -> tuple[int | None, bool]:
    """Give the bound of a pool as its solver states it, and whether the proof bears it.

    The flow of a pool earns `POOL_REWARD` per unit of value settled, less what stays abroad; coarse units are
    rounded up. More than was queued settles never.
    """
    values = [one.value for one in checked.certificates if one.objective == "value"]
    if stated is None or not values:
        return stated, False
    borne = stated >= checked.batch.queued_value or values[0] << coarse_bits <= stated * POOL_REWARD
    return stated, settled <= stated and borne and not any(map(unproved, checked.certificates))


# The checks, in the order of the refusals


def _check(world: World, fields: ProposeFields, at: Instant) -> Checked | Refusal:
    found = world.batches.find(fields.batch_id)
    named = (fields.kind, fields.snapshot_seq, fields.assets)
    if found is None or named != (found.kind, found.snapshot_seq, found.assets):
        return No.BATCH_NOT_REQUESTED
    if at - found.requested_at > batch.rules(world, at).batch_age_ms * MS:
        return No.SNAPSHOT_TOO_OLD
    if not _is_formed(fields):
        return No.PROPOSAL_IS_MALFORMED
    seqs = np.cumsum(numbers(fields.seqs))
    tables, settled = {}, 0
    absent = np.ones(len(seqs), np.bool_)
    for asset in found.assets:
        every = queue_table.queued(world, asset)
        place = queue_table.find(every, seqs)
        tables[asset] = every.take(place[place >= 0])
        absent &= place < 0
    if absent.any():
        left = [found.gone.get(seq) for seq in seqs[absent].tolist()]
        if None in left:
            return No.PAYMENT_NOT_QUEUED
        settled = left.count(1)
    if any(seq >= found.snapshot_seq for seq in seqs[~absent][-1:].tolist()):
        return No.PAYMENT_NOT_QUEUED
    if 0 in fields.seqs[1:]:
        return No.PAYMENT_TWICE
    minors = {int(seqs[place]): minor for place, minor in fields.parts}
    fault = _parts_fault(
        world, [item for one in tables.values() for item in one.items] if minors else (), minors
    )
    if fault is not None:
        return fault
    but = explainable.choosers(world)
    gates = {asset: queue_view.Gate(world, asset, at, but=but) for asset in found.assets}
    going = [_going(world, gate, tables[asset], minors) for asset, gate in gates.items()]
    if fields.ordered and not _is_ordered(world, going, gates, found.snapshot_seq):
        return No.ORDER_WITHIN_PAIR_BROKEN
    certificates = _certificates(fields)
    if certificates is None:
        return No.CERTIFICATE_MALFORMED
    own = _own_rules(world, found, fields, going, at)
    if own is not None:
        return own
    gone = len(seqs) - settled - sum(len(one.waiting) for one in going)
    return Checked(found, going, (settled, gone), certificates)


def _going(world: World, gate: queue_view.Gate, table: queue_table.Table, minors: dict[int, int]) -> Going:
    """Give the payments that may go, and how much settles of each."""
    asset, live, places = gate.asset, world.payments.live, queue_table.through(world, gate, table)
    waiting, ways = table if len(places) == len(table.items) else table.take(places)
    payments = [live[item.uetr] for item in waiting]
    opens = ways.amount_minor
    if not minors:
        return Going(asset, waiting, ways, payments, opens, [])
    asked = numbers([minors.get(seq, 0) for seq in ways.seq.tolist()])
    asked = np.where(asked, asked, opens)
    return Going(asset, waiting, ways, payments, asked, np.flatnonzero(asked < opens).tolist())


def _is_formed(fields: ProposeFields) -> bool:
    """Tell whether the lists are in order and within their bounds."""
    places = [place for place, _ in fields.parts]
    accounts = [(bic, asset) for bic, asset, _ in fields.fx]
    return (
        len(fields.seqs) + len(fields.fx) <= LEGS_MAX
        and all(one < two for one, two in pairwise(places))
        and (not places or places[-1] < len(fields.seqs))
        and all(one < two for one, two in pairwise(accounts))
        and all(minor for _, _, minor in fields.fx)
        and (fields.kind == POOL or not fields.fx)
        and all(value.isascii() and value.isdigit() for _, value in fields.runners_up)
    )


def _parts_fault(world: World, items: Sequence[Waiting], minors: dict[int, int]) -> No | None:
    """Hold each part to what is open of its payment, to its sender's wish and to its floor."""
    if not minors:
        return None
    live = world.payments.live
    parts = [(minors[item.seq], live[item.uetr]) for item in items if item.seq in minors]
    if any(minor > payment.open_minor for minor, payment in parts):
        return No.PART_EXCEEDS_OPEN
    split = [(minor, payment) for minor, payment in parts if minor < payment.open_minor]
    if not all(payment.may_split for _, payment in split):
        return No.SPLIT_NOT_ALLOWED
    for minor, payment in split:
        if min(minor, payment.open_minor - minor) < payment.floor_minor:
            return No.PART_BELOW_FLOOR
    return None


def _is_ordered(
    world: World, going: Sequence[Going], gates: dict[str, queue_view.Gate], snapshot_seq: int
) -> bool:
    """Tell whether no payment passes one of its pair and class that stands before it and could go."""
    for one in going:
        split = set(one.parts)
        whole = {item.uetr: place not in split for place, item in enumerate(one.waiting)}
        for payer_no, payee_no in dict.fromkeys((item.account_no, item.payee_no) for item in one.waiting):
            stopped = -1
            for waiting in world.queues.pair(payer_no, payee_no):
                if waiting.seq >= snapshot_seq or gates[one.asset].lets(waiting) is None:
                    continue
                if waiting.uetr in whole and stopped == waiting.priority:
                    return False
                if not whole.get(waiting.uetr):
                    stopped = waiting.priority
    return True


def _certificates(fields: ProposeFields) -> tuple[Certificate, ...] | None:
    """Read the certificates; None where one is none, or is of another snapshot."""
    try:
        found = tuple(from_msgpack(packed) for packed in fields.certificates)
    except CertificateMalformed:
        return None
    sound = all(is_formed(one) and one.snapshot_seq == fields.snapshot_seq for one in found)
    return found if sound else None


def _own_rules(
    world: World, found: Batch, fields: ProposeFields, going: Sequence[Going], at: Instant
) -> Refusal | None:
    """Hold the final state to what participants have set themselves: the pool's terms, limits, caps, classes."""
    if found.kind == POOL:
        fault = pool.fault(
            world,
            found,
            [pair for one in going for pair in zip(one.payments, one.minors.tolist(), strict=True)],
            fields.fx,
        )
        if fault is not None:
            return fault
    for one in going:
        moved = (
            (payment.debtor_agent, payment.creditor_agent, payment.priority, minor)
            for payment, minor in zip(one.payments, one.minors.tolist(), strict=True)
        )
        gains = {bic: minor for bic, coin, minor in fields.fx if coin == one.asset}
        own = gridlock.fault(world, one.asset, moved, at, gains=gains, fees=_fees(world, one))
        if own is not None:
            return own
    return None


def _charged(world: World, one: Going) -> list[Waiting]:
    """Give the payments that settle whole, or with their last part, and have fees of their own."""
    if not world.queues.charged:
        return []
    split = set(one.parts)
    return [item for place, item in enumerate(one.waiting) if item.fees and place not in split]


def _fees(world: World, one: Going) -> dict[tuple[str, int], int]:
    """Sum what payers pay of fees by class, and payees for their side."""
    sums: dict[tuple[str, int], int] = {}
    for item in _charged(world, one):
        for source, _, minor in item.fees:
            pays = source == item.account_no
            key = item.payer if pays else queue_view.owner_of(world, source), item.priority if pays else -1
            sums[key] = sums.get(key, 0) + minor
    return sums


def _legs(world: World, checked: Checked, fields: ProposeFields) -> tuple[LegColumns, bytes, dict[int, None]]:
    """Give one leg per payment, then fees and exchange legs, each with its reference; and on whose authority."""
    going = checked.going
    beside: list[Leg] = []
    named: list[bytes] = []
    payers: dict[str, None] = {}
    for one in going:
        payers.update((queue_view.owner_of(world, no), None) for no in present(one.ways.account_no).tolist())
        for item in _charged(world, one):
            beside += [Leg(*leg) for leg in item.fees]
            named += [item.uetr] * len(item.fees)
            payers.update((queue_view.owner_of(world, source), None) for source, _, _ in item.fees)
    for bic, asset, minor in fields.fx:
        account, transit = parties.settlement_account(world, bic, asset), pool.transit(world, asset)
        ways = (transit, account) if minor > 0 else (account, transit)
        beside += [Leg(*ways, part) for _, _, part in in_legs([(bic, asset, abs(minor))])]
        payers[bic] = None
    named += [fields.batch_id] * (len(beside) - len(named))
    legs = LegColumns(
        *(
            np.concatenate([*(get(one) for one in going), numbers([leg[side] for leg in beside])])
            for side, get in enumerate(_SIDES)
        )
    )
    ids = [*chain.from_iterable(map(_UETR, one.waiting) for one in going), *named]
    owner_nos = world.engine.owner_nos
    return legs, packed_references(ids), {owner_nos[bic]: None for bic in payers}
