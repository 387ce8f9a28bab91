"""Bills of lading through the door: one holder, a chain that facts alone rebuild, title in a delivery."""

import pytest

from steelyard.corridor.bill_of_lading import BillState, Link, chain_of
from steelyard.corridor.refusals import CorridorRefusal as No
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.bill import AmendFields, DraftFields, NamedFields, TransferFields
from steelyard.market.delivery import DeliveryState
from steelyard.market.refusals.delivery import DeliveryRefusal
from tests.flows.goods import BUYER, JUDGE, LENDER, PAPER, SELLER, done
from tests.flows.haul import DUE, moves
from tests.flows.payworld import is_refused
from tests.flows.sea import CARRIER, Sea, bills

S = BillState


@pytest.fixture
def net() -> Sea:
    return Sea()


def link(fact) -> Link:
    """Give the link that a fact of the journal shows."""
    return Link(
        fact.bill_id, fact.voyage_id, fact.carrier, fact.links, fact.event, fact.state, fact.holder, fact.pledgee,
        fact.cargo, fact.kg, fact.document,
    )  # fmt: skip


def chain(net: Sea, bill: bytes) -> list[Link]:
    """Gather the links of a bill from the facts of all outcomes."""
    told = [fact for outcome in net.outcomes for fact in bills(outcome) if fact.bill_id == bill]
    return [link(fact) for fact in told]


def test_a_bill_is_in_one_hand_after_the_other(net: Sea) -> None:
    bill = net.bill(net.loading())
    done(net.give("bill.transfer", TransferFields(bill, BUYER), SELLER))
    assert is_refused(net.give("bill.transfer", TransferFields(bill, LENDER), SELLER), No.BILL_IS_ANOTHERS)
    done(net.give("bill.pledge", TransferFields(bill, LENDER), BUYER))
    assert is_refused(net.give("bill.transfer", TransferFields(bill, SELLER), BUYER), No.BILL_IS_PLEDGED)
    assert is_refused(net.give("bill.pledge", TransferFields(bill, SELLER), BUYER), No.BILL_IS_PLEDGED)
    assert is_refused(net.give("bill.invoke", NamedFields(bill), BUYER), No.BILL_IS_ANOTHERS)
    done(net.give("bill.invoke", NamedFields(bill), LENDER))

    held = net.world.voyages.bills[bill]
    assert (LENDER, "", S.ISSUED, 5) == (held.holder, held.pledgee, held.state, held.links)
    assert held.chain == chain_of(chain(net, bill))
    net.check()


def test_a_pledge_is_released_by_its_pledgee(net: Sea) -> None:
    bill = net.bill(net.loading())
    done(net.give("bill.pledge", TransferFields(bill, LENDER), SELLER))
    done(net.give("bill.release", NamedFields(bill), LENDER))
    done(net.give("bill.transfer", TransferFields(bill, BUYER), SELLER))


def test_a_bill_is_issued_by_two_persons_of_its_carrier(net: Sea) -> None:
    voyage = net.loading()
    (drafted,) = bills(done(net.one("bill.draft", DraftFields(voyage, SELLER, 1, PAPER), CARRIER)))
    named = NamedFields(drafted.bill_id)
    assert is_refused(net.one("bill.issue", named, CARRIER), SettingRefusal.TWO_PEOPLE_NEEDED)
    assert is_refused(net.two("bill.issue", named, JUDGE), No.BILL_IS_ANOTHERS)
    assert is_refused(
        net.give("bill.transfer", TransferFields(drafted.bill_id, BUYER), SELLER), No.BILL_IS_ANOTHERS
    )
    done(net.two("bill.issue", named, CARRIER))
    assert is_refused(net.one("bill.void", named, CARRIER), No.BILL_STATE_FORBIDS)


def test_bills_of_a_voyage_are_for_no_more_than_its_cargo(net: Sea) -> None:
    voyage = net.loading()
    net.bill(voyage, 50_000)
    fields = DraftFields(voyage, BUYER, 30_001, PAPER)
    assert is_refused(net.one("bill.draft", fields, CARRIER), No.BILL_OUT_OF_RANGE)
    second = net.bill(voyage, 20_000, BUYER)
    assert is_refused(
        net.two("bill.amend", AmendFields(second, 30_001, PAPER), CARRIER), No.BILL_OUT_OF_RANGE
    )
    assert is_refused(net.two("bill.amend", AmendFields(second, 0, PAPER), CARRIER), No.BILL_OUT_OF_RANGE)
    done(net.two("bill.amend", AmendFields(second, 30_000, PAPER), CARRIER))
    assert 80_000 == net.world.voyages.billed_kg(voyage)
    net.check()


def test_a_draft_is_of_a_vessel_that_loads_and_for_somebody(net: Sea) -> None:
    early, voyage = net.let_in(), net.loading()
    draft = DraftFields(early, SELLER, 1, PAPER)
    assert is_refused(net.one("bill.draft", draft, CARRIER), No.VOYAGE_STATE_FORBIDS)
    nobody = DraftFields(voyage, "NOBODYXX", 1, PAPER)
    assert is_refused(net.one("bill.draft", nobody, CARRIER), No.BILL_HOLDER_IS_NOT_ACTIVE)
    assert is_refused(
        net.one("bill.draft", DraftFields(voyage, SELLER, 1, PAPER), JUDGE), No.VOYAGE_IS_ANOTHERS
    )
    (drafted,) = bills(done(net.one("bill.draft", DraftFields(voyage, SELLER, 1, PAPER), CARRIER)))
    done(net.one("bill.void", NamedFields(drafted.bill_id), CARRIER))
    assert is_refused(net.two("bill.issue", NamedFields(drafted.bill_id), CARRIER), No.BILL_NOT_FOUND)


def test_a_bill_is_given_up_against_goods_that_are_there(net: Sea) -> None:
    voyage = net.loading()
    bill = net.bill(voyage)
    assert is_refused(net.give("bill.surrender", NamedFields(bill), SELLER), No.VOYAGE_STATE_FORBIDS)
    for event, owner in (("PASSED_OUT", JUDGE), ("CLEARED", JUDGE), ("DISCHARGED", LENDER)):
        done(net.report(voyage, event, owner))
    assert is_refused(net.give("bill.surrender", NamedFields(bill), BUYER), No.BILL_IS_ANOTHERS)
    done(net.give("bill.surrender", NamedFields(bill), SELLER))
    assert is_refused(net.give("bill.surrender", NamedFields(bill), SELLER), No.BILL_NOT_FOUND)
    net.check()


def test_a_bill_that_became_paper_moves_no_more(net: Sea) -> None:
    bill = net.bill(net.loading())
    (converted,) = bills(done(net.give("bill.convert", NamedFields(bill, PAPER), SELLER)))

    assert "CONVERTED_TO_PAPER" == converted.state
    assert is_refused(net.give("bill.transfer", TransferFields(bill, BUYER), SELLER), No.BILL_NOT_FOUND)


def test_a_transfer_is_to_another_who_is_active(net: Sea) -> None:
    bill = net.bill(net.loading())
    for owner in (SELLER, "NOBODYXX"):
        assert is_refused(
            net.give("bill.transfer", TransferFields(bill, owner), SELLER), No.BILL_HOLDER_IS_NOT_ACTIVE
        )


def invoiced(net: Sea) -> tuple[bytes, bytes]:
    """Bring a delivery of goods under a bill to its invoice."""
    bill = net.bill(net.loading())
    delivery = net.open()
    done(net.assign(delivery, bill=bill))
    done(net.certify(delivery))
    done(net.named("take", delivery, BUYER))
    return delivery, bill


def test_a_bill_is_the_title_of_a_delivery_against_payment(net: Sea) -> None:
    delivery, bill = invoiced(net)
    assert (S.LOCKED, delivery) == (
        net.world.voyages.bills[bill].state,
        net.world.voyages.bills[bill].bound_to,
    )
    assert is_refused(net.give("bill.transfer", TransferFields(bill, LENDER), SELLER), No.BILL_IS_LOCKED)
    assert is_refused(net.assign(net.open(), bill=bill), No.BILL_IS_LOCKED)
    net.fund(BUYER, "OST", DUE - 1)
    before = net.titles_and_money()
    net.fund_delivery(delivery)
    assert before == net.titles_and_money()
    assert SELLER == net.world.voyages.bills[bill].holder

    net.fund(BUYER, "OST", 1)
    outcome = done(net.fund_delivery(delivery))
    assert "SETTLED" == moves(outcome)[-1].state
    held = net.world.voyages.bills[bill]
    assert (BUYER, S.ISSUED, b"") == (held.holder, held.state, held.bound_to)
    assert DUE == net.balance(SELLER, "OST")
    assert held.chain == chain_of(chain(net, bill))
    net.check()


def test_a_delivery_that_ends_unlocks_its_bill(net: Sea) -> None:
    delivery, bill = invoiced(net)
    done(net.ordered("force_majeure", delivery))
    net.wait(net.delivery(delivery).due_at - net.at)

    assert S.ISSUED is net.world.voyages.bills[bill].state
    net.holds_nothing(delivery)


def test_a_bill_fits_what_was_agreed_or_is_not_taken(net: Sea) -> None:
    voyage = net.loading()
    light, receipt = net.bill(voyage, 40_000), net.issue(50_000)
    delivery = net.open()
    assert is_refused(net.assign(delivery, bill=light), DeliveryRefusal.DELIVERY_GOODS_DO_NOT_FIT)
    assert is_refused(net.assign(delivery, bill=b"n" * 16), No.BILL_NOT_FOUND)
    other = net.bill(voyage, 40_000, BUYER)
    assert is_refused(net.assign(delivery, bill=other), No.BILL_IS_ANOTHERS)
    assert is_refused(net.assign(delivery, receipt, bill=light), DeliveryRefusal.DELIVERY_GOODS_DO_NOT_FIT)
    assert DeliveryState.INTENDED is net.state(delivery)


def test_goods_under_one_bill_go_to_one_buyer(net: Sea) -> None:
    bill = net.bill(net.loading())
    delivery = net.open(buyer="", lots=2, unit_kg=25_000)
    done(net.assign(delivery, bill=bill))
    refused = net.notice((BUYER, 1, 1), (LENDER, 1, 1))
    assert is_refused(refused, DeliveryRefusal.DELIVERY_GOODS_DO_NOT_FIT)
    done(net.notice((BUYER, 1, 2)))
