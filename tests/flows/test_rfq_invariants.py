"""Whatever stands between a request and its end: every lock and every money set aside is named by an answer."""

from steelyard.flows.rfq import AcceptFields, AnswerFields, NamedFields, RequestFields
from steelyard.market.rfq import BUY, SELL
from steelyard.values.instants import HOUR
from tests.flows.goods import BUYER, LENDER, OTHER, RYE, SELLER, Goods, done


def test_what_answers_lock_and_set_aside_is_named_until_they_end() -> None:
    net = Goods()
    net.fund(BUYER, "OST", 5_000_000)
    net.fund(LENDER, "OST", 5_000_000)
    until, first, second = net.at + 2 * HOUR, net.issue(40_000), net.issue(30_000, OTHER)
    done(net.give("rfq.request", RequestFields(RYE, 40_000, BUY, "OST", until), BUYER))
    done(net.give("rfq.request", RequestFields(RYE, 40_000, SELL, "OST", until), LENDER))
    bought, sold = net.world.rfqs.live
    done(net.give("rfq.answer", AnswerFields(bought, 0, 24_000, 0, first, until), SELLER))
    done(net.give("rfq.answer", AnswerFields(bought, 0, 24_100, 0, second, net.at + HOUR), OTHER))
    net.check()
    done(net.give("rfq.answer", AnswerFields(sold, 23_000, 0, 40_000, b"", until), BUYER))
    net.check()

    answer = net.world.rfqs.live[bought].answers[0]
    done(net.give("rfq.accept", AcceptFields(bought, answer.answer_id, kg=15_000), BUYER))
    net.check()
    net.wait(HOUR)
    net.check()
    done(net.give("rfq.withdraw", NamedFields(sold), LENDER))
    net.check()
    net.wait(2 * HOUR)
    net.check()
    assert not net.world.rfqs.live
    assert not net.world.engine.reservations
