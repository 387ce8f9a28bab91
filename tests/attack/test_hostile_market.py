"""Every command of the market with one field of another form: turned away at once, no trace, the next one works.

Where a value has the right form and is wrong (10^18, 0, below zero, beside tick and lot, a time that is over) the
flow refuses it by the name of the rule. What a caller of the API is told, by name and field, is in `tests/api`.
"""

import math
from random import Random
from typing import Any

import msgspec
import pytest

from steelyard.flows.command import NO_FIELDS, Code, Command
from steelyard.flows.market_money import MoneyFields
from steelyard.flows.order import OrderFields
from steelyard.flows.refusals import Admission
from steelyard.flows.rfq import RequestFields
from steelyard.market.orders import Side
from steelyard.market.refusals.orders import OrderRefusal as No
from steelyard.market.refusals.tenders import TenderRefusal
from steelyard.market.rfq import BUY
from steelyard.values.instants import HOUR
from tests.attack.fair import LINES, Fair, fair
from tests.attack.hostile import fields
from tests.flows.goods import BUYER, RYE, SELLER
from tests.flows.markets import SPOT, Market
from tests.flows.payworld import PONS, is_refused

OTHER_FORMS = (
    0.5,
    1e3,
    math.nan,
    math.inf,
    "7",
    "NaN",
    None,
    b"\xff" * 300,
    {"a": 1},
    [[]],
    10**18 * 10,
    -(2**63),
)


@pytest.fixture(scope="module")
def net() -> Fair:
    return fair()


def sections(net: Fair) -> dict[str, bytes]:
    return dict(net.world.sections())


def packed(net: Fair, name: str, values: Any, sender: str = SELLER) -> Command:
    """Make a command of any values at all, as no client of ours would."""
    net._number += 1
    command_id = (net.at // 1_000_000).to_bytes(6, "big") + net._number.to_bytes(10, "big")
    body = msgspec.Raw(msgspec.msgpack.encode(values))
    return Command(name, 1, command_id, sender, f"t-{sender}", 0, body, NO_FIELDS, bytes(16))


def others(kind: type, good: list[Any]) -> list[list[Any]]:
    """Give the fields again and again with one of another form, one too few and one too many."""
    made = [[*good, 1], [*good, None], [*good[:-1], good] if good else [[]]]
    required = len(kind.__struct_fields__) - len(kind.__struct_defaults__)
    made += [good[: required - 1]] if required else []
    for place, held in enumerate(good):
        for form in OTHER_FORMS:
            if type(form) is not type(held):
                made.append([*good[:place], form, *good[place + 1 :]])
    return made


@pytest.mark.parametrize("name", sorted(LINES))
def test_fields_of_another_form_are_turned_away_at_once_without_a_trace(net: Fair, name: str) -> None:
    """Not recorded, nothing changed but perhaps a refusal by the door for values that do have a right form."""
    line, before = LINES[name], sections(net)
    good = msgspec.msgpack.decode(msgspec.msgpack.encode(fields(line.fields, Random(name), [])))
    turned_away = 0
    for values in others(line.fields, good):
        command = packed(net, name, values)
        try:
            line.decode(command.fields)
        except ValueError:
            applied = net.machine.apply(command, at=net.at)
            turned_away += 1
            assert (False, Admission.COMMAND_IS_MALFORMED) == (applied.recorded, applied.refusal), values

    assert turned_away >= len(good)
    assert before == sections(net)


WRONG = [
    ({"quantity": 0}, No.QUANTITY_MUST_BE_POSITIVE),
    ({"quantity": -1}, No.QUANTITY_MUST_BE_POSITIVE),
    ({"quantity": 10**18}, No.QUANTITY_MUST_BE_POSITIVE),
    ({"quantity": 2**64 - 1}, No.QUANTITY_MUST_BE_POSITIVE),
    ({"price": 10**18}, No.PRICE_NOT_ON_TICK),
    ({"price": 10_001}, No.PRICE_NOT_ON_TICK),
    ({"quantity": 7}, No.QUANTITY_NOT_IN_LOTS),
    ({"price": 990_000}, No.PRICE_OUTSIDE_DAILY_LIMIT),
    ({"stop": 10**18}, No.PRICE_NOT_ON_TICK),
    ({"peak": 10**18}, No.QUANTITY_MUST_BE_POSITIVE),
    ({"until_on": 1}, No.TYPE_COMBINATION_NOT_ALLOWED),
]


@pytest.mark.parametrize(("changes", "refusal"), WRONG)
def test_an_order_of_right_form_and_wrong_value_is_refused_by_name(
    changes: dict[str, int], refusal: No
) -> None:
    """Lots of 5, ticks of 10: whatever is beside them, and whatever no order can be."""
    net = Market(lot=5, tick=10, ref_price=10_000)
    net.ready(BUYER, "OST", 5_000_000)
    before = net.titles_and_money()
    order = msgspec.structs.replace(OrderFields(SPOT, Side.BUY, 10, 9_900), **changes)

    outcome = net.trader(BUYER, "order.enter", order)

    assert is_refused(outcome, refusal)
    assert before == net.titles_and_money()


def test_a_negative_price_or_amount_has_no_form(net: Fair) -> None:
    for name, values in (
        ("order.enter", [SPOT, 0, 1, -1]), ("order.replace", [bytes(16), -1]), ("trade_account.deposit", ["OST", -1]),
        ("firm_quote.put", ["NOR", "OST", -1, 1, 1, 1]), ("order.cancel_all", ["", 2]), ("order.enter", [SPOT, 2, 1]),
    ):  # fmt: skip
        applied = net.machine.apply(packed(net, name, values), at=net.at)
        assert (False, Admission.COMMAND_IS_MALFORMED) == (applied.recorded, applied.refusal), name


def test_money_that_is_not_there_does_not_come_with_a_large_number(net: Fair) -> None:
    before = net.titles_and_money()
    for verb in ("deposit", "withdraw"):
        for minor in (10**18, 2**63 - 1):
            outcome = net.trader(BUYER, f"trade_account.{verb}", MoneyFields("OST", minor))
            assert Code.REFUSED == outcome.code
    assert before == net.titles_and_money()


def test_a_time_that_is_over_is_refused(net: Fair) -> None:
    """Of a quote, a request and a command itself: time does not go back."""
    before = net.titles_and_money()

    assert is_refused(net.firm(PONS, "NOR", "OST", 1, 1, 100, until=net.at - 1), No.FIRM_QUOTE_OUT_OF_RANGE)
    asked = RequestFields(RYE, 1_000, BUY, "OST", net.at - HOUR)
    assert is_refused(net.give("rfq.request", asked, BUYER), TenderRefusal.RFQ_OUT_OF_RANGE)
    old = packed(net, "order.cancel_all", [])
    old = msgspec.structs.replace(old, id=bytes(5) + b"\x01" + old.id[6:])
    applied = net.machine.apply(old, at=net.at)
    assert (False, Code.REFUSED) == (applied.recorded, applied.outcome.code)
    assert before == net.titles_and_money()
