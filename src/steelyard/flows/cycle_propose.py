"""A solver's plan for a netting cycle that asked for one: checked as if its maker were an enemy, then taken or refused.

The checks look at the state as it is now. A refused plan leaves everything as it was; when the cycle's time to wait
is over the machine makes its own.
"""

from hashlib import sha256
from itertools import accumulate, pairwise
from typing import Annotated

from msgspec import Meta, Struct

from steelyard.flows import cycle_life, cycle_plan, cycle_rows, settle
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16, Name, Number, Word
from steelyard.flows.world import World
from steelyard.liquidity.certificate import Certificate, CertificateMalformed, check, from_msgpack, is_formed
from steelyard.liquidity.cycles import Cycle, Plan
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.payments.payment import Payment
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

Step = Annotated[int, Meta(ge=0, lt=2**40)]
Minor = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class ProposeFields(Struct, array_like=True, frozen=True, gc=False):
    """A plan for a cycle. `ask` numbers the question it answers, `seqs` and `parts` are as in a batch's proposal.

    `bounds` are (asset, most that could settle); `certificates` prove them, one per asset in the same order.
    """

    cycle_id: Id16
    ask: Number
    algorithm: Name
    solver_version: Word
    seqs: Annotated[list[Step], Meta(max_length=cycle_life.MOST)]
    parts: Annotated[list[tuple[Step, Minor]], Meta(max_length=cycle_life.MOST)] = []
    bounds: Annotated[list[tuple[Name, Annotated[str, Meta(max_length=40, pattern=r"^[0-9]+$(?!\n)")]]],
                      Meta(max_length=64)] = []  # fmt: skip
    certificates: Annotated[list[bytes], Meta(max_length=64)] = []


def propose(world: World, command: Command, fields: ProposeFields, at: Instant) -> Outcome:
    """Take a solver's plan, or refuse it and change nothing."""
    cycle = world.cycles.live.get(fields.cycle_id)
    if cycle is None:
        return refused(No.CYCLE_NOT_FOUND)
    if not cycle.asking or fields.ask != cycle.asks:
        return refused(No.CYCLE_NOT_ASKED)
    rows = cycle_rows.table(world, cycle.items)
    going = cycle_plan.able_of(world, cycle, rows, at)
    parts = _parts(world, cycle, fields, going)
    if isinstance(parts, Refusal):
        return refused(parts)
    certificates = _certificates(cycle, fields)
    if certificates is None:
        return refused(No.CERTIFICATE_MALFORMED)
    amounts = cycle_rows.minors([parts.get(uetr, 0) for uetr in rows.uetrs])
    fault = cycle_plan.fault_of(world, cycle, rows, amounts, at)
    if fault is not None:
        return refused(fault)
    if cycle_plan.leaves_out(world, cycle, parts, going, at):
        return refused(No.PLAN_LEAVES_OUT)
    diary = Diary()
    plan = _plan(cycle_rows.tally_of(rows, amounts), fields, certificates)
    cycle_life.planned(world, diary, cycle, parts, plan, at, rows=rows)
    settle.work(world, diary, at)
    return diary.done()


def _parts(
    world: World, cycle: Cycle, fields: ProposeFields, able: list[Payment]
) -> dict[bytes, int] | Refusal:
    """Give what of each obligation settles; those that have gone since are passed over."""
    seqs, minors = list(accumulate(fields.seqs)), dict(fields.parts)
    places = [place for place, _ in fields.parts]
    if not all(one < two for one, two in pairwise(places)) or (places and places[-1] >= len(seqs)):
        return No.PROPOSAL_IS_MALFORMED
    if any(not more for more in fields.seqs[1:]):
        return No.PAYMENT_TWICE
    going = {one.seq: one for one in able}
    found: dict[bytes, int] = {}
    for place, seq in enumerate(seqs):
        payment, minor = going.get(seq), minors.get(place)
        if payment is None:
            continue
        fault = None if minor is None else _part_fault(payment, minor)
        if fault is not None:
            return fault
        found[payment.uetr] = minor or payment.open_minor
    return found


def _part_fault(payment: Payment, minor: int) -> Refusal | None:
    """Hold a part to what is open of its payment, to its sender's wish and to its floor."""
    rest = payment.open_minor - minor
    if rest < 0:
        return No.PART_EXCEEDS_OPEN
    if rest and not payment.may_split:
        return No.SPLIT_NOT_ALLOWED
    return No.PART_BELOW_FLOOR if rest and min(minor, rest) < payment.floor_minor else None


def _certificates(cycle: Cycle, fields: ProposeFields) -> list[Certificate] | None:
    """Read the certificates; None where one is none, is of another question, or proves none of the bounds."""
    assets = [asset for asset, _ in fields.bounds]
    if len(set(assets)) < len(assets) or not set(assets) <= set(cycle.assets):
        return None
    if len(fields.certificates) > len(assets):
        return None
    try:
        found = [from_msgpack(packed) for packed in fields.certificates]
    except CertificateMalformed:
        return None
    sound = all(is_formed(one) and one.snapshot_seq == cycle.asked_seq for one in found)
    return found if sound else None


def _plan(settles: cycle_rows.Tally, fields: ProposeFields, certificates: list[Certificate]) -> Plan:
    """Note how good a plan is, and whether its certificates bear that, for every currency that it settles."""
    settled = settles.values
    bounds = dict(fields.bounds)
    proved = (
        settled.keys() <= bounds.keys()
        and len(certificates) == len(bounds)
        and all(
            one.objective == "value"
            and one.value == int(bounds[asset])
            and settled.get(asset, (0, 0))[1] <= one.value
            and not check(one)
            for asset, one in zip(bounds, certificates, strict=True)
        )
    )
    digest = sha256(b"".join(fields.certificates)).digest() if fields.certificates else b""
    return Plan(fields.algorithm, fields.solver_version, digest, proved and bool(bounds), bounds)
