"""Trades made outside the book: registered by both sides, shown to be settled, taken back in time; no wash."""

from hashlib import sha256

import pytest
from msgspec import structs

from steelyard.flows.command import Code, Outcome
from steelyard.flows.market_list import GroupFields
from steelyard.flows.otc import NamedFields, RegisterFields
from steelyard.flows.price_facts import OtcMoved
from steelyard.flows.receipt import TransferFields
from steelyard.flows.rfq import AcceptFields, AnswerFields, RequestFields
from steelyard.market.assessment import Method
from steelyard.market.delivery import DeliveryState
from steelyard.market.otc import DVP, EVIDENCE, RFQ, TITLE
from steelyard.market.refusals.otc import OtcRefusal as No
from steelyard.market.rfq import BUY
from steelyard.values.instants import DAY, HOUR, MINUTE
from tests.flows.goods import BUYER, LENDER, OTHER, RYE, SELLER, done, receipts
from tests.flows.haul import DUE, Haul
from tests.flows.markets import KG, SPOT
from tests.flows.payworld import facts, faulty, is_refused
from tests.flows.test_benchmark_day import UNIT, Day

PAPER, OTHER_PAPER = sha256(b"contract").digest(), sha256(b"another").digest()


class Desk(Day):
    """The day of the rye benchmark, with goods at hand that are not on the book."""

    def register(self, owner: str = SELLER, side: str = "sell", other: str = BUYER, **more) -> Outcome:
        fields = RegisterFields(
            side, other, more.pop("code", RYE), more.pop("kg", 4 * KG), more.pop("currency", "OST"),
            more.pop("minor", 200_000), more.pop("traded_at", self.at - HOUR), more.pop("proof", PAPER),
        )  # fmt: skip
        return self.trader(owner, "otc.register", fields)

    def confirm(self, trade_id: bytes, owner: str = BUYER) -> Outcome:
        return self.trader(owner, "otc.confirm", NamedFields(trade_id))

    def withdraw(self, trade_id: bytes, owner: str) -> Outcome:
        return self.trader(owner, "otc.withdraw", NamedFields(trade_id))

    def registered(self, owner: str = SELLER, side: str = "sell", other: str = BUYER, **more) -> bytes:
        """Register a trade by both sides and give its id."""
        trade_id = told(done(self.register(owner, side, other, **more))).trade_id
        done(self.confirm(trade_id, other))
        return trade_id

    def transferred(self, kg: int = 4 * KG, seller: str = SELLER, buyer: str = BUYER) -> bytes:
        """Give a receipt over without payment, and give the bundle that did."""
        receipt_id = self.issue(kg, seller)
        (moved,) = receipts(done(self.trader(seller, "receipt.transfer", TransferFields(receipt_id, buyer))))
        return moved.bundle_id

    def taken(self, buyer: str, seller: str, minor: int, kg: int = 4 * KG) -> Outcome:
        """Buy a receipt by a request for quotes."""
        receipt_id = self.issue(kg, seller)
        until = self.at + HOUR
        asked = RequestFields(RYE, kg, BUY, "OST", until, (seller,))
        done(self.trader(buyer, "rfq.request", asked))
        rfq_id = list(self.world.rfqs.live)[-1]
        done(self.trader(seller, "rfq.answer", AnswerFields(rfq_id, 0, minor, 0, receipt_id, until)))
        answer_id = self.world.rfqs.live[rfq_id].answers[-1].answer_id
        return done(self.trader(buyer, "rfq.accept", AcceptFields(rfq_id, answer_id)))


def told(outcome: Outcome) -> OtcMoved:
    (one,) = [fact for fact in facts(outcome) if isinstance(fact, OtcMoved)]
    return one


@pytest.fixture
def desk() -> Desk:
    return Desk(least=2, cap="1")


def test_both_sides_register_a_trade_by_evidence_and_it_is_flagged(desk: Desk) -> None:
    offer = told(desk.register())
    own = desk.confirm(offer.trade_id, SELLER)
    theirs = told(done(desk.confirm(offer.trade_id)))

    assert ("OFFERED", EVIDENCE, SELLER) == (offer.state, offer.proven, offer.by)
    assert is_refused(own, No.OTC_STEP_NOT_ALLOWED)
    assert ("REGISTERED", desk.at // DAY) == (theirs.state, theirs.on)
    assert is_refused(desk.confirm(offer.trade_id), No.OTC_STEP_NOT_ALLOWED)
    assert is_refused(desk.confirm(offer.trade_id, LENDER), No.OTC_TRADE_NOT_FOUND)
    desk.check()


def test_registered_trades_are_the_second_rung() -> None:
    """4 t for 2,000.00 OST are 500.00 a tonne: 400.00 in the basket, as one unit is 1.25 OST."""
    desk = Desk()
    desk.quotes()
    desk.trade(BUYER, SELLER, 4, 50_000)
    desk.registered(LENDER, "sell", OTHER)
    price = desk.fixed()

    assert ("40000", "otc", 2) == (price.value, price.source, len(price.inputs))


def test_what_evidence_alone_shows_does_not_count_where_the_method_says_so() -> None:
    desk = Desk()
    desk.method(Method(2, takes_outside=False), (SPOT,), UNIT)
    desk.quotes()
    desk.trade(BUYER, SELLER, 4, 50_000)
    desk.registered(LENDER, "sell", OTHER)

    assert "none" == desk.fixed().source


def test_a_transfer_of_a_receipt_that_was_settled_here_is_proof_once(desk: Desk) -> None:
    proof = desk.transferred()
    made = told(done(desk.register(proof=proof)))

    assert TITLE == made.proven
    done(desk.confirm(made.trade_id))
    assert is_refused(desk.register(proof=proof, minor=200_001), No.OTC_PROOF_IS_USED)


@pytest.mark.parametrize(
    "wrong", [{"kg": 5 * KG}, {"other": LENDER}, {"code": "OATS-26.PORT"}, {"proof": bytes(16)}], ids=str
)
def test_an_id_of_something_else_is_no_proof(desk: Desk, wrong) -> None:
    proof = desk.transferred()

    assert is_refused(desk.register(**{"proof": proof} | wrong), No.OTC_PROOF_DOES_NOT_FIT)


def test_a_taken_request_for_quotes_is_registered_by_itself_and_once(desk: Desk) -> None:
    """Its bundle proves no second registration, and nobody takes it back."""
    outcome = desk.taken(BUYER, SELLER, 50_000)
    made = told(outcome)
    (given,) = [one for one in receipts(outcome) if one.bundle_id]

    assert ("REGISTERED", RFQ, BUYER, SELLER, 200_000) == (
        made.state, made.proven, made.buyer, made.seller, made.minor,
    )  # fmt: skip
    assert is_refused(desk.register(proof=given.bundle_id), No.OTC_PROOF_DOES_NOT_FIT)
    assert is_refused(desk.withdraw(made.trade_id, BUYER), No.OTC_STEP_NOT_ALLOWED)
    desk.quotes()
    price = desk.fixed()
    assert ("40000", "otc") == (price.value, price.source)


def test_a_wash_is_refused_within_a_group_and_to_and_fro(desk: Desk) -> None:
    desk.registered()
    back = desk.register(BUYER, "sell", SELLER, proof=OTHER_PAPER)
    desk.two("market.group", GroupFields(OTHER, SELLER), "operator")
    through_another = desk.register(BUYER, "sell", OTHER, proof=OTHER_PAPER)
    inside = desk.register(SELLER, "sell", OTHER, proof=OTHER_PAPER)

    for outcome in (back, through_another, inside):
        assert is_refused(outcome, No.OTC_IS_A_WASH)


def test_requests_taken_to_and_fro_show_no_price(desk: Desk) -> None:
    """They settle, as anybody may buy back; but neither counts."""
    desk.quotes()
    desk.taken(BUYER, SELLER, 90_000)
    desk.taken(SELLER, BUYER, 90_000)
    desk.taken(LENDER, OTHER, 50_000)
    price = desk.fixed()

    assert ("40000", 1) == (price.value, len(price.inputs))


def test_a_request_taken_within_a_group_is_not_registered(desk: Desk) -> None:
    desk.two("market.group", GroupFields(BUYER, SELLER), "operator")

    assert not [one for one in facts(desk.taken(BUYER, SELLER, 50_000)) if isinstance(one, OtcMoved)]


def test_the_same_trade_is_registered_once_whatever_its_evidence(desk: Desk) -> None:
    at = desk.at - HOUR
    desk.registered(traded_at=at)
    again = desk.register(traded_at=at, proof=OTHER_PAPER)
    by_the_other = desk.register(BUYER, "buy", SELLER, traded_at=at, proof=OTHER_PAPER)

    assert is_refused(again, No.OTC_IS_THERE)
    assert is_refused(by_the_other, No.OTC_IS_THERE)
    assert is_refused(desk.register(minor=1, proof=PAPER), No.OTC_PROOF_IS_USED)


def test_both_take_a_registration_back_before_its_fixing(desk: Desk) -> None:
    """While only one asks it counts; its proof is free again afterwards."""
    desk.quotes()
    kept, gone = desk.registered(), desk.registered(LENDER, "sell", OTHER, proof=OTHER_PAPER)
    asked = told(done(desk.withdraw(kept, SELLER)))
    alone = desk.withdraw(kept, SELLER)
    desk.withdraw(gone, OTHER)
    ended = told(done(desk.withdraw(gone, LENDER)))
    price = desk.fixed()

    assert ("LEAVING", "WITHDRAWN") == (asked.state, ended.state)
    assert is_refused(alone, No.OTC_STEP_NOT_ALLOWED)
    assert ("otc", 1) == (price.source, len(price.inputs))
    assert is_refused(desk.withdraw(kept, BUYER), No.OTC_DAY_IS_FIXED)
    assert Code.DONE == desk.register(LENDER, "sell", OTHER, proof=OTHER_PAPER).code


def test_what_is_only_offered_either_side_drops(desk: Desk) -> None:
    for owner in (SELLER, BUYER):
        trade_id = told(done(desk.register())).trade_id
        assert "WITHDRAWN" == told(done(desk.withdraw(trade_id, owner))).state
    assert not desk.world.otc.trades


def test_a_registration_that_is_not_confirmed_in_time_does_not_count(desk: Desk) -> None:
    """An old trade is not offered, and one that has grown old is not confirmed."""
    late = desk.register(traded_at=desk.at - DAY)
    ahead = desk.register(traded_at=desk.at + HOUR)
    trade_id = told(done(desk.register())).trade_id
    desk.wait(23 * HOUR)

    assert is_refused(late, No.OTC_IS_TOO_OLD)
    assert is_refused(ahead, No.OTC_IS_TOO_OLD)
    assert is_refused(desk.confirm(trade_id), No.OTC_IS_TOO_OLD)


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"side": "both"}, ["side"]), ({"other": SELLER}, ["other"]), ({"other": "NOBODY00"}, ["other"]),
        ({"code": "NONE"}, ["code"]), ({"currency": "XXX"}, ["currency"]), ({"kg": 0}, ["kg"]),
        ({"minor": 0}, ["value"]), ({"proof": b"short"}, ["proof"]),
        ({"other": "NOBODY00", "kg": 0, "minor": 0, "proof": b""}, ["other", "kg", "value", "proof"]),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_out_of_range_is_not_registered(desk: Desk, wrong, fields) -> None:
    before = desk.world.otc.encode()
    outcome = desk.register(**wrong)

    assert is_refused(outcome, No.OTC_OUT_OF_RANGE)
    assert fields == faulty(outcome)
    assert before == desk.world.otc.encode()


def test_one_owner_fills_no_register(desk: Desk, monkeypatch) -> None:
    monkeypatch.setattr("steelyard.market.otc.OFFERS_MAX", 1)
    done(desk.register())

    assert is_refused(desk.register(minor=5, proof=OTHER_PAPER), No.TOO_MANY_OTC_TRADES)


def test_what_others_offer_one_owner_fills_nothing_of_his(desk: Desk, monkeypatch) -> None:
    """Nor does what is too old to matter, where no new registration has swept it yet."""
    monkeypatch.setattr("steelyard.market.otc.OF_OWNER_MAX", 2)
    monkeypatch.setattr("steelyard.market.otc.TRADES_MAX", 4)
    for place in range(2):
        done(desk.register(minor=5 + place, proof=sha256(b"%d" % place).digest()))
    done(desk.register(BUYER, "buy", OTHER))
    assert is_refused(desk.register(minor=9, proof=OTHER_PAPER), No.TOO_MANY_OTC_TRADES)
    done(desk.register(BUYER, "buy", LENDER, proof=OTHER_PAPER))
    more = sha256(b"more").digest()
    assert is_refused(desk.register(LENDER, "sell", OTHER, proof=more), No.TOO_MANY_OTC_TRADES)
    desk.world.prices.series.clear()
    desk.wait(6 * DAY)

    assert 4 == len(desk.world.otc.trades)
    done(desk.register(proof=more))
    assert 1 == len(desk.world.otc.trades)


@pytest.mark.parametrize("first", [True, False], ids=["went", "goes"])
def test_goods_that_went_back_show_no_price(first: bool) -> None:
    """A receipt is handed to and fro, and only one way is registered: refused, or left out of the fixing."""
    desk = Desk(least=2, cap="1")
    if first:
        desk.transferred(seller=BUYER, buyer=SELLER)
    proof = desk.transferred()
    there = desk.register(proof=proof, traded_at=desk.at)
    assert first == is_refused(there, No.OTC_IS_A_WASH)
    if not first:
        done(desk.confirm(told(there).trade_id))
        desk.transferred(seller=BUYER, buyer=SELLER)
        assert "" == desk.fixed().value
    assert desk.world.otc.ways == type(desk.world.otc).decode(desk.world.otc.encode()).ways
    desk.check()


def test_a_suspended_side_confirms_nothing(desk: Desk) -> None:
    trade_id = told(done(desk.register())).trade_id
    desk.suspend(SELLER)

    assert is_refused(desk.confirm(trade_id), No.OTC_OUT_OF_RANGE)
    assert ["other"] == faulty(desk.confirm(trade_id))


def test_old_registrations_leave_with_a_new_one_where_nothing_is_fixed() -> None:
    """Else they would fill the register for ever."""
    desk = Desk()
    desk.world.prices.series.clear()
    desk.registered()
    desk.wait(6 * DAY)
    kept = desk.registered(LENDER, "sell", OTHER, proof=OTHER_PAPER)

    assert [kept] == list(desk.world.otc.trades)
    assert desk.world.otc.encode() == type(desk.world.otc).decode(desk.world.otc.encode()).encode()


def test_registrations_leave_after_days_and_the_state_is_the_same_again(desk: Desk) -> None:
    desk.registered()
    desk.transferred()
    assert desk.world.otc.encode() == type(desk.world.otc).decode(desk.world.otc.encode()).encode()
    desk.check()
    desk.wait(5 * DAY)

    assert not desk.world.otc.trades


def test_a_delivery_that_was_settled_here_is_proof_of_its_money_too() -> None:
    """50 t of rye for 12,000.00 OST, as the certificate found them; another sum is another trade."""
    haul = Haul()
    haul.fund(BUYER, "OST", 1_300_000)
    delivery, _ = haul.until(DeliveryState.INVOICED)
    done(haul.fund_delivery(delivery))
    haul.at += MINUTE
    fields = RegisterFields("sell", BUYER, RYE, 50_000, "OST", DUE, haul.at - MINUTE, delivery)
    wrong = haul.give("otc.register", structs.replace(fields, minor=DUE + 1), SELLER)
    made = told(done(haul.give("otc.register", fields, SELLER)))
    done(haul.give("otc.confirm", NamedFields(made.trade_id), BUYER))

    assert is_refused(wrong, No.OTC_PROOF_DOES_NOT_FIT)
    assert (DVP, "OFFERED") == (made.proven, made.state)
    haul.check()
