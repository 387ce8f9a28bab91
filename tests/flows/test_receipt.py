"""Receipts through the door: issued by two, moved by their holder, pledged, loaded out, frozen, expired."""

import pytest

from steelyard.engine.bulk import BULK_KINDS
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.refusals import Refusal as E
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import receipt_orders
from steelyard.flows.command import Code
from steelyard.flows.receipt import (
    AttachFields,
    DraftFields,
    MergeFields,
    NamedFields,
    SplitFields,
    TransferFields,
)
from steelyard.flows.receipt_orders import OrderFields, SiteOrderFields
from steelyard.flows.receipt_out import AuctionFields, GradeFields, LeaveFields
from steelyard.flows.title_facts import StockFound
from steelyard.flows.warehouse import CaseFields, ClassFields, CompareFields, SiteFields, StockFields
from steelyard.market.receipts import ReceiptState
from steelyard.market.refusals.titles import TitleRefusal as No
from steelyard.values.instants import DAY
from tests.flows.goods import (
    BUYER,
    GRADE,
    HOUSE,
    JUDGE,
    LENDER,
    OATS,
    OTHER,
    PAPER,
    RYE,
    SELLER,
    SITE,
    Goods,
    done,
    receipts,
)
from tests.flows.payworld import facts, is_refused, told

S = ReceiptState


@pytest.fixture
def net() -> Goods:
    return Goods()


def test_a_draft_is_no_title_and_two_persons_make_it_one(net: Goods) -> None:
    draft = net.draft(50_000)
    assert (S.DRAFT, 0) == (net.receipt(draft).state, net.kg(SELLER))

    alone = net.one("receipt.issue", NamedFields(draft), HOUSE)
    assert is_refused(alone, SettingRefusal.TWO_PEOPLE_NEEDED)

    outcome = done(net.two("receipt.issue", NamedFields(draft), HOUSE))
    assert (S.ISSUED, 50_000) == (net.receipt(draft).state, net.kg(SELLER))
    assert (SELLER, "receipt.issued") in told(outcome)
    net.check()


def test_a_false_receipt_is_not_issued(net: Goods) -> None:
    """One kg beyond what the inspector has certified: nobody has seen those goods."""
    net.issue(600_000)
    draft = net.draft(400_001)
    register, books = net.world.titles.encode(), net.world.engine.state_hash()

    outcome = net.two("receipt.issue", NamedFields(draft), HOUSE)
    assert is_refused(outcome, No.STOCK_WOULD_BE_EXCEEDED)
    assert (register, books) == (net.world.titles.encode(), net.world.engine.state_hash())
    net.issue(400_000)
    net.check()


def test_a_site_does_not_pass_its_limit(net: Goods) -> None:
    done(net.one("stock.certify", StockFields(SITE, GRADE, 9_000_000, PAPER), JUDGE))
    draft = net.draft(4_000_001)

    assert is_refused(net.two("receipt.issue", NamedFields(draft), HOUSE), No.SITE_LIMIT_WOULD_BE_EXCEEDED)
    net.issue(4_000_000)


def test_a_receipt_goes_from_hand_to_hand_with_its_kg(net: Goods) -> None:
    receipt = net.issue(50_000)
    done(net.give("receipt.transfer", TransferFields(receipt, BUYER), SELLER))

    assert (0, 50_000) == (net.kg(SELLER), net.kg(BUYER))
    outcome = net.give("receipt.transfer", TransferFields(receipt, OTHER), SELLER)
    assert is_refused(outcome, No.RECEIPT_IS_ANOTHERS)
    net.check()


def test_a_receipt_is_pledged_once_and_moved_only_by_its_pledgee(net: Goods) -> None:
    receipt = net.issue(50_000)
    done(net.give("receipt.pledge", TransferFields(receipt, LENDER), SELLER))
    before = net.titles_and_money()

    for name, fields in (
        ("receipt.pledge", TransferFields(receipt, OTHER)),
        ("receipt.transfer", TransferFields(receipt, BUYER)),
        ("receipt.split", SplitFields(receipt, (20_000, 30_000))),
        ("receipt.merge", MergeFields((receipt, receipt))),
        ("receipt.order_out", NamedFields(receipt)),
    ):
        assert is_refused(net.give(name, fields, SELLER), No.RECEIPT_IS_PLEDGED), name
    for owner in (SELLER, OTHER):
        for name in ("receipt.release", "receipt.invoke"):
            assert is_refused(net.give(name, NamedFields(receipt), owner), No.RECEIPT_IS_ANOTHERS)
    assert before == net.titles_and_money()

    done(net.give("receipt.release", NamedFields(receipt), LENDER))
    assert (S.ISSUED, "", SELLER) == (
        net.receipt(receipt).state, net.receipt(receipt).pledgee, net.receipt(receipt).holder,
    )  # fmt: skip
    assert is_refused(net.give("receipt.release", NamedFields(receipt), LENDER), No.RECEIPT_IS_ANOTHERS)
    done(net.give("receipt.pledge", TransferFields(receipt, OTHER), SELLER))
    net.check()


def test_a_pledgee_takes_what_was_pledged(net: Goods) -> None:
    receipt = net.issue(50_000)
    done(net.give("receipt.pledge", TransferFields(receipt, LENDER), SELLER))
    done(net.give("receipt.invoke", NamedFields(receipt), LENDER))

    assert (LENDER, S.ISSUED, "") == (
        net.receipt(receipt).holder, net.receipt(receipt).state, net.receipt(receipt).pledgee,
    )  # fmt: skip
    assert (0, 50_000) == (net.kg(SELLER), net.kg(LENDER))
    net.check()


def test_parts_put_together_again_are_the_whole(net: Goods) -> None:
    receipt = net.issue(50_000)
    outcome = done(net.give("receipt.split", SplitFields(receipt, (20_000, 18_000, 12_000)), SELLER))
    parts = [moved.receipt_id for moved in receipts(outcome) if moved.state == "ISSUED"]

    assert [20_000, 18_000, 12_000] == [net.receipt(part).kg for part in parts]
    assert 50_000 == net.kg(SELLER)
    assert is_refused(
        net.give("receipt.transfer", TransferFields(receipt, BUYER), SELLER), No.RECEIPT_NOT_FOUND
    )
    outcome = done(net.give("receipt.merge", MergeFields(tuple(parts)), SELLER))
    whole = net.receipt(receipts(outcome)[-1].receipt_id)
    assert (50_000, SELLER, 50_000) == (whole.kg, whole.holder, net.kg(SELLER))
    net.check()


@pytest.mark.parametrize("parts", [(50_000,), (20_000, 20_000), (50_000, 0), (30_000, 30_000)])
def test_parts_that_do_not_add_up_change_nothing(net: Goods, parts: tuple[int, ...]) -> None:
    receipt = net.issue(50_000)

    outcome = net.give("receipt.split", SplitFields(receipt, parts), SELLER)
    assert is_refused(outcome, No.RECEIPT_PARTS_DO_NOT_ADD_UP)


def test_receipts_of_two_classes_are_not_merged(net: Goods) -> None:
    done(net.one("stock.certify", StockFields(SITE, "OATS", 10_000, PAPER), JUDGE))
    pair = (net.issue(50_000), net.issue(10_000, code=OATS))

    assert is_refused(net.give("receipt.merge", MergeFields(pair), SELLER), No.RECEIPTS_ARE_UNLIKE)


def test_goods_leave_with_their_storage_paid(net: Goods) -> None:
    """50 t for ten days at 0.03 a tonne and day are 15.00: 6.00 of it with the first 20 t."""
    receipt = net.issue(50_000)
    net.fund(SELLER, "OST", 1_500)
    done(net.give("receipt.order_out", NamedFields(receipt), SELLER))
    net.wait(10 * DAY)

    done(net.one("receipt.leave", LeaveFields(receipt, 20_000, PAPER), HOUSE))
    assert (S.PARTIALLY_RELEASED, 30_000, 600) == (
        net.receipt(receipt).state, net.kg(SELLER), net.balance(HOUSE, "OST"),
    )  # fmt: skip
    outcome = done(net.one("receipt.leave", LeaveFields(receipt, 30_000, PAPER), HOUSE))
    assert ("CANCELLED", 30_000, 900) == (
        receipts(outcome)[0].state, receipts(outcome)[0].left_kg, receipts(outcome)[0].storage_minor,
    )  # fmt: skip
    assert (0, 1_500, 0) == (net.balance(SELLER, "OST"), net.balance(HOUSE, "OST"), net.kg(SELLER))
    assert receipt not in net.world.titles.receipts
    assert 950_000 == net.world.titles.stock(SITE, GRADE).certified_kg
    net.check()


def test_goods_whose_storage_is_unpaid_stay(net: Goods) -> None:
    receipt = net.issue(50_000)
    net.fund(SELLER, "OST", 1_499)
    done(net.give("receipt.order_out", NamedFields(receipt), SELLER))
    net.wait(10 * DAY)
    before = net.titles_and_money()

    outcome = net.one("receipt.leave", LeaveFields(receipt, 50_000, PAPER), HOUSE)
    assert is_refused(outcome, E.LIQUIDITY_IS_SHORT)
    assert before == net.titles_and_money()


def test_what_was_not_ordered_out_does_not_leave_and_no_more_than_there_is(net: Goods) -> None:
    receipt = net.issue(50_000)
    leave = LeaveFields(receipt, 50_001, PAPER)
    assert is_refused(net.one("receipt.leave", leave, HOUSE), No.RECEIPT_STATE_FORBIDS)
    done(net.give("receipt.order_out", NamedFields(receipt), SELLER))
    assert is_refused(net.one("receipt.leave", leave, HOUSE), No.RELEASE_IS_TOO_LARGE)
    assert is_refused(
        net.one("receipt.leave", LeaveFields(receipt, 0, PAPER), HOUSE), No.RECEIPT_QUANTITY_OUT_OF_RANGE
    )
    assert is_refused(
        net.give("receipt.transfer", TransferFields(receipt, BUYER), SELLER), No.RECEIPT_STATE_FORBIDS
    )
    done(net.give("receipt.stay", NamedFields(receipt), SELLER))
    done(net.give("receipt.transfer", TransferFields(receipt, BUYER), SELLER))


@pytest.mark.parametrize("before", [S.ISSUED, S.PLEDGED, S.LOAD_OUT_REQUESTED])
def test_a_frozen_receipt_does_not_move_and_thaws_into_what_it_was(net: Goods, before: ReceiptState) -> None:
    receipt = net.issue(50_000)
    if before is S.PLEDGED:
        done(net.give("receipt.pledge", TransferFields(receipt, LENDER), SELLER))
    if before is S.LOAD_OUT_REQUESTED:
        done(net.give("receipt.order_out", NamedFields(receipt), SELLER))
    held = net.receipt(receipt)
    done(net.two("receipt.freeze", OrderFields(receipt, PAPER), "operator"))

    for name, fields in (
        ("receipt.transfer", TransferFields(receipt, BUYER)),
        ("receipt.pledge", TransferFields(receipt, OTHER)),
        ("receipt.split", SplitFields(receipt, (20_000, 30_000))),
        ("receipt.order_out", NamedFields(receipt)),
        ("receipt.stay", NamedFields(receipt)),
    ):
        assert is_refused(net.give(name, fields, SELLER), No.RECEIPT_IS_FROZEN), name
    leave = net.one("receipt.leave", LeaveFields(receipt, 1, PAPER), HOUSE)
    assert is_refused(leave, No.RECEIPT_IS_FROZEN)
    again = net.two("receipt.freeze", OrderFields(receipt, PAPER), "operator")
    assert is_refused(again, No.RECEIPT_IS_FROZEN)
    done(net.two("receipt.thaw", OrderFields(receipt, PAPER), "operator"))
    assert held == net.receipt(receipt)
    net.check()


def test_a_grade_runs_out_and_is_found_anew(net: Goods) -> None:
    receipt = net.issue(50_000, valid_until=net.at + DAY)
    net.wait(DAY)
    assert S.EXPIRED == net.receipt(receipt).state
    assert is_refused(
        net.give("receipt.transfer", TransferFields(receipt, BUYER), SELLER), No.RECEIPT_HAS_EXPIRED
    )

    done(net.two("receipt.regrade", GradeFields(receipt, OATS, net.at + DAY, PAPER), JUDGE))
    assert (S.ISSUED, OATS) == (net.receipt(receipt).state, net.receipt(receipt).code)
    assert (0, 50_000) == (net.kg(SELLER), net.kg(SELLER, OATS))
    stocks = [net.world.titles.stock(SITE, grade).certified_kg for grade in (GRADE, "OATS")]
    assert [950_000, 50_000] == stocks
    net.check()


def test_a_pledge_outlives_the_grade_and_what_is_freed_then_expires(net: Goods) -> None:
    receipt = net.issue(50_000, valid_until=net.at + DAY)
    done(net.give("receipt.pledge", TransferFields(receipt, LENDER), SELLER))
    net.wait(DAY)
    assert S.PLEDGED == net.receipt(receipt).state

    done(net.give("receipt.release", NamedFields(receipt), LENDER))
    assert S.EXPIRED == net.receipt(receipt).state
    net.check()


def test_an_expired_receipt_is_sold_by_auction_and_pays_its_storage(net: Goods) -> None:
    """The operator notes the winner, who pays himself: nobody moves another's money."""
    receipt = net.issue(50_000, valid_until=net.at + DAY)
    net.fund(BUYER, "OST", 10_000)
    auction = AuctionFields(receipt, BUYER, 10_000, PAPER)
    assert is_refused(net.two("receipt.auction", auction, "operator"), No.RECEIPT_STATE_FORBIDS)
    net.wait(10 * DAY)
    assert is_refused(net.give("receipt.buy", NamedFields(receipt), BUYER), No.RECEIPT_IS_ANOTHERS)

    outcome = done(net.two("receipt.auction", auction, "operator"))
    assert {(SELLER, "receipt.knocked_down"), (BUYER, "receipt.knocked_down")} <= set(told(outcome))
    assert (SELLER, 10_000) == (net.receipt(receipt).holder, net.balance(BUYER, "OST"))
    assert is_refused(net.give("receipt.buy", NamedFields(receipt), OTHER), No.RECEIPT_IS_ANOTHERS)
    net.check()
    done(net.give("receipt.buy", NamedFields(receipt), BUYER))
    assert (1_500, 8_500, 0) == tuple(net.balance(owner, "OST") for owner in (HOUSE, SELLER, BUYER))
    assert (BUYER, 50_000) == (net.receipt(receipt).holder, net.kg(BUYER))
    assert S.EXPIRED == net.receipt(receipt).state  # sold, but still of no valid grade
    assert is_refused(net.give("receipt.buy", NamedFields(receipt), BUYER), No.RECEIPT_IS_ANOTHERS)
    net.check()


def test_a_sale_that_is_not_paid_ends_with_a_new_grade(net: Goods) -> None:
    receipt = net.issue(50_000, valid_until=net.at + DAY)
    net.wait(DAY)
    done(net.two("receipt.auction", AuctionFields(receipt, BUYER, 10_000, PAPER), "operator"))
    before = net.titles_and_money()
    assert is_refused(net.give("receipt.buy", NamedFields(receipt), BUYER), E.LIQUIDITY_IS_SHORT)
    assert before == net.titles_and_money()
    done(net.two("receipt.regrade", GradeFields(receipt, RYE, net.at + DAY, PAPER), JUDGE))
    net.fund(BUYER, "OST", 10_000)

    assert is_refused(net.give("receipt.buy", NamedFields(receipt), BUYER), No.RECEIPT_IS_ANOTHERS)
    assert {} == net.world.titles.sales


def test_a_purchase_above_the_own_line_takes_two_people(net: Goods) -> None:
    receipt = net.issue(50_000, valid_until=net.at + DAY)
    net.wait(DAY)
    done(net.two("receipt.auction", AuctionFields(receipt, BUYER, 10_000, PAPER), "operator"))
    net.fund(BUYER, "OST", 10_000)
    net.set(BUYER, lines_minor={"OST": 9_999})
    assert is_refused(net.give("receipt.buy", NamedFields(receipt), BUYER), SettingRefusal.TWO_PEOPLE_NEEDED)
    net.set(BUYER, lines_minor={"OST": 10_000})
    done(net.give("receipt.buy", NamedFields(receipt), BUYER))


@pytest.mark.parametrize(("weighed", "found"), [(49_990, -10), (50_010, 10)])
def test_a_difference_of_stock_stops_issues_until_it_is_decided(net: Goods, weighed: int, found: int) -> None:
    net.issue(50_000)
    compare = CompareFields(SITE, GRADE, weighed, weighed, PAPER)
    outcome = done(net.one("stock.compare", compare, JUDGE))
    (stock,) = [fact for fact in facts(outcome) if isinstance(fact, StockFound)]
    assert (found, 50_000) == (stock.case_kg, stock.live_kg)
    assert {(HOUSE, "stock.case"), ("operator", "stock.case")} == set(told(outcome))

    draft = net.draft(1)
    assert is_refused(net.two("receipt.issue", NamedFields(draft), HOUSE), No.STOCK_CASE_IS_OPEN)
    decide = CaseFields(SITE, GRADE, PAPER)
    done(net.two("stock.decide", decide, "operator"))
    assert Code.REPEATED == net.two("stock.decide", decide, "operator").code
    done(net.two("receipt.issue", NamedFields(draft), HOUSE))


def test_stock_that_agrees_is_no_case(net: Goods) -> None:
    net.issue(50_000)
    outcome = done(net.one("stock.compare", CompareFields(SITE, GRADE, 50_000, 50_000, PAPER), JUDGE))

    assert [] == told(outcome)
    assert b"" == net.world.titles.stock(SITE, GRADE).case


def test_nobody_writes_for_anothers_site(net: Goods) -> None:
    """Neither the inspector receipts, nor the warehouse certificates, nor a trader anything."""
    draft = DraftFields(RYE, SELLER, 1, net.at // DAY, 0, PAPER)
    assert is_refused(net.one("receipt.draft", draft, JUDGE), No.SITE_IS_ANOTHERS)
    assert is_refused(net.one("receipt.class", ClassFields("X", SITE, "X", "26"), JUDGE), No.SITE_IS_ANOTHERS)
    assert is_refused(
        net.one("stock.certify", StockFields(SITE, GRADE, 1, PAPER), HOUSE), No.SITE_IS_ANOTHERS
    )
    assert is_refused(net.give("receipt.draft", draft, SELLER), E.SENDER_HAS_NO_RIGHT)
    assert is_refused(
        net.one("stock.certify", StockFields("NOWHERE", GRADE, 1, PAPER), JUDGE), No.SITE_NOT_FOUND
    )
    issued = net.draft(1)
    assert is_refused(net.two("receipt.issue", NamedFields(issued), JUDGE), No.SITE_IS_ANOTHERS)
    grade = GradeFields(issued, OATS, 0, PAPER)
    assert is_refused(net.two("receipt.regrade", grade, HOUSE), No.SITE_IS_ANOTHERS)


@pytest.mark.parametrize(
    "changes",
    [
        {"inspector": HOUSE},
        {"warehouse": "NOBODYXX"},
        {"inspector": "NOBODYXX"},
        {"capacity_kg": 0},
        {"capital_kg": 10**18},
        {"currency": "XXX"},
        {"rate_minor": 10**13},
        {"site": ""},
    ],
)
def test_a_site_is_sound_or_not_registered(net: Goods, changes: dict) -> None:
    fields = {
        "site": "NEW", "warehouse": HOUSE, "inspector": JUDGE, "capacity_kg": 1, "capital_kg": 1,
        "currency": "OST", "rate_minor": 1,
    } | changes  # fmt: skip

    assert is_refused(net.two("site.put", SiteFields(**fields), "operator"), No.SITE_OUT_OF_RANGE)


def test_a_site_stays_its_warehouses_and_the_operator_registers_it(net: Goods) -> None:
    other = SiteFields(SITE, OTHER, JUDGE, 1, 1, "OST", 1)
    assert is_refused(net.two("site.put", other, "operator"), No.SITE_IS_ANOTHERS)
    done(net.two("site.put", SiteFields(SITE, HOUSE, OTHER, 1, 1, "OST", 1), "operator"))
    assert OTHER == net.world.titles.sites[SITE].inspector


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"code": "NONE"}, No.RECEIPT_CLASS_NOT_FOUND),
        ({"kg": 0}, No.RECEIPT_QUANTITY_OUT_OF_RANGE),
        ({"kg": 10**18}, No.RECEIPT_QUANTITY_OUT_OF_RANGE),
        ({"taken_in_on": 30_000}, No.RECEIPT_QUANTITY_OUT_OF_RANGE),
        ({"holder": "NOBODYXX"}, No.RECEIPT_HOLDER_IS_NOT_ACTIVE),
        ({"valid_until": 1}, No.RECEIPT_HAS_EXPIRED),
    ],
)
def test_a_draft_that_cannot_become_a_receipt_is_not_taken(net: Goods, changes: dict, refusal: No) -> None:
    fields = {
        "code": RYE, "holder": SELLER, "kg": 1, "taken_in_on": net.at // DAY, "valid_until": 0,
        "document": PAPER,
    } | changes  # fmt: skip

    assert is_refused(net.one("receipt.draft", DraftFields(**fields), HOUSE), refusal)


def test_a_draft_is_taken_back_and_an_issued_receipt_is_not(net: Goods) -> None:
    draft = net.draft(1)
    done(net.one("receipt.drop", NamedFields(draft), HOUSE))
    assert is_refused(net.two("receipt.issue", NamedFields(draft), HOUSE), No.RECEIPT_NOT_FOUND)
    issued = net.issue(1)
    assert is_refused(net.one("receipt.drop", NamedFields(issued), HOUSE), No.RECEIPT_STATE_FORBIDS)
    assert is_refused(net.two("receipt.issue", NamedFields(issued), HOUSE), No.RECEIPT_STATE_FORBIDS)


def test_papers_are_attached_once_each_and_within_a_bound(net: Goods) -> None:
    receipt = net.issue(1)
    assert Code.REPEATED == net.give("receipt.attach", AttachFields(receipt, PAPER), SELLER).code
    for number in range(31):
        done(net.give("receipt.attach", AttachFields(receipt, bytes([number]) * 32), SELLER))
    last = AttachFields(receipt, b"x" * 32)
    assert is_refused(net.give("receipt.attach", last, SELLER), No.TITLES_ARE_FULL)
    assert is_refused(net.give("receipt.attach", last, OTHER), No.RECEIPT_IS_ANOTHERS)


def test_only_the_operator_orders_a_freeze(net: Goods) -> None:
    receipt = net.issue(1)
    freeze = OrderFields(receipt, PAPER)
    assert is_refused(net.give("receipt.freeze", freeze, SELLER), E.SENDER_HAS_NO_RIGHT)
    alone = net.one("receipt.freeze", freeze, "operator")
    assert is_refused(alone, SettingRefusal.TWO_PEOPLE_NEEDED)
    nobody = net.two("receipt.freeze", OrderFields(b"n" * 16, PAPER), "operator")
    assert is_refused(nobody, No.RECEIPT_NOT_FOUND)


def test_a_site_is_frozen_and_thawed_step_by_step(net: Goods, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its warehouse fails: every live receipt, in whatever state, and each thaws into its own."""
    monkeypatch.setattr(receipt_orders, "STEP", 2)
    live = [net.issue(1_000) for _ in range(3)]
    done(net.give("receipt.pledge", TransferFields(live[0], LENDER), SELLER))
    draft = net.draft(1)
    before = {one: net.receipt(one) for one in (*live, draft)}
    order = SiteOrderFields(SITE, PAPER)

    steps = [net.two("site.freeze", order, "operator") for _ in range(3)]
    assert [2, 1, 0] == [len(receipts(step)) for step in steps]
    assert Code.REPEATED == steps[2].code
    assert {S.FROZEN} == {net.receipt(one).state for one in live}
    assert before[draft] == net.receipt(draft)
    for _ in range(2):
        done(net.two("site.thaw", order, "operator"))
    assert before == {one: net.receipt(one) for one in (*live, draft)}
    nowhere = net.two("site.freeze", SiteOrderFields("NOWHERE", PAPER), "operator")
    assert is_refused(nowhere, No.SITE_NOT_FOUND)


def test_titles_do_not_move_by_the_bulk_lane_or_by_hand(net: Goods) -> None:
    """Whatever bundle their holder sends: only a delivery against payment moves their accounts."""
    done(net.give("receipt.transfer", TransferFields(net.issue(1), BUYER), SELLER))
    net.issue(50_000)
    engine, accounts = net.world.engine, net.world.members.accounts
    leg = Leg(accounts.get("title", SELLER, RYE) or 0, accounts.get("title", BUYER, RYE) or 0, 1)
    number = (net.at // 1_000_000) << 80 | 7
    authority = [engine.owner_nos[SELLER], engine.owner_nos[BUYER]]

    for kind in (*sorted(BULK_KINDS), Kind.CORRECTION, Kind.CASE):
        act = engine.check_move(Bundle(number, kind, (leg,)), authority=authority, at=net.at)
        assert E.ACCOUNT_NEEDS_OTHER_AUTHORITY is act.refusal, kind


def test_the_state_comes_back_from_its_bytes(net: Goods) -> None:
    net.issue(50_000)
    pledged = net.issue(10_000)
    done(net.give("receipt.pledge", TransferFields(pledged, LENDER), SELLER))
    net.draft(5)

    net.check()
