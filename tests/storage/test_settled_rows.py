"""A packed fact fills the tables as the facts and notices that it stands for would."""

import numpy as np

from steelyard.flows import facts, settled_rows
from steelyard.flows.command import Notice, Outcome, raw
from steelyard.payments.columns import ORIGIN, Columns, Ends
from steelyard.payments.payment import pack_origin
from steelyard.storage.gather import Batch
from tests.storage.making import BANKS, Maker

COUNT = 40


def gathered(*, packed: bool) -> tuple[Batch, facts.PaymentsSettled]:
    """Gather one command that settles many payments between other facts and notices."""
    maker = Maker(7)
    own = [facts.PaymentMoved(maker.bytes(16), 4, "PART_SETTLED", 4, 0, b"b" * 16, (1, 5, 5, 9))]
    members = [(bic, asset) for bic in BANKS[:5] for asset in ("NOR", "SUD")]
    place = np.arange(COUNT)
    payer, payee = ((place * step % 5) * 2 + (place % 3 == 0) for step in (1, 3))
    whose = Ends(members, payer, payee, place % 2, np.full(COUNT, 20_400))
    origin = b"".join(
        pack_origin(maker.bytes(16), maker.bytes(8), maker.bytes(32), number % 9) for number in range(COUNT)
    )
    of = Columns(
        [maker.bytes(16) for _ in range(COUNT)], whose, np.frombuffer(origin, ORIGIN), place % 2,
        *(10**17 + place * step for step in (1, 2, 3, 4)),
    )  # fmt: skip
    fact = settled_rows.pack(of, b"\0" * 15 + b"b")
    last = facts.PaymentMoved(of.uetr[0], 9, "CREDITED", 10)
    told = [Notice("BK0000AA", "batch.applied", b"s", (1,))]
    if packed:
        outcome = Outcome(0, 0, -1, (*map(raw, own), raw(fact), raw(last)), tuple(told))
    else:
        every = (*own, *settled_rows.moves(fact), last)
        outcome = Outcome(0, 0, -1, tuple(map(raw, every)), (*told, *settled_rows.notices(fact)))
    assert (*own, *settled_rows.moves(fact), last) == tuple(settled_rows.each_fact(outcome.facts))
    found = Batch(0)
    found.add(maker.row([(maker.command(), outcome, [])]))
    return found, fact


def test_packed_and_spelled_out_fill_the_same_rows():
    (one, _), (other, _) = gathered(packed=True), gathered(packed=False)

    assert 2 * COUNT + 1 == len(one.events)
    assert COUNT + 2 == len(one.moves)
    for name in ("moves", "moved", "events", "upserts", "entered"):
        assert getattr(one, name) == getattr(other, name), name


def test_a_row_says_what_its_payment_says():
    _, fact = gathered(packed=True)
    debtor, creditor = list(settled_rows.notices(fact))[4:6]

    assert ("payment.settled", BANKS[2], BANKS[1]) == (debtor.kind, debtor.recipient, creditor.recipient)
    assert ("debtor", 9, 0, "") == debtor.data[:4]
    assert (2, 20_400, "NOR", 10**17 + 2, "NOR", 10**17 + 6, 10**17 + 8) == debtor.data[5:]
    assert debtor.data[1:] == creditor.data[1:]
