"""The proof that a flow is the best there is, as published with each batch, and the check of it.

`steelyard-certificate/1`: arcs are [tail, head, lower, capacity, reward, flow], ends by place in `nodes`. The flow
conserves and keeps its bounds; `potential` are the shortest distances (0 from outside to every node) in the graph
of what can still change, where a unit more along an arc costs -reward and a unit less +reward. That such
distances exist is the proof: no cycle of changes gains. So value = constant + reward x flow is the most.

`check` works from the published file alone, and from a snapshot too: then arcs and rewards are made anew from the
queue (`rebuilt.py`) and compared. It shares no code with what builds certificates (`algorithms/network.py`,
`algorithms/potentials.py`).
"""

import json
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

import msgspec

from steelyard.liquidity.rebuilt import Rebuilt
from steelyard.liquidity.snapshot import Snapshot

FORMAT = "steelyard-certificate/1"
OBJECTIVES = ("value", "class0", "class1", "class2", "matched_value")
WEIGHTS = ("unit", "aged")

Arc = tuple[int, int, int, int, int, int]


class Certificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is published. Integers of any size; `to_msgpack` writes those beyond 64 bits as decimal text."""

    format: str
    snapshot_seq: int
    objective: str
    weight: str
    nodes: tuple[str, ...]
    arcs: tuple[Arc, ...]
    potential: tuple[int, ...]
    constant: int
    value: int


Wide = int | str
"""An integer, as decimal text where it does not fit 64 bits with its sign"""


class _Packed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same for msgpack, whose integers end at 64 bits; the two sums are always text."""

    format: str
    snapshot_seq: int
    objective: str
    weight: str
    nodes: tuple[str, ...]
    arcs: tuple[
        tuple[int, ...],
        tuple[int, ...],
        tuple[Wide, ...],
        tuple[Wide, ...],
        tuple[Wide, ...],
        tuple[Wide, ...],
    ]
    """By column, and most of it in differences: see `_columns`"""
    potential: tuple[Wide, ...]
    constant: str
    value: str


class CertificateMalformed(ValueError):
    """What was read is no certificate of this format."""


def to_json(certificate: Certificate) -> bytes:
    """Write a certificate as it stands in a file."""
    return json.dumps(msgspec.to_builtins(certificate), separators=(",", ":")).encode() + b"\n"


def from_json(data: bytes) -> Certificate:
    """Read a certificate from a file; raises CertificateMalformed."""
    try:
        return msgspec.convert(json.loads(data), Certificate, strict=True)
    except (ValueError, RecursionError, msgspec.ValidationError) as trouble:
        raise CertificateMalformed(str(trouble)) from trouble


def to_msgpack(certificate: Certificate) -> bytes:
    """Write a certificate as it stands in a command."""
    fields = {name: getattr(certificate, name) for name in Certificate.__struct_fields__}
    fields |= {"constant": str(certificate.constant), "value": str(certificate.value)}
    fields["arcs"] = _columns(certificate.arcs)
    fields["potential"] = _narrow(certificate.potential)
    return msgspec.msgpack.encode(_Packed(**fields))


def from_msgpack(data: bytes) -> Certificate:
    """Read a certificate from a command; raises CertificateMalformed."""
    try:
        packed = msgspec.msgpack.decode(data, type=_Packed)
        fields = {name: getattr(packed, name) for name in _Packed.__struct_fields__}
        fields |= {name: _decimal(fields[name]) for name in ("constant", "value")}
        fields["arcs"] = _arcs(packed)
        fields["potential"] = tuple(_widened(packed.potential))
        return Certificate(**fields)
    except (ValueError, RecursionError, msgspec.DecodeError) as trouble:
        raise CertificateMalformed(str(trouble)) from trouble


def _decimal(text: str) -> int:
    if len(text) > 60 or str(int(text)) != text:
        raise ValueError("a number is not written as a plain decimal one")
    return int(text)


def _is_wide(number: int) -> bool:
    return not -(1 << 63) <= number < 1 << 63


def _columns(arcs: Sequence[Arc]) -> tuple[Sequence[Wide], ...]:
    """Give arcs as columns of small numbers: a long certificate is 11 bytes an arc.

    Tails and rewards as the difference to the arc before, heads too where the tail is the same; lower bounds and
    capacities as they are; of flows what is missing to the capacity.
    """
    if not arcs:
        return ((),) * 6
    tails, heads, lowers, capacities, rewards, flows = zip(*arcs, strict=True)
    steps = [tail - before for tail, before in zip(tails, (0, *tails), strict=False)]
    ahead = [
        head if step else head - before for head, before, step in zip(heads, (0, *heads), steps, strict=False)
    ]
    more = [reward - before for reward, before in zip(rewards, (0, *rewards), strict=False)]
    left = [capacity - flow for capacity, flow in zip(capacities, flows, strict=True)]
    return steps, ahead, *map(_narrow, (lowers, capacities, more, left))


def _arcs(packed: _Packed) -> tuple[Arc, ...]:
    """Read the columns of arcs; ValueError where they are not equally long."""
    steps, ahead = packed.arcs[:2]
    lowers, capacities, more, left = map(_widened, packed.arcs[2:])
    heads, head = [], 0
    for step, number in zip(steps, ahead, strict=True):
        head = number if step else head + number
        heads.append(head)
    flows = [capacity - missing for capacity, missing in zip(capacities, left, strict=True)]
    return tuple(zip(accumulate(steps), heads, lowers, capacities, accumulate(more), flows, strict=True))


def _narrow(numbers: Sequence[int]) -> Sequence[Wide]:
    if numbers and _is_wide(max(numbers, key=abs)):
        return [str(number) if _is_wide(number) else number for number in numbers]
    return numbers


def _widened(numbers: Sequence[Wide]) -> Sequence[int]:
    """Read numbers; each has one way only in which it is written."""
    found: list[int] = []
    if set(map(type, numbers)) == {int} and max(numbers) < 1 << 63:  # type: ignore[operator]
        return numbers  # type: ignore[return-value]
    for number in numbers:
        if isinstance(number, str):
            wide = _decimal(number)
            if not _is_wide(wide):
                raise ValueError("a number is text if, and only if, it takes more than 64 bits")
            found.append(wide)
        elif number >= 1 << 63:
            raise ValueError("a number is text if, and only if, it takes more than 64 bits")
        else:
            found.append(number)
    return found


def is_formed(certificate: Certificate) -> bool:
    """Tell whether a certificate has the published form; what it claims is another matter."""
    return next(_structure(certificate), None) is None


def check(certificate: Certificate, snapshot: Snapshot | None = None) -> list[str]:
    """Give what is wrong with a certificate, a sentence each; nothing: it proves its value.

    With a snapshot (limits left out of it for a bound without limits) arcs and rewards are made anew from the
    queue and compared. What earlier classes settled stands in a class's certificate as fixed arcs and is taken
    from there, checked against what is queued; funds of a class under reservations then lie in a range.
    """
    faults = list(_structure(certificate))
    if faults:
        return faults
    faults = unproved(certificate)
    if snapshot is not None and certificate.objective == "matched_value":
        faults.append("a queue of one currency says nothing about matched value")
    elif snapshot is not None:
        faults += Rebuilt(certificate, snapshot).differences()
    return faults


def unproved(certificate: Certificate) -> list[str]:
    """Give what of a certificate of the published form does not prove its value, a sentence each."""
    return _flow(certificate) + _optimality(certificate)


def _structure(certificate: Certificate) -> Iterator[str]:
    """Give what is wrong with the form, one fault after the other: who only asks whether stops at the first."""
    if certificate.format != FORMAT:
        yield f"the format is not {FORMAT}"
    if certificate.objective not in OBJECTIVES or certificate.weight not in WEIGHTS:
        yield "objective or weight is none of the known"
    count = len(certificate.nodes)
    if len(certificate.potential) != count:
        yield "there is not one potential per node"
    if any(one >= two for one, two in pairwise(certificate.nodes)):
        yield "nodes are not in ascending order, each once"
    before: tuple[int, int, int] | None = None
    for place, (tail, head, lower, capacity, reward, _) in enumerate(certificate.arcs):
        if not (0 <= tail < count and 0 <= head < count and tail != head):
            yield f"arc {place} does not join two nodes"
        if not 0 <= lower <= capacity:
            yield f"arc {place} has bounds that contradict each other"
        if before is not None and (tail, head, -reward) <= before:
            yield f"arc {place} is not in order or stands twice"
        before = tail, head, -reward


def _flow(certificate: Certificate) -> list[str]:
    faults = []
    balance = [0] * len(certificate.nodes)
    value = certificate.constant
    for place, (tail, head, lower, capacity, reward, flow) in enumerate(certificate.arcs):
        if not lower <= flow <= capacity:
            faults.append(f"the flow of arc {place} is out of its bounds")
        balance[tail] -= flow
        balance[head] += flow
        value += reward * flow
    faults += [
        f"the flow does not conserve at {certificate.nodes[node]}"
        for node, left in enumerate(balance)
        if left
    ]
    if value != certificate.value:
        faults.append(f"the value is {value}, not {certificate.value}")
    return faults


def _optimality(certificate: Certificate) -> list[str]:
    faults = []
    potential = certificate.potential
    shortest = [0] * len(potential)
    for place, (tail, head, lower, capacity, reward, flow) in enumerate(certificate.arcs):
        reduced = reward - potential[tail] + potential[head]
        if (reduced > 0 and flow != capacity) or (reduced < 0 and flow != lower):
            faults.append(f"arc {place} could earn more")
        if flow < capacity:
            shortest[head] = min(shortest[head], potential[tail] - reward)
        if flow > lower:
            shortest[tail] = min(shortest[tail], potential[head] + reward)
    faults += [
        f"the potential of {name} is no shortest distance"
        for name, given, found in zip(certificate.nodes, potential, shortest, strict=True)
        if given != found
    ]
    return faults
