"""Many payments settled whole by one bundle: packed in one fact, and the facts and notices that it stands for.

A batch settles up to 95,000 payments, and whoever runs the machine should not stand still while a fact and two
notices are written of each. So the fact keeps a record of 92 bytes per payment, and its readers make of it what
a `PaymentMoved` and two notices each would have told them: `each_fact` and `each_notice` give all of an outcome's.

Facts count as many as they stand for; notices of packed facts come behind the outcome's own.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from msgspec import Raw

from steelyard.flows.command import Notice
from steelyard.flows.diary import CREDITOR, DEBTOR
from steelyard.flows.facts import AnyFact, PaymentMoved, PaymentsSettled, decode_fact
from steelyard.payments.columns import Columns
from steelyard.payments.payment import said
from steelyard.payments.states import Event, State

ROW = np.dtype(
    [
        ("uetr", "V16"), ("message_digest", "V32"), ("ordinal", "<u4"), ("settlement_on", "<i4"),
        ("debtor_agent", "<u4"), ("creditor_agent", "<u4"), ("asset", "<u4"), ("debit_minor", "<i8"),
        ("target_minor", "<i8"), ("payee_minor", "<i8"),
    ]
)  # fmt: skip
"""One payment; agents and asset are places among the fact's names."""
KIND = "payment.settled"


def pack(of: Columns, bundle_id: bytes) -> PaymentsSettled:
    """Give the fact that these payments, each in one currency, have settled whole."""
    ends = of.ends
    names = tuple(dict.fromkeys([*(bic for bic, _ in ends.members), *(asset for _, asset in ends.members)]))
    place = {name: number for number, name in enumerate(names)}
    bics, assets = (np.array([place[member[side]] for member in ends.members], np.int64) for side in (0, 1))
    rows = np.zeros(len(of.uetr), ROW)
    rows["uetr"] = np.frombuffer(b"".join(of.uetr), "V16")
    rows["message_digest"], rows["ordinal"] = of.origin["message_digest"], of.origin["ordinal"]
    rows["settlement_on"] = ends.settlement_on
    rows["debtor_agent"], rows["creditor_agent"] = bics[ends.payer], bics[ends.payee]
    rows["asset"] = assets[ends.payer]
    for name in ("debit_minor", "target_minor", "payee_minor"):
        rows[name] = getattr(of, name)
    return PaymentsSettled(bundle_id, names, rows.tobytes())


def moves(fact: PaymentsSettled) -> Iterator[PaymentMoved]:
    """Give the step of each payment, in order."""
    for uetr in np.frombuffer(fact.rows, ROW)["uetr"].tolist():
        yield PaymentMoved(uetr, State.QUEUED, Event.SETTLED_NOW, State.SETTLED, 0, fact.bundle_id)


def notices(fact: PaymentsSettled) -> Iterator[Notice]:
    """Give what debtor and creditor agent of each payment are told, in order."""
    names, settled = fact.names, int(State.SETTLED)
    for uetr, digest, ordinal, on, debtor, creditor, asset_place, debit, target, payee in np.frombuffer(
        fact.rows, ROW
    ).tolist():
        asset = names[asset_place]
        data = settled, 0, "", said(digest), ordinal, on, asset, debit, asset, target, payee
        yield Notice(names[debtor], KIND, uetr, (DEBTOR, *data))
        yield Notice(names[creditor], KIND, uetr, (CREDITOR, *data))


def each_fact(packed: Iterable[Raw]) -> Iterator[AnyFact]:
    """Decode the facts of an outcome, a packed one as those that it stands for."""
    for raw in packed:
        fact = decode_fact(raw)
        if isinstance(fact, PaymentsSettled):
            yield from moves(fact)
        else:
            yield fact


def each_notice(packed: Iterable[Raw], own: Iterable[Notice]) -> Iterator[Notice]:
    """Give the notices of an outcome, and behind them those that its packed facts stand for."""
    yield from own
    for raw in packed:
        fact = decode_fact(raw)
        if isinstance(fact, PaymentsSettled):
            yield from notices(fact)
