"""The PvP queue: trades of enrolled members settle together or wait, and one member's trouble stays its own."""

from typing import Any

import msgspec
import pytest

from steelyard.flows import batch_snapshot, pvp_queue
from steelyard.flows.command import Outcome
from steelyard.flows.facts import TradeMoved
from steelyard.flows.liquidity_facts import BatchReported
from steelyard.flows.pvp_settle import AgainFields, RunFields
from steelyard.flows.pvp_terms import ScheduleFields, TermsFields
from steelyard.flows.world import World
from steelyard.fx.refusals import FxRefusal
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.batches import Batch
from steelyard.liquidity.order_refusals import OrderRefusal as No
from steelyard.liquidity.pvp_book import PVP
from steelyard.liquidity.pvp_snapshot import PvpSnapshot, pack_pvp, unpack_pvp
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.members.people import KEY, Actor
from steelyard.members.roles import Role
from steelyard.solve.propose import propose
from steelyard.values.instants import DAY, HOUR, MINUTE, SECOND
from tests.flows.batches import same_state
from tests.flows.payworld import ANNA, ARNE, ASSETS, BRAM, CLEO, HOME, START, Network, facts, is_refused

TODAY = START // DAY
decode = msgspec.msgpack.Decoder(RunFields).decode


class Queue(Network):
    """Anna, Bram and Cleo are enrolled; NOR, SUD and OST are worth 1, 2 and 20."""

    def __init__(self, world: World | None = None) -> None:
        super().__init__(world)
        self.asked: list[tuple[bytes, PvpSnapshot]] = []
        self.world.on_batch = self._take
        if world is not None:
            return
        self.rate("SUD", "NOR", 2, 1)
        self.rate("OST", "NOR", 20, 1)
        for asset in ASSETS:
            agent = f"STAG{asset}0"
            self.world.members.put_actor(
                Actor(f"k-{agent}", agent, KEY, (Role.SETTLEMENT_AGENT,), public_key=b"k" * 32)
            )
        for bic in (ANNA, BRAM, CLEO):
            self.enrol(bic)

    def _take(self, world: World, batch: Batch) -> None:
        if batch.kind == PVP:
            found = batch_snapshot.of(world, batch, world.now)
            assert isinstance(found, PvpSnapshot)
            self.asked.append((batch.batch_id, found))

    def enrol(self, bic: str, aggregate: int = 0) -> None:
        self.world.pvp.aggregates[bic] = (HOME[bic], aggregate)

    def short(self, bic: str, asset: str, minor: int, floor: int) -> None:
        """Let a member be short: its terms, and the floor of its account, say so."""
        self.world.pvp.short_limits[bic, asset] = minor
        account = self.world.engine.accounts[self.world.members.accounts.fx(bic, asset) or 0]
        assert account is not None
        account.set_bounds(-floor, None)

    def both(self, one: str, pays: str, minor: int, other: str, back: str, other_minor: int) -> bytes:
        """Let both sides enter a trade; give its id."""
        mine = self.trade(one, other, pays, minor, back, other_minor, TODAY)
        self.trade(other, one, back, other_minor, pays, minor, TODAY)
        return bytes(facts(mine)[0].trade)

    def fields(self) -> RunFields:
        batch_id, snapshot = self.asked[-1]
        assert snapshot == unpack_pvp(pack_pvp(snapshot))
        return decode(propose(batch_id, snapshot, solver=SuccessivePaths()))

    def reply(self, **changes: Any) -> Outcome:
        fields = msgspec.structs.replace(self.fields(), **changes)
        return self.give("pvp.propose", fields, "operator", actor="node")

    def once_more(self) -> Outcome:
        return self.give("pvp.again", AgainFields(self.asked[-1][0]), "operator", actor="node")

    def stands(self, trade: bytes) -> str:
        found = self.world.fx.trade(trade)
        assert found is not None
        return str(found.state)


@pytest.fixture
def net() -> Queue:
    return Queue()


def ring(net: Queue) -> list[bytes]:
    """Anna sells NOR to Bram, Bram SUD to Cleo, Cleo OST to Anna: each is worth what the other side gives."""
    net.fund(ANNA, "NOR", 2_000)
    net.fund(BRAM, "SUD", 1_000)
    net.fund(CLEO, "OST", 100)
    return [
        net.both(ANNA, "NOR", 2_000, BRAM, "SUD", 1_000),
        net.both(BRAM, "NOR", 2_000, CLEO, "OST", 100),
    ]


def look(net: Queue) -> None:
    """Let the queue be looked at as it is now, by the run that is under way or the next."""
    net.wait(MINUTE)
    if net.world.pvp.open is not None:
        net.once_more()
        net.reply()


def report(outcome: Outcome) -> BatchReported:
    (found,) = [fact for fact in facts(outcome) if isinstance(fact, BatchReported)]
    return found


def test_trades_of_members_settle_as_one_bundle(net: Queue) -> None:
    first, second = ring(net)
    assert ["WAITING", "WAITING"] == [net.stands(first), net.stands(second)]
    net.reply()
    net.wait(MINUTE)
    outcome = net.reply()

    assert {"SETTLED"} == {net.stands(first), net.stands(second)}
    assert "A11" == report(outcome).algorithm
    net.check()
    net.again()


def test_what_another_member_pays_in_the_same_run_counts(net: Queue) -> None:
    """Bram has no NOR of his own: what Anna pays him he pays on, in one bundle."""
    first, second = ring(net)
    net.once_more()  # the run that the first trade brought about sees both now
    outcome = net.reply()

    assert {"SETTLED"} == {net.stands(first), net.stands(second)}
    assert (2, 2, "A11") == (
        report(outcome).queued_count,
        report(outcome).settled_count,
        report(outcome).algorithm,
    )
    assert 4 * 128 == len(net.legs[-1])
    net.check()


def test_a_trade_with_somebody_not_enrolled_settles_by_itself(net: Queue) -> None:
    net.fund(ARNE, "NOR", 2_000)
    net.fund(BRAM, "SUD", 1_000)

    assert "SETTLED" == net.stands(net.both(ARNE, "NOR", 2_000, BRAM, "SUD", 1_000))
    assert [] == net.asked


def test_a_member_is_short_as_far_as_terms_and_floor_allow(net: Queue) -> None:
    """And no further: nothing of the trade moves where either says less."""
    for terms, floor, state in ((50, 50, "SETTLED"), (49, 50, "WAITING"), (50, 49, "WAITING")):
        net = Queue()
        net.fund(ANNA, "NOR", 10_000)
        net.fund(BRAM, "SUD", 950)
        net.fund(BRAM, "NOR", 1_000)
        net.enrol(BRAM, 10_000)
        net.short(BRAM, "SUD", terms, floor)
        trade = net.both(ANNA, "NOR", 2_000, BRAM, "SUD", 1_000)
        net.reply()

        assert state == net.stands(trade), (terms, floor)
        net.check()


def test_more_short_in_all_than_allowed_waits(net: Queue) -> None:
    net.fund(ANNA, "NOR", 10_000)
    net.fund(BRAM, "NOR", 1_000)
    net.enrol(BRAM, 99)  # 50 SUD are 100 NOR
    net.world.pvp.aggregates[BRAM] = ("NOR", 99)
    net.short(BRAM, "SUD", 50, 50)
    trade = net.both(ANNA, "NOR", 100, BRAM, "SUD", 50)
    net.reply()
    assert "WAITING" == net.stands(trade)
    net.world.pvp.aggregates[BRAM] = ("NOR", 100)
    net.wait(MINUTE)
    net.reply()

    assert "SETTLED" == net.stands(trade)


def test_the_haircut_keeps_a_member_covered(net: Queue) -> None:
    """Long 100, short 100 in value is not enough with a haircut; with none it is."""
    net.fund(ANNA, "NOR", 100)
    net.enrol(BRAM, 1_000)
    net.short(BRAM, "SUD", 50, 50)
    trade = net.both(ANNA, "NOR", 100, BRAM, "SUD", 50)
    net.reply()
    assert "WAITING" == net.stands(trade)
    net.world.pvp.haircuts = dict.fromkeys(ASSETS, 0)
    net.wait(MINUTE)
    net.reply()

    assert "SETTLED" == net.stands(trade)


def test_each_pay_in_lets_the_queue_be_looked_at(net: Queue) -> None:
    net.fund(ANNA, "NOR", 2_000)
    trade = net.both(ANNA, "NOR", 2_000, BRAM, "SUD", 1_000)
    net.reply()
    before = net.world.pvp.open
    net.fund(BRAM, "SUD", 1_000)

    assert (None, "WAITING") == (before, net.stands(trade))
    assert net.world.pvp.open is not None
    assert "inflow" == net.world.pvp.open.trigger


def test_the_queue_is_looked_at_every_minute(net: Queue) -> None:
    net.both(ANNA, "NOR", 2_000, BRAM, "SUD", 1_000)
    net.reply()
    count = len(net.asked)
    for _ in range(2):
        net.wait(MINUTE)
        net.reply()

    assert count + 2 == len(net.asked)


def test_where_the_solver_is_silent_the_machine_scans(net: Queue) -> None:
    first, second = ring(net)
    net.wait(21 * SECOND)

    assert {"SETTLED"} == {net.stands(first), net.stands(second)}
    assert net.world.pvp.open is None
    net.check()


def test_after_the_last_refusal_the_machine_scans(net: Queue) -> None:
    first, second = ring(net)
    for _ in range(4):
        net.once_more()

    assert {"SETTLED"} == {net.stands(first), net.stands(second)}


def test_a_missed_pay_in_stops_that_member_alone(net: Queue) -> None:
    net.short(BRAM, "OST", 1_000, 1_000)
    net.fund(CLEO, "NOR", 10_000)
    net.fund(BRAM, "SUD", 10_000)
    net.enrol(BRAM, 100_000)
    deal = net.both(CLEO, "NOR", 2_000, BRAM, "OST", 100)
    net.reply()
    assert ("SETTLED", -100) == (net.stands(deal), net.balance(BRAM, "OST"))
    steps = ((net.at + HOUR, 5_000), (net.at + 2 * HOUR, 10_000))
    assert 0 == net.give("pvp.schedule", ScheduleFields(BRAM, "SUD", steps), "STAGSUD0").code
    net.wait(HOUR + MINUTE)
    net.fund(ANNA, "NOR", 4_000)
    net.fund(CLEO, "OST", 100)
    stopped = net.both(ANNA, "NOR", 2_000, BRAM, "SUD", 1_000)
    other = net.both(ANNA, "NOR", 2_000, CLEO, "OST", 100)
    look(net)
    assert ("WAITING", "SETTLED") == (net.stands(stopped), net.stands(other))
    net.fund(BRAM, "OST", 50)
    look(net)

    assert "SETTLED" == net.stands(stopped)
    net.check()
    net.again()


def test_tampered_proposals_are_refused_by_name_and_change_nothing(net: Queue) -> None:
    first, second = ring(net)
    net.once_more()
    before = same_state(net)
    for refusal, change in (
        (LiquidityRefusal.BATCH_NOT_REQUESTED, {"batch_id": bytes(16)}),
        (LiquidityRefusal.PROPOSAL_IS_MALFORMED, {"trades": [first, first]}),
        (FxRefusal.TRADE_NOT_FOUND, {"trades": [bytes(15) + b"x"]}),
        (No.PVP_TESTS_DO_NOT_HOLD, {"trades": [second]}),
    ):
        assert is_refused(net.reply(**change), refusal), refusal
        assert before == same_state(net), refusal
    assert 0 == net.reply().code


def test_terms_are_the_settlement_agents_to_set(net: Queue) -> None:
    fields = TermsFields(ANNA, "NOR", 0, 1_000, 0)

    assert 0 == net.give("pvp.terms", fields, "STAGNOR0").code
    assert 0 != net.give("pvp.terms", fields, "STAGSUD0").code
    assert 0 != net.give("pvp.terms", fields, ANNA).code
    assert (
        0 != net.give("pvp.terms", msgspec.structs.replace(fields, short_minor=1), "STAGNOR0").code
    )  # two people
    assert is_refused(
        net.give("pvp.terms", TermsFields(ANNA, "SUD", 0, 10_000), "STAGSUD0"), No.PVP_TERMS_OUT_OF_RANGE
    )


def test_a_trade_that_nobody_funds_fails_at_the_close(net: Queue) -> None:
    trade = net.both(ANNA, "NOR", 2_000, BRAM, "SUD", 1_000)
    net.wait(2 * DAY)

    assert "FAILED" == net.stands(trade)
    assert any(isinstance(fact, TradeMoved) for outcome in net.outcomes for fact in facts(outcome))
    net.check()


def test_trades_that_two_members_do_not_pay_for_keep_nobody_elses_out(
    net: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anna and Bram fill the queue with trades neither has money for; Bram's with Cleo, entered last, settles."""
    monkeypatch.setattr(pvp_queue, "MOST", 3)
    unpaid = [net.both(ANNA, "NOR", 2_000, BRAM, "SUD", 1_000) for _ in range(5)]
    net.fund(BRAM, "NOR", 200)
    net.fund(CLEO, "OST", 10)
    good = net.both(BRAM, "NOR", 200, CLEO, "OST", 10)
    look(net)

    assert "SETTLED" == net.stands(good)
    assert ["WAITING"] * 5 == [net.stands(one) for one in unpaid]
    net.check()
