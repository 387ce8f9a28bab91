"""The bulk lane: a batch at once gives every outcome and leg byte that its bundles give one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.engine import packed, runs
from steelyard.engine import records as records_module
from steelyard.engine.accounts import AccountKind
from steelyard.engine.bulk import NO_BARS, Bars, Sent
from steelyard.engine.bundles import Kind
from steelyard.engine.commands import Reverse
from steelyard.engine.invariants import first_broken
from steelyard.engine.limits import LimitKind
from steelyard.engine.records import LEG, LINKED, NO_LEG, OUTCOME, RELEASE, RESERVE, SETTLE, SIZE
from steelyard.engine.refusals import Refusal
from steelyard.engine.state import Engine
from tests.engine.world import AT, SECOND, Small

NOW_MS = AT // 10**6


@pytest.fixture(
    autouse=True,
    scope="module",
    params=[(0, 1), (0, 500), (16, 500)],
    ids=["runs at once", "record by record", "bundle by bundle"],
)
def way_of_small_batches(request):
    """Take every batch by its columns, whole runs of one act at once or not, then the small ones as a node does."""
    before = packed.FEW, records_module.FEW, runs.MANY
    few, runs.MANY = request.param
    packed.FEW = records_module.FEW = few
    yield
    packed.FEW, records_module.FEW, runs.MANY = before


def world(*, ids_max=2_000_000, reservations_max=500_000):
    """Accounts 2 and 3 are anna's, 4 bram's; 5 counts under a limit, 6 is blocked, 7 frozen, 8 to 10 special."""
    small = Small(engine=Engine(ids_max=ids_max, reservations_max=reservations_max))
    small.open("anna/NOR")
    small.open("anna/NOR/till", ceiling=150)
    small.open("bram/NOR")
    for name in ("limited", "blocked", "frozen"):
        small.open(f"anna/NOR/{name}")
    small.open("anna/NOR/trade", AccountKind.RESERVED)
    small.open("hub/NOR/residual", AccountKind.RESIDUAL, ceiling=10)
    small.open("anna/NOR/keep", AccountKind.SUSPENSE)
    limit = small.engine.open_limit(LimitKind.FLOW, 1, 60)
    small.engine.attach_limit(limit, [5])
    for name in ("", "/till", "/limited", "/blocked", "/frozen"):
        small.fund(f"anna/NOR{name}", 120)
    small.fund("bram/NOR", 120)
    small.engine.block(6)
    small.engine.block(7, debits=False, credits=False, freeze=True)
    small.engine.take_records()
    return small.engine


WELL = st.tuples(st.sampled_from([2, 2, 2, 3, 5]), st.sampled_from([4, 4, 3]), st.integers(1, 40))
ODD = st.tuples(
    st.integers(0, 12) | st.just(2**64 - 1),
    st.integers(0, 12),
    st.sampled_from([1, 50, 0, -3, 10**18, 2**63 - 1]),
)
LEGS = st.lists(st.one_of(WELL, WELL, WELL, ODD), min_size=1, max_size=3)
SERIALS = st.integers(1, 40)
TIMES = st.sampled_from([0] * 6 + [-1, 1, 1500, 3000, -4 * 3_600_000, 300_000, 300_001, -(10**9)])


@st.composite
def bundles(draw):
    """Draw one bundle of the lane as records."""
    if draw(st.booleans()) and draw(st.booleans()):
        rows = np.zeros(1, LEG)
        rows["act"] = draw(st.sampled_from([SETTLE, RELEASE]))
        rows["amount_minor"] = draw(st.sampled_from([0, 0, 0, 5, 90, -1]))
        rows["original_low"], rows["original_high"] = draw(SERIALS), NOW_MS << 16
    else:
        legs = draw(LEGS)
        rows = np.zeros(len(legs), LEG)
        rows["act"] = draw(st.sampled_from([1, 1, RESERVE]))
        rows["kind"] = draw(st.sampled_from([Kind.PAYMENT] * 5 + [Kind.PURPOSE, Kind.CASE, 99]))
        rows["policy"] = draw(st.integers(0, 1))
        rows["asset_no"] = draw(st.sampled_from([1] * 9 + [0, 2]))
        rows["reference_low"] = draw(st.sampled_from([0, 5, 2**63]))
        rows["reference_high"] = draw(st.sampled_from([0, 2**64 - 1]))
        for name, column in zip(("source", "target", "amount_minor"), zip(*legs, strict=True), strict=True):
            rows[name] = column
        if rows["act"][0] == RESERVE:
            rows["deadline_at"] = AT + draw(st.sampled_from([30, 30, 30, 1, 0, -1])) * SECOND
            if draw(st.integers(0, 5)) == 0:
                rows["deadline_at"] = 0
    rows["flags"] = LINKED
    rows["flags"][-1] = 0
    rows["leg_no"] = np.arange(len(rows))
    low, ms = draw(SERIALS), NOW_MS + draw(TIMES)
    rows["id_low"] = 0 if draw(st.integers(0, 30)) == 0 else low
    rows["id_high"] = max(ms, 0) << 16 if rows["id_low"][0] else 0
    return rows.tobytes()


BATCHES = st.lists(
    st.tuples(
        st.lists(bundles(), min_size=1, max_size=12),
        st.sampled_from([2, 2, 2, 2, 3, 0, 99]),
        st.sampled_from([0, 0, SECOND]),
    ),
    min_size=1,
    max_size=3,
)


def one_by_one(engine, batch, at, sender, bars=NO_BARS):
    """Apply the bundles of a batch in turn and pack what comes of each."""
    outcomes, position = [], 0
    for records in batch:
        count = len(records) // SIZE
        outcome = engine.apply(Sent(records, sender, position, bars), at=at + position)
        code = outcome.refusal.code if outcome.refusal else 0
        leg = 0 if not code else outcome.leg if outcome.leg >= 0 else NO_LEG
        outcomes += [(code, leg, outcome.position)] * count
        position += count
    return np.array(outcomes, dtype=OUTCOME).tobytes(), engine.take_records()


@settings(max_examples=150, deadline=None)
@given(
    batches=BATCHES, ids_max=st.sampled_from([2_000_000, 12]), most=st.sampled_from([500_000, 2]),
    bars=st.builds(
        Bars, st.sampled_from([frozenset(), frozenset({3}), frozenset({2, 3})]),
        st.sampled_from([{}, {1: 20}, {1: 0, 2: 5}]), st.sampled_from([500_000, 1, 2]),
    ),
)  # fmt: skip
def test_packed_is_one_by_one(batches, ids_max, most, bars):
    together, apart = (world(ids_max=ids_max, reservations_max=most) for _ in range(2))
    at = AT
    for batch, sender, step in batches:
        at += step
        expected = one_by_one(apart, batch, at, sender, bars)

        assert expected == together.apply_packed(b"".join(batch), first_at=at, sender=sender, bars=bars)
        assert apart.encode() == together.encode()
        assert apart.next_due() == together.next_due()
        assert apart.made == together.made == Engine.decode(apart.encode()).made
        assert first_broken(together) is None
        at += 1000


@settings(max_examples=60, deadline=None)
@given(batches=BATCHES)
def test_a_batch_sent_again_gives_the_same_and_changes_nothing(batches):
    engine = world()
    for batch, sender, _ in batches:
        packed = b"".join(batch)
        first, _ = engine.apply_packed(packed, first_at=AT, sender=sender)
        before = engine.encode()
        again, legs = engine.apply_packed(packed, first_at=AT + 1000, sender=sender)
        new, old = (np.frombuffer(outcomes, OUTCOME) for outcomes in (first, again))

        assert legs == b""
        assert before == engine.encode()
        assert (new["refusal"] == old["refusal"]).all()


def test_a_long_batch_of_all_acts_is_one_by_one():
    """8,000 records in runs and alternations, on the short way and off it."""
    rng = np.random.default_rng(5)
    batch = []
    for serial in range(1, 8_001):
        rows = np.zeros(1, LEG)
        rows["id_low"], rows["id_high"] = serial, NOW_MS << 16
        act = 1 if serial < 3000 else RESERVE if serial < 5000 else rng.integers(1, 5)
        rows["act"] = act
        if act >= SETTLE:
            rows["original_low"], rows["original_high"] = rng.integers(3000, serial), NOW_MS << 16
        else:
            source, target = rng.choice([2, 3, 4], 2, replace=False)
            rows["source"], rows["target"], rows["amount_minor"] = source, target, rng.integers(1, 4)
            rows["asset_no"], rows["kind"] = 1, Kind.PAYMENT
            rows["deadline_at"] = AT + 10 * SECOND if act == RESERVE else 0
        batch.append(rows.tobytes())
    together, apart = world(), world()
    expected = one_by_one(apart, batch, AT, 2)

    assert expected == together.apply_packed(b"".join(batch), first_at=AT, sender=2)
    assert apart.encode() == together.encode()
    assert {0, Refusal.LIQUIDITY_IS_SHORT.code, 34} <= set(
        np.frombuffer(expected[0], OUTCOME)["refusal"].tolist()
    )


def test_a_moved_bundle_of_the_lane_can_be_reversed():
    small = Small("anna", "bram", funded=100)
    rows = np.zeros(1, LEG)
    rows["id_low"], rows["id_high"], rows["act"], rows["kind"] = 9, NOW_MS << 16, 1, Kind.PAYMENT
    rows["source"], rows["target"], rows["amount_minor"], rows["asset_no"] = 2, 3, 40, 1
    sender = small.owner("anna")[0]
    _, legs = small.engine.apply_packed(rows.tobytes(), first_at=AT, sender=sender)
    back = small.bundle(kind=Kind.CORRECTION)

    assert small.balance("bram") == 140
    assert small.engine.apply(Reverse(back, legs, (40,), small.everyone), at=AT).refusal is None
    assert small.balance("bram") == 100


def test_a_flows_reservation_is_not_the_lanes_to_end():
    small = Small("anna", "bram", funded=100)
    held, _ = small.reserve(("anna", "bram", 40))
    rows = np.zeros(1, LEG)
    rows["id_low"], rows["id_high"], rows["act"] = 999, NOW_MS << 16, RELEASE
    rows["original_low"], rows["original_high"] = held & (2**64 - 1), held >> 64
    outcome = small.engine.apply(Sent(rows.tobytes(), small.owner("anna")[0]), at=AT)

    assert outcome.refusal is Refusal.ACCOUNT_NEEDS_OTHER_AUTHORITY
    assert small.engine.reservation(held) is not None


def test_a_batch_with_a_fault_of_form_is_the_doors_to_refuse():
    with pytest.raises(ValueError, match="128"):
        world().apply_packed(b"x", first_at=AT, sender=2)
    with pytest.raises(ValueError, match="128"):
        world().apply(Sent(b"x", 2), at=AT)
