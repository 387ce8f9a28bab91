"""The packed snapshot: everything comes back as it was, in at most 64 bytes a payment."""

from hypothesis import given
from hypothesis import strategies as st

from steelyard.liquidity.queue import Queued, Room
from steelyard.liquidity.snapshot import (
    BYTES_MAX,
    RECORD,
    PoolSnapshot,
    Snapshot,
    pack,
    pack_pool,
    unpack,
    unpack_pool,
)

NAMES = ("ANNANOR0", "BRAMSUD0", "CLEOOST0")
PAIRS = st.permutations(NAMES)
IDS = st.binary(min_size=16, max_size=16).map(bytes.hex)
PAYMENTS = st.builds(
    lambda id, pair, amount, priority, seq, age, split, floor: Queued(
        id, pair[0], pair[1], amount, priority, seq, age, split, floor
    ),
    IDS, PAIRS, st.integers(1, 2**62), st.integers(0, 2), st.integers(-(2**60), 2**60), st.integers(0, 2**31),
    st.booleans(), st.integers(0, 2**62),
)  # fmt: skip
BALANCES = st.fixed_dictionaries(dict.fromkeys(NAMES, st.integers(-(2**62), 2**62)))


@given(st.lists(PAYMENTS, max_size=6), BALANCES, st.integers(0, 2**40))
def test_what_is_packed_is_unpacked(payments, balances, seq):
    limits, reserved = (Room(NAMES[0], "*", 7), Room(NAMES[1], NAMES[0], 0)), {NAMES[2]: (3, 4)}
    snapshot = Snapshot(seq, "NOR", balances, tuple(payments), limits, reserved)

    assert snapshot == unpack(pack(snapshot))


@given(st.lists(PAYMENTS, max_size=6), st.integers(0, 2**40))
def test_a_pool_comes_back_too(payments, seq):
    accounts = {(name, asset): number for number, name in enumerate(NAMES) for asset in ("NOR", "SUD")}
    pool = PoolSnapshot(
        seq, {"NOR": 1_000, "SUD": 2_500}, accounts, {"NOR": tuple(payments), "SUD": ()},
        dict.fromkeys(NAMES, "NOR"), dict.fromkeys(NAMES, 10**17), {(NAMES[0], "SUD"): 5},
    )  # fmt: skip

    assert pool == unpack_pool(pack_pool(pool))


def test_a_payment_takes_at_most_64_bytes():
    assert BYTES_MAX >= RECORD.itemsize
