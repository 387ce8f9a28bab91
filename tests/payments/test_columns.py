"""What is remembered of many payments, written column by column, against one record packed after the other."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.payments.columns import ORIGIN, Columns, Ends, present, records
from steelyard.payments.memory import Memory
from steelyard.payments.payment import pack, pack_origin

BICS = ("ANNANOR0", "BRAMSUD0", "CLEOOST0", "NOR")
"""One participant is named as a currency is: names of both share their numbers."""
ASSETS = ("NOR", "SUD", "OST")
MEMBERS = [(bic, asset) for bic in BICS for asset in ASSETS]
BANK, MINOR = st.sampled_from(range(len(BICS))), st.integers(1, 10**18 - 1)
PAYMENT = st.tuples(
    BANK, BANK, st.sampled_from(range(len(ASSETS))), st.integers(0, 2), st.integers(0, 1), MINOR,
    st.integers(-1, 2**31 - 1), st.sampled_from((b"", b"c" * 16)), st.sampled_from((b"", b"m" * 8)),
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(PAYMENT, min_size=1, max_size=12), st.lists(st.sampled_from((*BICS, *ASSETS)), max_size=3))
def test_each_record_is_as_if_packed_alone(payments, known):
    """Names get the same numbers; who stands among the members and neither pays nor is paid gets none."""
    at_once, alone = Memory(), Memory()
    for memory in (at_once, alone):
        for name in known:
            memory.number(name)
    expected = []
    for debtor, creditor, asset, kind, service, minor, on, content, message in payments:
        names = BICS[debtor], BICS[creditor], ASSETS[asset], ASSETS[asset]
        numbers = [alone.number(name) for name in names]
        expected.append(
            pack(
                content.ljust(16, b"\0"), message.ljust(8, b"\0"), 9, kind, service, 0, 0, *numbers, minor, minor,
                7, on, b"",
            )
        )  # fmt: skip
    debtors, creditors, assets, kinds, services, minors, dates = (
        np.array(column, np.int64) for column in list(zip(*payments, strict=True))[:7]
    )
    sides = (side * len(ASSETS) + assets for side in (debtors, creditors))
    origin = b"".join(pack_origin(content, message, b"", 1) for *_, content, message in payments)
    of = Columns(
        [bytes(16)] * len(payments), Ends(MEMBERS, *sides, kinds, dates), np.frombuffer(origin, ORIGIN),
        services, minors, minors, minors, minors,
    )  # fmt: skip

    assert expected == records(of, at_once, state=9, at=7)
    assert at_once.names == alone.names


@given(st.lists(st.integers(0, 40)))
def test_present_is_what_is_there(places):
    assert sorted(set(places)) == present(np.array(places, np.int64)).tolist()
