"""A bid sealed by the client is the one that the machine checks, and its secret can be kept and read."""

import msgspec
import pytest

from steelyard.client.sealing import OfferUnreadable, Sealed, seal
from steelyard.client.tenders import OfferAsked
from steelyard.flows.tender_bid import OfferFields, sealed
from steelyard.market.tender import ALWAYS, FOREVER
from steelyard.values.instants import parse_date, parse_instant

ID = bytes(range(16))
TEXT = "00010203-0405-0607-0809-0a0b0c0d0e0f"
PLAIN = OfferAsked(id="a", origin="ONE", port="P", price="244.2", cargoes_max=3)
RICH = OfferAsked(
    id="b", origin="TWO", port="Q", price="0.05", cargoes_max=9, cargoes_min=2, currency="JPX", pay_days=30,
    from_on="2026-12-01", to_on="2026-12-20", valid_until="2026-12-01T04:00:00.5+04:00",
)  # fmt: skip
SCALES = {"AED": 2, "JPX": 3}


def test_the_client_hashes_what_the_machine_hashes():
    """Every field, with and without what may be left out; the tender's own currency said or not."""
    fields = (
        OfferFields("a", "ONE", "P", 24_420, 3, 1, "", ALWAYS, FOREVER, 0),
        OfferFields("b", "TWO", "Q", 50, 9, 2, "JPX", (parse_date("2026-12-01"), parse_date("2026-12-20")),
                    parse_instant("2026-12-01T00:00:00.5Z"), 30),
    )  # fmt: skip
    salt = bytes(range(32))
    made = seal(TEXT, "SIDRAEA0", [PLAIN, RICH], asset="AED", scales=SCALES, salt=salt)
    said = msgspec.structs.replace(PLAIN, currency="AED")

    assert sealed(ID, "SIDRAEA0", fields, salt).hex() == made.commitment
    assert (
        made.commitment
        == seal(TEXT, "SIDRAEA0", [said, RICH], asset="AED", scales=SCALES, salt=salt).commitment
    )


def test_each_seal_has_a_salt_of_its_own_that_is_kept():
    one, two = (seal(TEXT, "SIDRAEA0", [PLAIN], asset="AED", scales=SCALES) for _ in range(2))

    assert one.commitment != two.commitment
    assert 64 == len(one.salt)
    assert one == Sealed.from_json(one.to_json())
    assert (one.offers, one.salt) == (one.reveal().offers, one.reveal().salt)


@pytest.mark.parametrize(
    "changes",
    [
        {"price": "244.205"}, {"price": "0"}, {"price": "-1"}, {"price": "1e3"}, {"currency": "XXX"},
        {"from_on": "2026-02-30"}, {"to_on": "soon"}, {"valid_until": "2026-12-01"},
    ],
)  # fmt: skip
def test_what_could_not_be_revealed_is_not_sealed(changes):
    offer = msgspec.structs.replace(PLAIN, **changes)

    with pytest.raises(OfferUnreadable):
        seal(TEXT, "SIDRAEA0", [offer], asset="AED", scales=SCALES)


@pytest.mark.parametrize("salt", [b"", b"s" * 15, b"s" * 65])
def test_a_salt_that_is_too_short_or_too_long_is_none(salt):
    with pytest.raises(OfferUnreadable):
        seal(TEXT, "SIDRAEA0", [PLAIN], asset="AED", scales=SCALES, salt=salt)
