"""A reference rate may be any ratio: what is measured against it stays small enough to be written down."""

import pytest

from steelyard.flows.command import Code
from steelyard.flows.rates import RatesFields
from steelyard.fx.rates import MARGIN_MAX
from tests.flows.payworld import ANNA, BRAM, PONS, Network


@pytest.mark.parametrize(("num", "den", "margin"), [(1, 2**63 - 1, -MARGIN_MAX), (2**63 - 1, 1, 10_000)])
def test_an_absurd_reference_rate_stops_no_quote(num: int, den: int, margin: int) -> None:
    net = Network()
    net.fund(ANNA, "NOR", 10_000)
    net.fund(PONS, "SUD", 10**9, "fx")
    net.sheet(PONS, "NOR", "SUD", (0, 2250, 100))
    fields = RatesFields("test", net.at, (("NOR", "SUD", num, den, 0),))
    assert net.give("rates.put", fields, "operator").code == Code.DONE

    (given,) = net.quote(ANNA, "NOR", "SUD", 1_000)
    uetr = net.pay(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=given.quote_id, disclosure=given.disclosure)

    assert given.margin_bp == margin
    assert net.state(uetr) == 9
    net.check()
