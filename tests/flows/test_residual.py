"""What roundings leave: batches stop at the ceiling, the operator is told before, two of its people empty it."""

import pytest

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.records import unpack_all
from steelyard.engine.refusals import Refusal as E
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.command import Outcome
from steelyard.flows.liquidity_facts import ResidualsSwept
from steelyard.flows.residual import SweepFields, account
from steelyard.flows.world import World
from steelyard.liquidity.order_refusals import OrderRefusal as No
from steelyard.members.accounts import FEE
from tests.flows.cycles import Cycles
from tests.flows.fxorders import Market, fills
from tests.flows.payworld import ANNA, ASSETS, BRAM, facts, is_refused, notices

CEILING = 10


class Rounding(Market):
    """A market whose every batch leaves its buyers of OST a minor unit short; residual accounts take ten."""

    def __init__(self, world: World | None = None) -> None:
        super().__init__(world)
        if world is None:
            self.rate("SUD", "NOR", 2_001, 1_000)
            for asset in ASSETS:
                found = account(self.world, asset)
                assert found is not None
                found.set_bounds(0, CEILING)
        self.people = Cycles(net=self)
        self.people.with_people()

    def round(self) -> Outcome:
        """Enter orders that one batch rounds, run it, and take back what is left of them."""
        ids = [
            self.put(BRAM, "SUD", "OST", 52),
            self.put(BRAM, "NOR", "SUD", 90),
            self.put(ANNA, "OST", "NOR", 65),
            self.put(ANNA, "OST", "SUD", 283),
        ]
        self.ask()
        outcome = self.fill()
        while self.world.fx_orders.open is not None:
            self.once_more()
        for order_id in ids:
            if order_id in self.world.fx_orders.orders:
                self.withdraw_order(self.order(order_id).owner, order_id)
        return outcome

    def sweep(self, *assets: str) -> Outcome:
        """Empty residual accounts by two people of the operator; the outcome is that of the second yes."""
        return self.people.approved("residual.sweep", SweepFields(assets))


@pytest.fixture
def net() -> Rounding:
    return Rounding()


def swept(outcome: Outcome) -> ResidualsSwept:
    (found,) = [fact for fact in facts(outcome) if isinstance(fact, ResidualsSwept)]
    return found


def test_batches_stop_at_the_ceiling_and_go_on_once_it_is_emptied(net: Rounding) -> None:
    for _ in range(CEILING):
        assert fills(net.round())
    assert {"OST": -CEILING} == net.rests()
    before = net.balance(BRAM, "OST"), net.balance(ANNA, "OST")

    assert is_refused(net.round(), E.RESIDUAL_CAP_WOULD_BE_EXCEEDED)
    assert before == (net.balance(BRAM, "OST"), net.balance(ANNA, "OST"))
    net.fund("operator", "OST", 25, FEE)
    found = swept(net.sweep())

    assert ((("OST", -CEILING),), {}) == (found.rests, net.rests())
    assert 15 == net.balance("operator", "OST", FEE)
    assert fills(net.round())
    net.check()
    net.again()


def test_what_is_over_goes_to_the_fee_account(net: Rounding) -> None:
    found = account(net.world, "NOR")
    assert found is not None
    _leave(net, "NOR", 7)
    _leave(net, "SUD", 3)
    outcome = net.sweep("NOR")

    assert (("NOR", 7),) == swept(outcome).rests
    assert (7, 0, {"SUD": 3}) == (
        net.balance("operator", "NOR", FEE),
        net.balance("operator", "SUD", FEE),
        net.rests(),
    )
    assert {Kind.RESIDUAL} == {record.kind for record in unpack_all(net.legs[-1])}
    assert [("operator", b"NOR")] == [
        (one.recipient, one.subject) for one in outcome.notices if one.kind == "residual.swept"
    ]
    net.check()


def test_what_lacks_is_not_taken_from_an_empty_fee_account(net: Rounding) -> None:
    net.round()
    _leave(net, "NOR", 7)
    rests = net.rests()

    assert is_refused(net.sweep(), E.LIQUIDITY_IS_SHORT)
    assert rests == net.rests() == {"NOR": 7, "OST": -1}


@pytest.mark.parametrize("assets", [("NOR",), ("XXX",), ("OST", "OST"), ("OST", "NOR")])
def test_nothing_is_swept_where_one_currency_has_nothing(net: Rounding, assets: tuple[str, ...]) -> None:
    net.round()
    net.fund("operator", "OST", 25, FEE)

    assert is_refused(net.sweep(*assets), No.RESIDUAL_HAS_NOTHING)
    assert {"OST": -1} == net.rests()


def test_accounts_that_hold_nothing_are_not_swept(net: Rounding) -> None:
    assert is_refused(net.sweep(), No.RESIDUAL_HAS_NOTHING)


def test_the_operator_alone_sweeps_and_takes_two_people(net: Rounding) -> None:
    net.round()
    for sender in (ANNA, BRAM):
        assert is_refused(net.give("residual.sweep", SweepFields(), sender), E.SENDER_HAS_NO_RIGHT)

    assert is_refused(net.give("residual.sweep", SweepFields(), "operator"), SettingRefusal.TWO_PEOPLE_NEEDED)
    assert {"OST": -1} == net.rests()


def test_the_operator_is_told_at_four_fifths_and_once_more_close_to_the_ceiling(net: Rounding) -> None:
    told = []
    for _ in range(CEILING):
        net.round()
        told.append([one.data for one in notices(net, "residual.near")])

    assert [0] * 7 + [1, 1, 2] == list(map(len, told))
    assert [("OST", "-8", "10"), ("OST", "-10", "10")] == told[-1]


def _leave(net: Rounding, asset: str, minor: int) -> None:
    """Let something be over on a residual account, as a rounding does."""
    found, payer = account(net.world, asset), net.world.members.accounts.get("settlement", ANNA, asset)
    assert found is not None
    assert payer is not None
    net._number += 1
    number = (net.at // 1_000_000) << 80 | net._number
    bundle = Bundle(number, Kind.RESIDUAL, (Leg(payer, found.account_no, minor),))
    owner = [net.world.engine.owner_nos[ANNA]]
    assert net.world.engine.move(bundle, authority=owner, at=net.at).refusal is None
    net.legs.append(net.world.engine.take_records())
