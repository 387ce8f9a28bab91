"""The section `liquidity` of a rulebook: what is no figure never comes into force."""

import msgspec
import pytest

from steelyard.liquidity.rules import USES_MAX, SurplusUse, read

URE = {"kind": "import", "name": "urea"}


def test_uses_of_surplus_are_read_by_currency():
    assert {"INR": (SurplusUse("import", "urea"),)} == read({"surplus_uses": {"INR": [URE]}}).surplus_uses


@pytest.mark.parametrize(
    "uses",
    [[URE | {"kind": "loan"}], [URE | {"name": ""}], [URE | {"price": 7}], [URE] * (USES_MAX + 1)],
    ids=["another kind", "no name", "unknown key", "too many"],
)
def test_a_use_of_surplus_that_is_none_is_refused(uses):
    with pytest.raises(msgspec.ValidationError):
        read({"surplus_uses": {"INR": uses}})
