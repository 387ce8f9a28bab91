"""No participant fills the state: what each may have open is bounded by the rulebook, and room comes back."""

from typing import Any

import pytest

from steelyard.engine.bundles import Kind
from steelyard.engine.records import LEG, RELEASE, RESERVE, SIZE
from steelyard.engine.refusals import BY_CODE, Refusal
from steelyard.flows.approve import EndFields as EndProposal
from steelyard.flows.command import Code
from steelyard.flows.currency import CapFields, RulesFields
from steelyard.flows.fund import AdviceFields
from steelyard.flows.hand import EndFields, ReserveFields
from steelyard.flows.ledger import AccountFields, OpenFields
from steelyard.flows.legs import LegsFields
from steelyard.flows.packs import PackFields
from steelyard.flows.redeem import FundFields, NamedFields, RedeemFields
from steelyard.flows.world import World
from steelyard.fx.refusals import FxRefusal
from steelyard.members.packs import digest_of
from steelyard.members.refusals import MoneyRefusal, PeopleRefusal
from steelyard.members.rulebook import content_of
from steelyard.payments.refusals import PaymentRefusal
from steelyard.values.instants import DAY, MINUTE, SECOND
from tests.flows import payworld
from tests.flows.payworld import LEVR, PONS, Network, is_refused
from tests.members.network import BANKS, CLOSE, MEMBERS, MONDAY, Net, add_bank, done, ready, refused

ANNA, BRAM, NOR = BANKS["anna"], BANKS["bram"], MEMBERS["NOR"]


@pytest.fixture
def net() -> Net:
    net = ready()
    done(net.agent("NOR", "currency.rules", RulesFields("NOR", True, fund_on_advice=True)))
    done(net.do("k-nor", "fund.advise", AdviceFields("NOR", ANNA, 100_000, "A1")))
    return net


def bound(net: Net, **figures: int) -> None:
    """Bring a rulebook into force that bounds something."""
    content = content_of({"version": "2", "members": figures})
    done(net.ops("pack.load", PackFields("rulebook", "rulebook", "2", digest_of(content), content)))


def read_again(net: Net) -> None:
    """Go on with what the snapshot holds: the counts are made anew."""
    net.machine.world = World.decode(dict(net.world.sections()))
    net.machine.__init__(net.machine.world)  # type: ignore[misc]


@pytest.mark.parametrize("figures", [{"proposals_max": 3}, {"proposals_bytes_max": 1_000}])
def test_proposals_that_wait(net: Net, figures: dict[str, int]) -> None:
    """By number, and by the bytes of what is proposed; the operator's own are counted apart."""
    bound(net, **figures)
    made = []
    while (given := net.propose("nor/1", "currency.cap", CapFields("NOR", 5_000)))[2].code == Code.DONE:
        made.append(given[0])

    assert refused(given[2], PeopleRefusal.TOO_MANY_PROPOSALS)
    assert 3 == len(made) if "proposals_max" in figures else 1 < len(made) < 20

    read_again(net)

    assert refused(
        net.propose("nor/1", "currency.cap", CapFields("NOR", 5_000))[2], PeopleRefusal.TOO_MANY_PROPOSALS
    )
    done(net.propose("sud/1", "currency.cap", CapFields("SUD", 5_000))[2])
    done(net.do("nor/1", "withdraw", EndProposal(made[0])))
    done(net.propose("nor/1", "currency.cap", CapFields("NOR", 5_000))[2])


def test_proposals_give_their_room_back_when_they_expire(net: Net) -> None:
    bound(net, proposals_max=1)
    done(net.propose("nor/1", "currency.cap", CapFields("NOR", 5_000))[2])
    net.wait(31 * MINUTE)

    assert (0, 0) == net.world.members.approvals.of(NOR)
    done(net.propose("nor/1", "currency.cap", CapFields("NOR", 5_000))[2])


def test_requests_for_money_that_wait(net: Net) -> None:
    bound(net, fundings_max=2)
    for _ in range(2):
        done(net.do("k-anna", "fund", FundFields("NOR", 100)))
    read_again(net)

    assert refused(net.do("k-anna", "fund", FundFields("NOR", 100)), MoneyRefusal.TOO_MANY_FUNDINGS)
    assert refused(net.do("k-anna", "fund", FundFields("NOR", 0)), Refusal.LEG_AMOUNT_MUST_BE_POSITIVE)
    done(net.do("k-bram", "fund", FundFields("NOR", 100)))
    done(net.do("k-nor", "fund.advise", AdviceFields("NOR", ANNA, 100, "A2")))
    done(net.do("k-anna", "fund", FundFields("NOR", 100)))
    net.wait(DAY)

    assert 0 == net.world.money.waiting_fundings(ANNA)


def test_an_advice_answers_the_oldest_request_of_its_own_currency(net: Net) -> None:
    """Found among the participant's own requests alone."""
    for asset, amount in (("SUD", 100), ("NOR", 70), ("NOR", 100), ("NOR", 100)):
        done(net.do("k-anna", "fund", FundFields(asset, amount)))
    read_again(net)
    exact = net.world.money.asked(ANNA, "NOR", 100)
    other = net.world.money.asked(ANNA, "NOR", 55)

    assert exact is not None
    assert other is not None
    assert (100, 70) == (exact.asked_minor, other.asked_minor)
    assert net.world.money.asked(BRAM, "NOR", 100) is None


def test_redemptions_under_way(net: Net) -> None:
    bound(net, redemptions_max=2)
    net.wait_until(MONDAY * DAY + CLOSE)
    given = [done(net.do("k-anna", "redeem", RedeemFields("NOR", 10))) for _ in range(2)]
    read_again(net)

    assert 2 == len(given)
    assert refused(net.do("k-anna", "redeem", RedeemFields("NOR", 10)), MoneyRefusal.TOO_MANY_REDEMPTIONS)

    first = next(iter(net.world.money.redemptions))
    done(net.do("k-anna", "redeem.withdraw", NamedFields(first)))
    done(net.do("k-anna", "redeem", RedeemFields("NOR", 10)))
    net.check()


def test_accounts_by_hand(net: Net) -> None:
    """Closing one makes no room: its number stands for ever."""
    owner_no = net.world.engine.owner_nos[ANNA]
    bound(net, accounts_max=net.world.engine.accounts_of[owner_no] + 1)
    done(net.do("k-anna", "account.open", OpenFields("NOR", "reserved", "a")))
    done(net.do("k-anna", "account.close", AccountFields(f"{ANNA}/NOR/a")))
    read_again(net)

    assert refused(
        net.do("k-anna", "account.open", OpenFields("NOR", "client", "b")), MoneyRefusal.TOO_MANY_ACCOUNTS
    )
    done(net.do("k-bram", "account.open", OpenFields("NOR", "client", "b")))


def reserve(net: Net, amount: int = 10, who: str = "anna") -> Any:
    fields = ReserveFields(f"{BANKS[who]}/NOR", f"{BANKS['cleo']}/NOR", amount, net.at + MINUTE)
    return net.do(f"k-{who}", "reserve", fields)


def batch(net: Net, count: int, act: int = RESERVE, original: int = 0, *, first: int = 1) -> list[int]:
    """Send single legs from ANNA to BRAM on the bulk lane; give their refusals' codes, 0 where done."""
    import numpy as np

    rows = np.zeros(count, LEG)
    accounts = net.world.members
    rows["id_low"], rows["id_high"] = np.arange(first, first + count), (net.at // 1_000_000) << 16
    if act == RESERVE:
        rows["source"] = accounts.settlement_account(ANNA, "NOR")
        rows["target"] = accounts.settlement_account(BRAM, "NOR")
        rows["amount_minor"], rows["asset_no"], rows["kind"] = (
            1,
            net.world.engine.asset_nos["NOR"],
            Kind.PURPOSE,
        )
    else:
        rows["original_low"], rows["original_high"] = original & (2**64 - 1), original >> 64
    rows["act"] = act
    net.world.packed = rows.tobytes()
    done(net.do("k-anna", "legs", LegsFields(count, b"d" * 32)))
    found = np.frombuffer(net.world.packed_outcomes, dtype="<u2").reshape(count, 4)[:, 0]
    assert SIZE * count == len(rows.tobytes())
    return [int(code) for code in found]


def test_reservations_by_hand_and_in_batches_together(net: Net) -> None:
    """By either way an owner comes to the same bound, and what ends by any way makes room."""
    bound(net, reservations_max=40)
    full = Refusal.OWNER_RESERVES_TOO_MUCH
    held = net.command(
        "reserve", ReserveFields(f"{ANNA}/NOR", f"{BRAM}/NOR", 5, net.at + 5 * MINUTE), "k-anna"
    )
    done(net.apply(held))
    done(reserve(net))

    assert [0] * 38 + [full.code] * 2 == batch(net, 40)

    read_again(net)

    assert refused(reserve(net), full)
    assert refused(reserve(net, 10**9), full)  # shortage comes last
    assert full is BY_CODE[batch(net, 1, first=100)[0]]
    done(net.do("k-nor", "fund.advise", AdviceFields("NOR", BRAM, 100, "A3")))
    done(reserve(net, who="bram"))
    done(net.do("k-anna", "reserve.release", EndFields(held.id)))
    done(reserve(net))
    net.wait(2 * MINUTE)  # two by hand expire
    mine = net.world.engine.made[net.world.engine.owner_nos[ANNA]]

    assert 38 == mine
    assert [0, 0, full.code] == batch(net, 3, first=200)

    before = [one for one in net.world.engine.reservations.values() if one.maker]
    assert [0] == batch(net, 1, RELEASE, before[0].bundle_id, first=300)
    for n, one in enumerate(before[1:21]):
        assert [0] == batch(net, 1, RELEASE, one.bundle_id, first=301 + n)
    assert [0] * 21 + [full.code] * 4 == batch(net, 25, first=400)
    net.check()


def test_quotes_that_are_open() -> None:
    """The last answer is shorter where less room is left; a quote's end gives room back."""
    net = Network()
    net.rulebook(quotes_open_max=3)
    for provider, num in ((PONS, 2250), (LEVR, 2251)):
        net.fund(provider, "SUD", 10**9, "fx")
        net.sheet(provider, "NOR", "SUD", (0, num, 100), ttl_ms=60_000)

    assert [2, 1] == [len(net.quote(payworld.ANNA, "NOR", "SUD", 1_000)) for _ in range(2)]

    net.quote(payworld.ANNA, "NOR", "SUD", 1_000)
    assert is_refused(net.outcomes[-1], FxRefusal.TOO_MANY_QUOTES)
    assert 2 == len(net.quote(payworld.ARNE, "NOR", "SUD", 1_000))

    net.wait(61 * SECOND)
    assert 2 == len(net.quote(payworld.ANNA, "NOR", "SUD", 1_000))
    net.check()


def test_payments_under_way() -> None:
    """A payer whose queue is full is refused, others are served; what ends makes room, whichever way it ends."""
    net = Network()
    net.rulebook(live_max=2)
    anna, arne, bram = payworld.ANNA, payworld.ARNE, payworld.BRAM
    first, _ = (net.pay(anna, bram, "NOR", 500) for _ in range(2))
    net.machine.world.payments = type(net.world.payments).decode(net.world.payments.encode())
    full = net.pay(anna, bram, "NOR", 500)

    record = net.world.payments.record(full)
    assert record is not None
    assert (20, PaymentRefusal.TOO_MANY_PAYMENTS.code) == (record.state, record.refusal)
    assert 4 == net.state(net.pay(arne, bram, "NOR", 500))

    net.cancel(anna, first)
    assert 4 == net.state(net.pay(anna, bram, "NOR", 500))
    net.fund(anna, "NOR", 1_000)
    assert 0 == net.world.payments.sent_by(anna)
    net.check()


def test_trades_that_are_open() -> None:
    """Counted with who entered first; a second entry that matches always may, since it opens nothing."""
    net, today = Network(), payworld.START // DAY
    anna, bram = payworld.ANNA, payworld.BRAM
    net.rulebook(trades_max=2)
    net.fund(bram, "SUD", 100)
    for amount in (1, 2):
        net.trade(anna, bram, "NOR", amount, "SUD", amount, today)
    net.trade(anna, bram, "NOR", 3, "SUD", 3, today)
    assert is_refused(net.outcomes[-1], FxRefusal.TOO_MANY_TRADES)

    for amount in (4, 5):
        net.trade(bram, anna, "SUD", amount, "NOR", amount, today)
    assert not is_refused(net.trade(anna, bram, "NOR", 4, "SUD", 4, today), FxRefusal.TOO_MANY_TRADES)
    assert (2, 2) == (net.world.fx.entered_by(anna), net.world.fx.entered_by(bram))

    net.fund(anna, "NOR", 4)  # the matched one settles
    assert 1 == net.world.fx.entered_by(bram)
    again = World.decode(dict(net.world.sections()))
    assert (2, 1) == (again.fx.entered_by(anna), again.fx.entered_by(bram))
    net.check()


def test_new_owners_begin_with_all_their_room(net: Net) -> None:
    bound(net, reservations_max=1)
    add_bank(net, "dora", "DORANOR0", "NOR")
    done(net.do("k-nor", "fund.advise", AdviceFields("NOR", "DORANOR0", 100, "A9")))
    done(reserve(net))
    fields = ReserveFields("DORANOR0/NOR", f"{ANNA}/NOR", 1, net.at + MINUTE)
    done(net.do("k-dora", "reserve", fields))
