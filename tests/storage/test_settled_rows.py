"""A packed fact fills the tables as the facts and notices that it stands for would."""

from steelyard.flows import facts, settled_rows
from steelyard.flows.command import Notice, Outcome, raw
from steelyard.payments.columns import Columns
from steelyard.storage.gather import Batch
from tests.storage.making import BANKS, Maker

COUNT = 40


def gathered(*, packed: bool) -> tuple[Batch, facts.PaymentsSettled]:
    """Gather one command that settles many payments between other facts and notices."""
    maker = Maker(7)
    own = [facts.PaymentMoved(maker.bytes(16), 4, "PART_SETTLED", 4, 0, b"b" * 16, (1, 5, 5, 9))]
    of = Columns(
        *([maker.bytes(size) for _ in range(COUNT)] for size in (16, 16, 16, 32)),
        *([place % most for place in range(COUNT)] for most in (9, 2, 2, 1)),
        *([BANKS[(place * step) % 5] for place in range(COUNT)] for step in (1, 3)),
        *[["NOR" if place % 3 else "SUD" for place in range(COUNT)]] * 2,
        [20_400] * COUNT, [0] * COUNT,
        *([10**17 + place * step for place in range(COUNT)] for step in (1, 2, 3, 4)),
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
