"""Ways around a rule: money sent by hand or in bulk where a payment would have been stopped."""

from hashlib import sha256

import pytest

from steelyard.engine.bundles import Kind
from steelyard.engine.records import MOVE, LegRecord, batch_fault, pack
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.command import Code, Outcome
from steelyard.flows.hand import EndFields, ReserveFields
from steelyard.flows.ledger import AccountFields
from steelyard.flows.legs import LegsFields
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from steelyard.values.instants import MINUTE
from tests.flows.payworld import ANNA, BRAM, PONS, Network, is_refused

BARRED = MemberRefusal.PARTICIPANT_STATE_FORBIDS


@pytest.fixture
def net() -> Network:
    network = Network()
    network.fund(ANNA, "NOR", 1_000)
    return network


def reserve(net: Network, target: str, amount: int) -> Outcome:
    fields = ReserveFields(f"{ANNA}/NOR", target, amount, net.at + 5 * MINUTE)
    return net.give("reserve", fields, ANNA)


def end(net: Network, how: str) -> Outcome:
    (number,) = net.world.engine.reservations
    return net.give(how, EndFields(number.to_bytes(16, "big")), ANNA)


def bulk(net: Network, payer: str, payee: str, amount: int) -> Outcome:
    accounts = net.world.members.accounts
    source, target = accounts.settlement(payer, "NOR"), accounts.settlement(payee, "NOR")
    assert source is not None
    assert target is not None
    number = (net.at // 10**6) << 80 | net.at % 10**6 + 1
    asset_no = net.world.engine.asset_nos["NOR"]
    ends = (0, 0, 0, source, target, amount, 0, 0, asset_no, MOVE, 0, Kind.TRANSFER, 0, 0, 0, 0)
    records = pack(LegRecord(number, *ends))
    assert batch_fault(records) is None
    net.world.packed = records
    return net.give("legs", LegsFields(1, sha256(records).digest()), payer)


def test_an_amount_over_the_line_is_not_set_aside_for_another_by_one_person(net: Network) -> None:
    net.set(ANNA, lines_minor={"NOR": 100})

    assert is_refused(reserve(net, f"{BRAM}/NOR", 101), SettingRefusal.TWO_PEOPLE_NEEDED)
    assert reserve(net, f"{BRAM}/NOR", 100).code == Code.DONE
    assert end(net, "reserve.settle").code == Code.DONE
    assert net.balance(BRAM, "NOR") == 100


@pytest.mark.parametrize("barred", [ANNA, BRAM])
def test_nothing_is_set_aside_by_or_for_a_suspended_bank(net: Network, barred: str) -> None:
    net.suspend(barred)

    assert is_refused(reserve(net, f"{BRAM}/NOR", 100), BARRED)


@pytest.mark.parametrize("barred", [ANNA, BRAM])
def test_what_was_set_aside_before_a_suspension_is_released_and_not_settled(
    net: Network, barred: str
) -> None:
    reserve(net, f"{BRAM}/NOR", 100)
    net.suspend(barred)

    assert is_refused(end(net, "reserve.settle"), BARRED)
    assert end(net, "reserve.release").code == Code.DONE
    assert (net.available(ANNA, "NOR"), net.balance(BRAM, "NOR")) == (1_000, 0)
    net.check()


def test_a_suspended_bank_sends_no_batch(net: Network) -> None:
    assert bulk(net, ANNA, BRAM, 10).code == Code.DONE
    assert net.balance(BRAM, "NOR") == 10

    net.suspend(ANNA)

    assert is_refused(bulk(net, ANNA, BRAM, 10), BARRED)
    assert net.balance(BRAM, "NOR") == 10


def test_what_is_moved_back_lets_the_next_payment_go(net: Network) -> None:
    from steelyard.flows import hand
    from steelyard.flows.command import NO_FIELDS, Command, raw
    from steelyard.flows.hand import ReverseFields

    reserve(net, f"{BRAM}/NOR", 1_000)
    end(net, "reserve.settle")
    legs, waiting = net.legs[-1], net.pay(ANNA, BRAM, "NOR", 50)
    fields = ReverseFields(legs, (60,))
    id = (net.at // 10**6).to_bytes(6, "big") + b"r" * 10
    command = Command("reverse", 1, id, BRAM, f"k-{BRAM}", 0, raw(fields), NO_FIELDS, bytes(16))
    outcome = hand.reverse(net.world, command, fields, net.at)

    assert outcome.code == Code.DONE
    assert net.state(waiting) == 9
    assert (net.balance(ANNA, "NOR"), net.balance(BRAM, "NOR")) == (10, 990)


def test_the_account_of_firm_quotes_is_not_closed_by_hand(net: Network) -> None:
    """A name is used once: a provider that closed it could never promise firmly again."""
    net.fund(PONS, "SUD", 10_000, "fx")
    assert net.sheet(PONS, "NOR", "SUD", (0, 2, 1), firm_reserved=True).code == Code.DONE
    outcome = net.give("account.close", AccountFields(f"{PONS}/SUD/quote"), PONS)

    assert is_refused(outcome, MoneyRefusal.ACCOUNT_KIND_IS_NOT_OPENED_SO)
    assert net.sheet(PONS, "NOR", "SUD", (0, 3, 1), firm_reserved=True).code == Code.DONE
    (given,) = net.quote(ANNA, "NOR", "SUD", 100)
    assert net.available(PONS, "SUD", "fx") == 10_000 - given.target_minor
