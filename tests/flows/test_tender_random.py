"""Tenders driven at random: in every state bonds are what is reserved, and at every end nothing is left of them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.flows.tender_facts import BidMoved
from steelyard.market.tenders import OVER, TenderState
from steelyard.values.instants import HOUR, MINUTE
from tests.flows.payworld import BIRK, BRAM, CLEO, facts
from tests.flows.test_tender import BIDS, BOND, at

BIDDERS = (BRAM, BIRK, CLEO)
ACTS = st.one_of(
    st.tuples(
        st.sampled_from(["publish", "evaluate", "stand", "award", "cancel", "solve", "tick"]), st.just("")
    ),
    st.tuples(st.sampled_from(["bid", "withdraw", "reveal", "sign"]), st.sampled_from(BIDDERS)),
    st.tuples(st.just("wait"), st.sampled_from([MINUTE, 31 * MINUTE, HOUR])),
)


def act(market, verb, what):
    """Do one thing, whatever comes of it."""
    if verb == "wait":
        market.until(market.at + what)
    elif verb == "tick":
        market.tick()
    elif verb == "cancel":
        market.cancel()
    elif verb == "solve":
        if market.state is TenderState.OPENED:
            market.solve()
    elif verb in ("bid", "reveal"):
        getattr(market, verb)(what, BIDS[what])
    elif verb in ("withdraw", "sign"):
        market.do(verb, what)
    else:
        market.do(verb)


BEGUN = st.sampled_from([one for one in TenderState if one not in OVER])


@given(acts=st.lists(ACTS, max_size=40), begun=BEGUN)
@settings(max_examples=60, deadline=None)
def test_no_bond_is_lost_or_kept(acts, begun):
    """Each bond set aside is returned or forfeited once; money is only where facts say that it went."""
    market = at(begun)
    for verb, what in acts:
        act(market, verb, what)
        market.check()
        held = sum(1 for bid in market.case.bids.values() if bid.bond)
        assert held == len(market.world.engine.reservations)
        if market.state in OVER:
            assert held == 0
    told = [one for outcome in market.outcomes for one in facts(outcome) if isinstance(one, BidMoved)]
    lost = [one.bidder for one in told if one.event == "BOND_FORFEITED"]
    for bidder in BIDDERS:
        assert market.balance(bidder, "NOR") == 8_000 - BOND * lost.count(bidder)
