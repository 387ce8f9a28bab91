"""A netting cycle as it is published, and the check of it: what anybody finds out from the file alone.

`steelyard-cycle/1`: the report, every obligation that the cut took in with what of it settled, the hash that each
member was told of its legs, and the certificates of the bounds. The obligations decide: all figures of the report
must come of them, their order must be that of the cut, and no certificate may let flow between two members what
they do not owe.
"""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import pairwise
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from steelyard.liquidity.certificate import Certificate, check, to_msgpack

FORMAT = "steelyard-cycle/1"
MOST = 95_000
PAID_MAX = 2**62
"""Most obligations of one cycle, and most that one payer pays of a currency in it"""
WHOLE_BP = 10_000
SETTLED = ("CLOSED", "STATEMENTS")
Sum = Annotated[str, Meta(pattern=r"^-?[0-9]{1,60}$(?!\n)")]
Hex = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
Uuid = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$(?!\n)")]
Minor = Annotated[int, Meta(ge=0, lt=10**18)]


class Money(Struct, frozen=True):
    """An amount: what of it is checked."""

    asset: str
    amount_minor: Sum

    @property
    def minor(self) -> int:
        """The amount in minor units."""
        return int(self.amount_minor)


class Head(Struct, frozen=True):
    """Which cycle it is, and how it ended."""

    cycle_id: str
    number: int
    currencies: tuple[str, ...]
    state: str
    cut_seq: int | None = None
    proved: bool = False
    reason: str | None = None


class Currency(Struct, frozen=True):
    """What the report says of one currency."""

    currency: str
    gathered_count: int
    gathered: Money
    settles_count: int
    settles: Money
    bound: Money | None = None
    distance_bp: int | None = None


class Member(Struct, frozen=True):
    """What the report says of one participant in one currency."""

    participant: str
    out: Money
    back: Money
    net: Money
    called: Money
    paid_in: Money


class Report(Struct, frozen=True):
    """What of the published report is checked; a file may say more."""

    cycle: Head
    by_currency: tuple[Currency, ...]
    participants: tuple[Member, ...]
    certificate: Hex | None = None


class Obligation(Struct, frozen=True, forbid_unknown_fields=True):
    """One obligation as the cut found it, in the order of the cut, and what of it settled."""

    uetr: Uuid
    payer: str
    payee: str
    currency: str
    priority: Annotated[int, Meta(ge=0, le=2)]
    seq: Annotated[int, Meta(ge=0, le=2**63 - 1)]
    open_minor: Minor
    settled_minor: Minor

    @property
    def uetr_bytes(self) -> bytes:
        """Its UETR's 16 bytes."""
        return bytes.fromhex(self.uetr.replace("-", ""))


class Told(Struct, frozen=True, forbid_unknown_fields=True):
    """The hash that a participant was told of its legs in one currency."""

    participant: str
    currency: str
    digest: Hex


class File(Struct, frozen=True):
    """A published cycle."""

    format: str
    report: Report
    obligations: tuple[Obligation, ...]
    told: tuple[Told, ...]
    certificates: tuple[Certificate, ...]


class FileMalformed(ValueError):
    """What was read is no cycle of this format; says where."""


class Verdict(Struct, frozen=True):
    """What a check found: certificates, obligations, how many of these settled, and what is wrong."""

    certificates: int
    obligations: int
    settled: int
    faults: tuple[str, ...]

    @property
    def is_proved(self) -> bool:
        """Whether nothing is wrong and the bound stands on a certificate."""
        return bool(self.certificates) and not self.faults


def read(data: bytes) -> File:
    """Read a cycle's file; raises FileMalformed."""
    try:
        found = msgspec.json.decode(data, type=File)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as trouble:
        raise FileMalformed(str(trouble)) from trouble
    if found.format != FORMAT:
        raise FileMalformed(f"the format is not {FORMAT}")
    return found


def verify(file: File) -> Verdict:
    """Check a cycle's file: the cut, what settled, nets and pay-ins, hashes, bounds and their proofs."""
    settled = sum(1 for one in file.obligations if one.settled_minor)
    faults: list[str] = []
    if file.report.cycle.state not in SETTLED:
        faults.append(f"the cycle has not settled: it is {file.report.cycle.state}")
    is_open = faults and file.report.cycle.cut_seq is None and not file.obligations
    for look in () if is_open else _LOOKS:
        faults += look(file)
    return Verdict(len(file.certificates), len(file.obligations), settled, tuple(faults))


def _cut(file: File) -> Iterator[str]:
    """Say where the obligations are not what a cut takes in."""
    head, rows = file.report.cycle, file.obligations
    if head.cut_seq is None:
        yield "the report does not say when the cycle was cut"
    elif any(one.seq >= head.cut_seq for one in rows):
        yield f"an obligation is not of the {head.cut_seq} commands before the cut"
    order = [(one.priority, one.seq, one.uetr) for one in rows]
    if any(one >= two for one, two in pairwise(order)):
        yield "the obligations are not in the order of the cut: class, seq, UETR"
    if len({one.uetr for one in rows}) < len(rows):
        yield "an obligation is there twice"
    if len(rows) > MOST:
        yield f"more than {MOST} obligations are in one cycle"
    if any(one.currency not in head.currencies for one in rows):
        yield "an obligation is of a currency that the cycle is not of"
    if any(one.payer == one.payee or not one.open_minor for one in rows):
        yield "an obligation is of nothing, or to its own payer"
    paid: dict[tuple[str, str], int] = {}
    for one in rows:
        key = one.payer, one.currency
        paid[key] = paid.get(key, 0) + one.open_minor
    if max(paid.values(), default=0) > PAID_MAX:
        yield "one payer pays more of a currency than a cycle takes in"


def _settled(file: File) -> Iterator[str]:
    """Say where what settled is not what the report says, currency by currency."""
    rows = file.obligations
    if any(one.settled_minor > one.open_minor for one in rows):
        yield "more of an obligation settled than was open"
    told = [one.currency for one in file.report.by_currency]
    if told != list(file.report.cycle.currencies):
        yield "the report is of other currencies than the cycle"
    for each in file.report.by_currency:
        mine = [one for one in rows if one.currency == each.currency]
        yield from _differ(each.currency, (
            ("obligations gathered", each.gathered_count, len(mine)),
            ("gathered", each.gathered.minor, sum(one.open_minor for one in mine)),
            ("obligations settled", each.settles_count, sum(1 for one in mine if one.settled_minor)),
            ("settled", each.settles.minor, sum(one.settled_minor for one in mine)),
        ))  # fmt: skip


def _differ(where: str, figures: Iterable[tuple[str, int, int]]) -> Iterator[str]:
    for what, told, found in figures:
        if told != found:
            yield f"{where}: {what} is {found} by the obligations, not {told}"


def _nets(file: File) -> Iterator[str]:
    """Say where nets are not those of what settled, do not come to nothing, or were not paid in."""
    flows: dict[tuple[str, str], list[int]] = {}
    for one in file.obligations:
        if one.settled_minor:
            flows.setdefault((one.payer, one.currency), [0, 0])[0] += one.settled_minor
            flows.setdefault((one.payee, one.currency), [0, 0])[1] += one.settled_minor
    rows = {(one.participant, one.out.asset): one for one in file.report.participants}
    if len(rows) < len(file.report.participants):
        yield "a participant is there twice in one currency"
    for bic, asset in sorted(flows.keys() - rows.keys()):
        yield f"{bic} {asset}: its part is not in the report"
    sums: dict[str, int] = {}
    for (bic, asset), row in rows.items():
        out, back = flows.get((bic, asset), (0, 0))
        yield from _differ(f"{bic} {asset}", (
            ("what it pays", row.out.minor, out), ("what it gets", row.back.minor, back),
            ("its net", row.net.minor, back - out),
        ))  # fmt: skip
        sums[asset] = sums.get(asset, 0) + row.net.minor
        if not 0 <= row.paid_in.minor <= row.called.minor:
            yield f"{bic} {asset}: it paid in {row.paid_in.minor}, and was called for {row.called.minor}"
        if out - back > row.paid_in.minor:
            yield f"{bic} {asset}: it pays {out - back} on balance, and paid in {row.paid_in.minor}"
    for asset, net in sorted(sums.items()):
        if net:
            yield f"{asset}: the nets come to {net}, not to nothing"


def _hashes(file: File) -> Iterator[str]:
    """Say which member was told another hash than that of its legs."""
    legs: dict[tuple[str, str], list[bytes]] = {}
    for one in file.obligations:
        if one.settled_minor:
            record = one.uetr_bytes + one.settled_minor.to_bytes(16, "big")
            legs.setdefault((one.payer, one.currency), []).append(record + b"\0")
            legs.setdefault((one.payee, one.currency), []).append(record + b"\1")
    told = {(one.participant, one.currency): one.digest for one in file.told}
    if file.report.cycle.state == "STATEMENTS":
        for bic, asset in sorted(legs.keys() - told.keys()):
            yield f"{bic} {asset}: it was told of no legs"
    for (bic, asset), digest in told.items():
        if sha256(b"".join(legs.get((bic, asset), []))).hexdigest() != digest:
            yield f"{bic} {asset}: the hash it was told is not that of its legs"


def _bounds(file: File) -> Iterator[str]:
    """Say what is wrong with the bounds, what is measured by them, and what proves them."""
    report = file.report
    digest = sha256(b"".join(map(to_msgpack, file.certificates))).hexdigest() if file.certificates else None
    if report.certificate != digest:
        yield "the report names other certificates by their digest"
    for each in report.by_currency:
        yield from _bound(each, is_proved=report.cycle.proved)
    after = report.cycle.cut_seq or 0
    if any(one.snapshot_seq <= after for one in file.certificates):
        yield "a certificate is of before the cut"
    owed: dict[str, dict[tuple[str, str], int]] = {}
    for one in file.obligations:
        mine = owed.setdefault(one.currency, {})
        mine[one.payer, one.payee] = mine.get((one.payer, one.payee), 0) + one.open_minor
    left = [each for each in report.by_currency if each.currency in owed]
    for place, certificate in enumerate(file.certificates):
        name = f"certificate {place}"
        yield from (f"{name}: {fault}" for fault in check(certificate))
        fits = [at for at, each in enumerate(left) if _bears(certificate, each, owed[each.currency])]
        if fits:
            left = left[fits[0] + 1 :]
        else:
            yield f"{name}: it bears no bound of the report, or lets flow what nobody owes"
    for each in left if report.cycle.proved or file.certificates else ():
        if each.bound is not None:
            yield f"{each.currency}: no certificate bears the bound of {each.bound.minor}"
        elif each.settles_count:
            yield f"{each.currency}: something settled, and nothing says how much could have"


def _bound(each: Currency, *, is_proved: bool) -> Iterator[str]:
    settled = each.settles.minor
    if each.bound is None:
        return
    bound = each.bound.minor
    if is_proved and settled > bound:
        yield f"{each.currency}: {settled} settled, more than the bound of {bound}"
    distance = max(0, bound - settled) * WHOLE_BP // bound if bound else 0
    if each.distance_bp != distance:
        yield f"{each.currency}: the distance is {distance} basis points, not {each.distance_bp}"


def _bears(certificate: Certificate, each: Currency, owed: dict[tuple[str, str], int]) -> bool:
    """Tell whether a certificate is of a currency: its value is the bound, and it is made of what is owed there."""
    if each.bound is not None and certificate.value != each.bound.minor:
        return False
    if certificate.objective != "value":
        return False
    names = [node.removesuffix("*") for node in certificate.nodes]  # limits against all others have a node A*
    room: dict[tuple[str, str], int] = {}
    for arc in certificate.arcs:
        if not (0 <= arc[0] < len(names) and 0 <= arc[1] < len(names)):
            return False
        pair = names[arc[0]], names[arc[1]]
        if all(pair) and pair[0] != pair[1]:
            room[pair] = room.get(pair, 0) + arc[3]
    return all(capacity <= owed.get(pair, 0) for pair, capacity in room.items())


_LOOKS: tuple[Callable[[File], Iterator[str]], ...] = (_cut, _settled, _nets, _hashes, _bounds)
