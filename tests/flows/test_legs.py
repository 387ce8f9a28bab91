"""Batches of legs keep the sender's other rules: its own line, and who may not receive."""

import numpy as np
import pytest

from steelyard.engine.bundles import Kind
from steelyard.engine.records import FEW, LEG, LINKED, MOVE, RELEASE, RESERVE, SETTLE
from steelyard.engine.refusals import Refusal
from steelyard.flows.choose import SettingsFields
from steelyard.flows.command import raw
from steelyard.flows.currency import RulesFields
from steelyard.flows.fields import PayAdded, PayFields
from steelyard.flows.fund import AdviceFields
from steelyard.flows.ledger import OpenFields
from steelyard.flows.legs import LegsFields
from steelyard.flows.suspend import LiftFields, SuspendFields
from tests.members.network import BANKS, done, ready

ANNA, BRAM, CLEO = BANKS["anna"], BANKS["bram"], BANKS["cleo"]
LINE, CLOSED = Refusal.LEGS_ARE_OVER_THE_OWNERS_LINE.code, Refusal.OWNER_MAY_NOT_RECEIVE.code


@pytest.fixture
def net():
    net = ready()
    done(net.agent("NOR", "currency.rules", RulesFields("NOR", True, fund_on_advice=True)))
    done(net.do("k-nor", "fund.advise", AdviceFields("NOR", ANNA, 100_000, "A1")))
    return net


def pay(net, word, payee, amount):
    net.number += 1
    uetr = net.number.to_bytes(16, "big")
    fields = PayFields(uetr, 0, 0, b"", b"", b"", uetr, 1, BANKS[word], payee, "NOR", amount, "NOR", amount)
    command = net.command("pay", fields, f"k-{word}")
    values = {name: getattr(command, name) for name in type(command).__struct_fields__}
    done(net.apply(type(command)(**values | {"added": raw(PayAdded(b"m" * 32, b"p" * 32))})))
    return uetr


def batch(net, *legs, act=MOVE, original=0, linked=(), pad=False):
    """Send legs of (payee, amount) from ANNA; with `pad` the batch is large enough to go by columns."""
    legs = [*legs, *([(CLEO, 1)] * FEW if pad else [])]
    rows = np.zeros(len(legs), LEG)
    accounts = net.world.members.accounts
    first = getattr(net, "serial", 1)
    net.serial = first + len(legs)
    rows["id_low"] = np.arange(first, net.serial)
    for index in linked:  # one bundle: the ids of its records are one
        rows["id_low"][index + 1] = rows["id_low"][index]
        rows["leg_no"][index + 1] = rows["leg_no"][index] + 1
        rows["flags"][index] = LINKED
    rows["id_high"], rows["act"] = (net.at // 1_000_000) << 16, act
    if act in (MOVE, RESERVE):
        rows["source"] = accounts.settlement(ANNA, "NOR")
        rows["target"] = [
            accounts.get("grain", ANNA, "NOR") if to == ANNA else accounts.settlement(to, "NOR")
            for to, _ in legs
        ]
        rows["amount_minor"] = [amount for _, amount in legs]
        rows["asset_no"], rows["kind"] = net.world.engine.asset_nos["NOR"], Kind.PURPOSE
    else:
        rows["original_low"], rows["original_high"] = original & (2**64 - 1), original >> 64
    net.world.packed = rows.tobytes()
    done(net.do("k-anna", "legs", LegsFields(len(legs), b"d" * 32)))
    found = np.frombuffer(net.world.packed_outcomes, dtype="<u2").reshape(len(legs), 4)[:, 0]
    return [int(code) for code in found]


@pytest.mark.parametrize("pad", [False, True], ids=["a few", "many"])
def test_above_the_own_line_a_bundle_takes_two_people_and_so_no_batch(net, pad):
    """Line by line, and the sum of what is linked; between own accounts there is no line."""
    done(net.do("k-anna", "account.open", OpenFields("NOR", "reserved", "grain")))
    done(net.do("k-anna", "participant.choose", SettingsFields(lines_minor=(("NOR", 1_000),))))
    legs = [(BRAM, 1_000), (BRAM, 1_001), (BRAM, 600), (CLEO, 600), (ANNA, 5_000), (BRAM, 10**9)]

    found = batch(net, *legs, linked=(2,), pad=pad)

    assert [0, LINE, LINE, LINE, 0, LINE] == found[:6]
    assert 1_000 == net.balance(BRAM, "NOR")
    assert 5_000 == net.balance(ANNA, "NOR", "grain")
    net.check()


@pytest.mark.parametrize("pad", [False, True], ids=["a few", "many"])
def test_nothing_goes_to_who_is_suspended(net, pad):
    done(net.ops("participant.suspend", SuspendFields(BRAM, reason="TEST")))

    assert [CLOSED, 0] == batch(net, (BRAM, 10), (CLEO, 10), pad=pad)[:2]
    assert [CLOSED, 0] == batch(net, (BRAM, 10), (CLEO, 10), act=RESERVE, pad=pad)[:2]
    assert 0 == net.balance(BRAM, "NOR")

    done(net.ops("participant.lift", LiftFields(BRAM)))

    assert [0] == batch(net, (BRAM, 10), pad=pad)[:1]
    net.check()


@pytest.mark.parametrize("pad", [False, True], ids=["a few", "many"])
def test_what_is_set_aside_for_who_is_suspended_then_is_given_back_alone(net, pad):
    batch(net, (BRAM, 10), act=RESERVE)
    (held,) = net.world.engine.reservations
    done(net.ops("participant.suspend", SuspendFields(BRAM, reason="TEST")))

    assert CLOSED == batch(net, (BRAM, 0), act=SETTLE, original=held, pad=pad)[0]
    assert held in net.world.engine.reservations
    assert 0 == batch(net, (BRAM, 0), act=RELEASE, original=held, pad=pad)[0]
    assert not net.world.engine.reservations
    net.check()


@pytest.mark.parametrize("pad", [False, True], ids=["a few", "many"])
def test_what_waits_for_the_money_of_a_batch_goes_on(net, pad):
    """A payment of the payee, and one of the sender when what it had set aside comes back."""
    for word in BANKS:
        done(net.do(f"k-{word}", "participant.choose", SettingsFields(accepts_minor=(("NOR", -1),))))
    theirs = pay(net, "bram", CLEO, 500)
    assert 4 == net.world.payments.state_of(theirs)

    batch(net, (BRAM, 499), pad=pad)
    assert 4 == net.world.payments.state_of(theirs)
    batch(net, (BRAM, 1), pad=pad)
    assert 9 == net.world.payments.state_of(theirs)

    batch(net, (BRAM, 90_000), act=RESERVE)
    mine = pay(net, "anna", CLEO, 50_000)
    assert 4 == net.world.payments.state_of(mine)
    held = next(iter(net.world.engine.reservations))
    batch(net, (BRAM, 0), act=RELEASE, original=held, pad=pad)
    assert 9 == net.world.payments.state_of(mine)
    net.check()
