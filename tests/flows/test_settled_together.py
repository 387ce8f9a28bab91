"""Many payments booked at once: the same facts, notices and state as one after the other."""

import weakref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from steelyard.engine.bundles import Bundle, Kind, Policy
from steelyard.flows import booking, course, gridlock, parties, together
from steelyard.flows.diary import Diary
from steelyard.flows.facts import decode_fact
from steelyard.flows.settled_rows import each_fact, each_notice
from steelyard.flows.world import FREED, World
from steelyard.liquidity.line import Line
from steelyard.payments.payment import Payment
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, CLEO, Network, part_leg

BANKS = (ANNA, ARNE, BIRK, BRAM, CLEO)
PAYMENT = st.tuples(
    st.permutations(BANKS).map(lambda every: tuple(every[:2])), st.integers(1, 90), st.integers(0, 2)
)


def booked(
    payments: list, chosen: list[int], *, many: int, reports: bool, kept: bool
) -> tuple[Network, Diary]:
    """Queue payments and settle some of them with money that comes for it."""
    net = Network()
    uetrs = [net.pay(*pair, "NOR", minor, priority=priority) for pair, minor, priority in payments]
    for bic in BANKS if reports else ():
        bank = net.world.members.participants[bic]
        bank.settings = replace(bank.settings, reports_credit=True)
    if kept:
        payer = parties.settlement_account(net.world, ANNA, "NOR")
        net.world.reservations.put(payer, 0, 70)
        net.world.reservations.put(payer, 1, 1_000)
    live = [net.world.payments.live[uetr] for uetr in uetrs if uetr in net.world.payments.live]
    going = [payment for number, payment in enumerate(live) if number in chosen]
    owner_nos, diary = net.world.engine.owner_nos, Diary()
    for bic in BANKS:
        issuer, account = (
            net.world.members.issuer_account("NOR"),
            parties.settlement_account(net.world, bic, "NOR"),
        )
        issue = Bundle(
            booking.bundle_id(bic.encode(), 0, net.at), Kind.ISSUE, (booking.Leg(issuer, account, 5_000),)
        )
        assert net.world.engine.move(issue, at=net.at, authority=[owner_nos["STAGNOR0"]]).refusal is None
    if going:
        _book(net, diary, going, many=many)
    return net, diary


def _book(net: Network, diary: Diary, going: list[Payment], *, many: int) -> None:
    legs = tuple(part_leg(net.world, payment, payment.open_minor) for payment in going)
    number = booking.bundle_id(b"batch", 1, net.at)
    bundle = Bundle(number, Kind.PAYMENT, legs, policy=Policy.AT_END)
    authority = [net.world.engine.owner_nos[bic] for bic in BANKS]
    assert net.world.engine.move(bundle, at=net.at, authority=authority).refusal is None
    id, clocks = number.to_bytes(16, "big"), parties.clocks(net.world, net.at)
    if many:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(together, "MANY", many)
            together.settled_together(net.world, diary, going, id, at=net.at, clocks=clocks)
    else:
        for payment in going:
            course.settled_now(net.world, diary, payment, id, at=net.at, clocks=clocks)


@settings(max_examples=60, deadline=None)
@given(
    payments=st.lists(PAYMENT, max_size=14),
    chosen=st.lists(st.integers(0, 13), max_size=14),
    many=st.sampled_from((1, 1, 4, 10**6)),
    reports=st.booleans(),
    kept=st.booleans(),
)
def test_at_once_is_as_one_by_one(payments, chosen, many, reports, kept):
    """From one on, from a few on or never on columns: the packed fact stands for what would be told of each."""
    (one, told), (other, also) = (
        booked(payments, chosen, many=way, reports=reports, kept=kept) for way in (0, many)
    )
    for net in (one, other):
        net.world.queues.todo.accounts.clear()  # who is looked at next may differ: nobody settles twice by it
    hashes = [dict(net.world.section_hashes()) for net in (one, other)]

    assert list(map(decode_fact, told.facts)) == list(each_fact(also.facts))
    assert told.notices == list(each_notice(also.facts, also.notices))
    assert hashes[0] == hashes[1]
    other.check()


@given(
    st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(1, 99)), unique_by=lambda row: row[0], max_size=400
    ),
    st.data(),
)
def test_a_line_keeps_what_is_left_when_each_other_is_removed(rows, data):
    lines = Line(), Line()
    for line in lines:
        for key, minor in rows:
            line.put((key,), minor, f"p{key}")
    keys = (
        {(key,) for key, _ in rows if data.draw(st.booleans())}
        if len(rows) < 40
        else {(k,) for k, _ in rows[::2]}
    )
    for key in sorted(keys):
        lines[0].remove(key)
    lines[1].keep({key for key, _ in rows} - {key for (key,) in keys})

    assert list(lines[0]) == list(lines[1])
    assert (len(lines[0]), lines[0].total_minor) == (len(lines[1]), lines[1].total_minor)
    for room in (0, 10, 50):
        assert lines[0].following(None, room) == lines[1].following(None, room)


def test_a_payer_finds_its_answer_among_plain_facts():
    """A payment that queues sets off fewer than are written down as one."""
    assert together.MANY > 2 * gridlock.MOST_OF_PAIR


class Box:
    """Something that tells when it is freed."""


def test_what_no_state_names_any_more_is_freed_some_with_each_command():
    """It is held till then, no longer, and no state shows it."""
    world, before = World(), World().state_hash()
    boxes = [Box() for _ in range(FREED + 5)]
    alive = weakref.WeakSet(boxes)
    world.let_go(boxes)
    del boxes
    left = []
    for _ in range(3):
        left.append(len(alive))
        world.free_some()

    assert [FREED + 5, 5, 0] == left
    assert before == world.state_hash()
