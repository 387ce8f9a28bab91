"""Tenders through the Machine: sealed bids, bonds at every end, evaluations that are checked, lapses, signatures."""

import pytest
from msgspec import structs

from steelyard.flows import tender_reads as reads
from steelyard.flows.command import Code
from steelyard.flows.tender import CancelFields, DraftFields, NamedFields, RatesFields
from steelyard.flows.tender_award import ProposeFields, unproved
from steelyard.flows.tender_bid import BidFields, OfferFields, RevealFields, sealed
from steelyard.flows.tender_facts import BidMoved, TenderEvaluated, TenderMoved
from steelyard.market.award import NEVER, UNKNOWN, Proposal, propose
from steelyard.market.incoterms import Cost
from steelyard.market.refusals.tenders import TenderRefusal as No
from steelyard.market.tender import ALWAYS, FOREVER, Capacity, CostRate, Vessel
from steelyard.market.tender_solver import BranchAndBound
from steelyard.market.tenders import BUYERS_MAX, UNSAID, Tenders, TenderState, Terms
from steelyard.members.packs import Pack, digest_of
from steelyard.members.rulebook import content_of
from steelyard.values.instants import HOUR, MINUTE, SECOND
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, CLEO, PONS, START, Network, facts, is_refused, told

BOND, SALT = 5_000, b"s" * 16
CLOSE, OPEN = START + HOUR, START + 2 * HOUR
TERMS = Terms("NOR", 3, 50, (Vessel("v", "P", 0, 9),), CLOSE, OPEN, HOUR, 10 * HOUR, HOUR, BOND, origin_max=2)
A = OfferFields("a", "ONE", "P", 24_420, 3, 2, "", ALWAYS, FOREVER, 0)
B = OfferFields("b", "ONE", "P", 24_500, 3, 1, "", ALWAYS, FOREVER, 0)
C = OfferFields("c", "TWO", "P", 24_650, 3, 1, "", ALWAYS, FOREVER, 0)
BIDS = {BRAM: (A,), BIRK: (B,), CLEO: (C,)}


class Market(Network):
    """A network with a tender of ANNA."""

    def __init__(self, terms: Terms = TERMS) -> None:
        super().__init__()
        for bidder in (ARNE, *BIDS):
            self.fund(bidder, "NOR", 8_000)
        self.outcome = self.give("tender.draft", DraftFields(terms), ANNA)
        self.tender_id = next(iter(self.world.tenders.live), b"")

    @property
    def case(self):
        live = self.world.tenders.live.get(self.tender_id)
        return live or next(one for one in self.world.tenders.over if one.tender_id == self.tender_id)

    @property
    def state(self):
        return self.case.state

    def do(self, verb, sender=ANNA):
        return self.give(f"tender.{verb}", NamedFields(self.tender_id), sender)

    def bid(self, bidder, offers, salt=SALT):
        return self.give(
            "tender.bid", BidFields(self.tender_id, sealed(self.tender_id, bidder, offers, salt)), bidder
        )

    def reveal(self, bidder, offers, salt=SALT):
        return self.give("tender.reveal", RevealFields(self.tender_id, offers, salt), bidder)

    def until(self, at):
        self.at = max(self.at, at)
        return self.tick()

    def cancel(self):
        return self.give("tender.cancel", CancelFields(self.tender_id, "NEED"), ANNA)

    def proposal(self):
        return propose(self.case.problem(), solver=BranchAndBound())

    def solve(self, **changes):
        asked = ProposeFields(self.tender_id, self.case.asks, structs.replace(self.proposal(), **changes))
        return self.give("tender.propose", asked, "operator", actor="node")

    def held(self):
        """Give who has a bond set aside."""
        return [bid.bidder for bid in self.case.bids.values() if bid.bond]

    def worth(self, bidder):
        """Give balance and what of it is free."""
        return self.balance(bidder, "NOR"), self.available(bidder, "NOR")


FREE, BOUND, LOST = (8_000, 8_000), (8_000, 3_000), (3_000, 3_000)


def at(state, terms=TERMS, bids=BIDS):
    """Give a market whose tender is in a state."""
    market = Market(terms)
    if state is TenderState.DRAFT:
        return market
    market.do("publish")
    for bidder, offers in bids.items():
        market.bid(bidder, offers)
    if state is TenderState.PUBLISHED:
        return market
    market.until(CLOSE)
    if state is TenderState.SEALED:
        return market
    for bidder, offers in bids.items():
        market.reveal(bidder, offers)
    market.until(OPEN)
    if state is TenderState.OPENED:
        return market
    market.solve()
    if state is TenderState.EVALUATED:
        return market
    market.do("stand")
    if state is TenderState.STANDSTILL:
        return market
    market.until(market.at + HOUR)
    market.do("award")
    if state is TenderState.AWARDED:
        return market
    market.do("sign", BRAM)
    market.do("sign", CLEO)
    return market


def test_a_tender_goes_from_draft_to_contract():
    """Two of A and one of C, as in the rulebook; every state on the way."""
    market = at(TenderState.CONTRACTED)

    assert market.state is TenderState.CONTRACTED
    moved = [
        one.state for outcome in market.outcomes for one in facts(outcome) if isinstance(one, TenderMoved)
    ]
    assert [state.value for state in TenderState][:-1] == list(dict.fromkeys(moved))
    assert {f"{BRAM}/a": 2, f"{CLEO}/c": 1} == {offer: n for offer, _, n in market.case.award.cargoes}
    assert market.case.award.cost_minor == (2 * 24_420 + 24_650) * 50
    assert all(market.worth(bidder) == FREE for bidder in BIDS)


def test_bonds_go_back_to_losers_at_the_award_and_to_winners_at_the_contract():
    """BIRK loses; BRAM and CLEO are bound until both have signed."""
    market = at(TenderState.STANDSTILL)
    assert [BRAM, BIRK, CLEO] == market.held()
    market.until(market.at + HOUR)
    market.do("award")
    assert [BRAM, CLEO] == market.held()
    assert (BOUND, FREE, BOUND) == tuple(market.worth(bidder) for bidder in BIDS)
    market.do("sign", CLEO)
    assert [BRAM, CLEO] == market.held()
    market.do("sign", BRAM)

    assert market.state is TenderState.CONTRACTED
    assert (FREE, FREE, FREE) == tuple(market.worth(bidder) for bidder in BIDS)


BEFORE_AWARD = [state for state in TenderState if state not in (
    TenderState.AWARDED, TenderState.CONTRACTED, TenderState.CANCELLED)]  # fmt: skip


@pytest.mark.parametrize("state", BEFORE_AWARD)
def test_cancelled_anywhere_before_the_award_every_bond_goes_back(state):
    """A reason is needed; nobody loses anything."""
    market = at(state)
    nameless = market.give("tender.cancel", CancelFields(market.tender_id, ""), ANNA)

    assert is_refused(nameless, No.TENDER_TERMS_OUT_OF_RANGE)
    assert market.cancel().code == Code.DONE
    assert (market.state, market.case.reason) == (TenderState.CANCELLED, "NEED")
    assert all(market.worth(bidder) == FREE for bidder in BIDS)
    assert market.held() == []


@pytest.mark.parametrize("state", [TenderState.AWARDED, TenderState.CONTRACTED])
def test_what_is_awarded_is_not_cancelled(state):
    """From the award on there are contracts to sign."""
    market = at(state)
    refusal = No.TENDER_STATE_FORBIDS if state is TenderState.AWARDED else No.TENDER_NOT_FOUND

    assert is_refused(market.cancel(), refusal)


@pytest.mark.parametrize(("forfeits", "worth"), [(True, LOST), (False, FREE)])
def test_who_does_not_reveal_loses_the_bond_by_the_terms(forfeits, worth):
    """BIRK stays silent; its bond goes to the buyer, or back where the terms say so."""
    market = at(TenderState.SEALED, structs.replace(TERMS, forfeits=forfeits))
    market.reveal(BRAM, BIDS[BRAM])
    market.reveal(CLEO, BIDS[CLEO])
    market.until(OPEN)

    assert worth == market.worth(BIRK)
    assert market.balance(ANNA, "NOR") == (BOND if forfeits else 0)
    assert [BRAM, CLEO] == market.held()
    market.solve()
    assert {BRAM, CLEO} == set(market.case.winners())


@pytest.mark.parametrize(("forfeits", "worth"), [(True, LOST), (False, FREE)])
def test_who_does_not_sign_in_time_is_out_and_the_next_best_is_found(forfeits, worth):
    """CLEO signs, BRAM does not: B takes A's place; CLEO's signature was for another award."""
    market = at(TenderState.AWARDED, structs.replace(TERMS, forfeits=forfeits))
    market.do("sign", CLEO)
    market.until(market.case.due_at)

    assert market.state is TenderState.OPENED
    assert (worth, FREE, BOUND) == tuple(market.worth(bidder) for bidder in BIDS)
    market.solve()
    assert [BIRK, CLEO] == market.case.winners()
    assert not any(bid.signed for bid in market.case.bids.values())
    market.do("stand")
    market.until(market.at + HOUR)
    market.do("award")
    market.do("sign", BIRK)
    market.do("sign", CLEO)
    assert market.state is TenderState.CONTRACTED
    assert market.worth(CLEO) == FREE


def test_nobody_signs_and_nothing_is_left():
    """Both winners out, then the last one: the evaluation finds nothing, and time ends the tender."""
    market = at(TenderState.AWARDED)
    market.until(market.case.due_at)
    assert [True, False, True] == [bid.out for bid in market.case.bids.values()]
    market.solve()
    assert market.case.award.cargoes == ()
    assert market.case.award.conflict == ("origin",)
    assert is_refused(market.do("stand"), No.AWARD_IS_EMPTY)
    market.until(market.case.due_at)

    assert (market.state, market.case.reason) == (TenderState.CANCELLED, "NOT_DECIDED")
    assert market.balance(ANNA, "NOR") == 2 * BOND


@pytest.mark.parametrize(("forfeits", "worth"), [(True, LOST), (False, FREE)])
def test_a_tender_of_which_nothing_is_revealed_ends_at_its_opening(forfeits, worth):
    """Opened and over in one step, with the bonds where the terms say; nothing is asked of a solver."""
    market = at(TenderState.SEALED, structs.replace(TERMS, forfeits=forfeits))
    asked = market.until(OPEN)

    told = [one for outcome in asked for one in facts(outcome)]
    moved = [(one.event, one.reason) for one in told if isinstance(one, TenderMoved)]
    assert [("OPENED", ""), ("CANCELLED", "NO_OFFERS")] == moved
    assert (worth,) * 3 == tuple(market.worth(bidder) for bidder in BIDS)
    assert market.world.tenders.fresh == []


@pytest.mark.parametrize("state", [TenderState.EVALUATED, TenderState.STANDSTILL])
def test_a_tender_that_nobody_decides_ends_by_itself(state):
    """No bond is held for ever."""
    market = at(state)
    market.until(market.case.decide_at)

    assert (market.state, market.case.reason) == (TenderState.CANCELLED, "NOT_DECIDED")
    assert all(market.worth(bidder) == FREE for bidder in BIDS)


def test_a_draft_that_is_not_published_is_forgotten():
    """At the close it was to have."""
    market = at(TenderState.DRAFT)
    market.until(CLOSE)

    assert (market.state, market.case.reason) == (TenderState.CANCELLED, "NOT_PUBLISHED")


def test_an_awarded_offer_that_ends_is_evaluated_anew():
    """A ends in the standstill: it leaves, B takes its place, and the standstill begins again."""
    short = structs.replace(A, valid_until=OPEN + 30 * MINUTE)
    market = at(TenderState.STANDSTILL, bids={BRAM: (short,), BIRK: (B,), CLEO: (C,)})
    assert market.case.due_at == OPEN + 30 * MINUTE
    market.until(OPEN + 30 * MINUTE)

    assert market.state is TenderState.OPENED
    assert is_refused(market.do("award"), No.TENDER_STATE_FORBIDS)
    market.solve()
    assert [BIRK, CLEO] == market.case.winners()
    assert ("expired", f"{BRAM}/a") in [(one.why, one.offer) for one in market.case.award.rejected]


def test_an_offer_outside_the_award_ends_without_a_new_evaluation():
    """The best of fewer is the same."""
    short = structs.replace(B, valid_until=OPEN + 30 * MINUTE)
    market = at(TenderState.STANDSTILL, bids={BRAM: (A,), BIRK: (short,), CLEO: (C,)})
    market.until(OPEN + HOUR + SECOND)

    assert market.state is TenderState.STANDSTILL
    assert market.do("award").code == Code.DONE


def test_without_a_solver_the_machine_evaluates_and_two_persons_award():
    """Greed finds the same here, without a proof; the award then takes two persons."""
    market = at(TenderState.OPENED)
    market.until(market.case.due_at)
    (found,) = [one for one in facts(market.outcomes[-1]) if isinstance(one, TenderEvaluated)]

    assert (found.by, found.proved, found.second_minor) == ("machine", False, UNKNOWN)
    assert found.bound_minor < found.cost_minor
    assert not unproved(market.world, None, NamedFields(market.tender_id))
    market.do("stand")
    assert unproved(market.world, None, NamedFields(market.tender_id))
    market.until(market.at + HOUR)
    assert market.do("award").code == Code.REFUSED
    assert market.state is TenderState.STANDSTILL
    late = ProposeFields(market.tender_id, market.case.asks, market.proposal())
    assert is_refused(market.give("tender.propose", late, "operator", actor="node"), No.TENDER_NOT_ASKED)


def test_the_machine_searches_where_greed_finds_nothing():
    """Greed takes the cheap single cargo and cannot fill up with pairs; the small search finds the pair."""
    pair = OfferFields("p", "ONE", "P", 110, 2, 2, "", ALWAYS, FOREVER, 0)
    one = OfferFields("q", "TWO", "P", 100, 1, 1, "", ALWAYS, FOREVER, 0)
    market = at(TenderState.OPENED, structs.replace(TERMS, cargoes=2), {BRAM: (pair,), CLEO: (one,)})
    market.until(market.case.due_at)

    assert [BRAM] == market.case.winners()


def test_an_infeasible_tender_says_what_is_in_the_way():
    """Four cargoes of two origins, two each at most, C alone has another: two and one are three."""
    short = structs.replace(C, cargoes_max=1)
    market = at(TenderState.OPENED, structs.replace(TERMS, cargoes=4), {BRAM: (A,), CLEO: (short,)})
    market.solve()
    (found,) = [one for one in facts(market.outcomes[-1]) if isinstance(one, TenderEvaluated)]

    assert (found.cargoes, found.conflict, found.second_minor) == ((), ("origin", "offered"), NEVER)
    assert is_refused(market.do("stand"), No.AWARD_IS_EMPTY)


def test_an_evaluation_can_be_asked_for_again():
    """By the buyer alone."""
    market = at(TenderState.EVALUATED)

    assert is_refused(market.do("evaluate", BRAM), No.TENDER_NOT_FOUND)
    assert market.do("evaluate").code == Code.DONE
    assert (market.state, market.case.asks) == (TenderState.OPENED, 2)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"cost_minor": 1}, No.AWARD_COST_IS_WRONG),
        ({"digest": bytes(32)}, No.AWARD_NAMES_NO_PAIR),
        ({"cargoes": ((f"{BRAM}/a", "v", 3),)}, No.AWARD_BREAKS_A_RULE),
        ({"proved": True, "bound_minor": 1}, No.AWARD_BOUND_IS_WRONG),
        ({"cargoes": (), "conflict": ("budget",)}, No.AWARD_IS_BEATEN),
    ],
)
def test_a_lying_solver_changes_nothing(changes, refusal):
    """The tender waits on, for a better answer or the end of its time."""
    market = at(TenderState.OPENED)
    before = market.world.section("tenders")

    assert is_refused(market.solve(**changes), refusal)
    assert before == market.world.section("tenders")
    assert market.solve().code == Code.DONE


def test_foreign_offers_are_counted_at_firm_quotes_and_leave_with_them():
    """One SUD costs two NOR: 100.00 SUD a tonne are 200.00 NOR; when the quote ends before the award, C is out."""
    bids = {BIRK: (B,), CLEO: (structs.replace(C, currency="SUD", price_minor=10_000),)}
    market = at(TenderState.EVALUATED, structs.replace(TERMS, origin_max=0, cargoes=1), bids)
    assert [BIRK] == market.case.winners()  # no rate, no foreign offer
    market.fund(PONS, "SUD", 10**9, "fx")
    market.sheet(PONS, "NOR", "SUD", (0, 50, 100))
    quote = market.quote(ANNA, "NOR", "SUD", 10_000)[0]
    rated = market.give("tender.rate", RatesFields(market.tender_id, (quote.quote_id,)), ANNA)

    assert rated.code == Code.DONE
    assert market.state is TenderState.OPENED
    market.solve()
    assert ([CLEO], 20_000 * 50) == (market.case.winners(), market.case.award.cost_minor)
    market.until(quote.expires_at)
    assert market.state is TenderState.OPENED
    market.solve()
    assert [BIRK] == market.case.winners()


def test_a_rate_is_a_firm_quote_of_the_buyer():
    """Another's quote, none, or one that has ended is refused; nor is a draft rated."""
    market = at(TenderState.PUBLISHED)
    market.fund(PONS, "SUD", 10**9, "fx")
    market.sheet(PONS, "NOR", "SUD", (0, 50, 100))
    others = market.quote(ARNE, "NOR", "SUD", 10_000)[0].quote_id

    for quotes in ((others,), (bytes(16),)):
        fields = RatesFields(market.tender_id, quotes)
        assert is_refused(market.give("tender.rate", fields, ANNA), No.TENDER_RATE_IS_NOT_FIRM)
    mine = market.quote(ANNA, "NOR", "SUD", 10_000)[0]
    twice = RatesFields(market.tender_id, (mine.quote_id, mine.quote_id))
    assert is_refused(market.give("tender.rate", twice, ANNA), No.TENDER_RATE_IS_NOT_FIRM)
    draft = at(TenderState.DRAFT)
    assert is_refused(
        draft.give("tender.rate", RatesFields(draft.tender_id, ()), ANNA), No.TENDER_STATE_FORBIDS
    )


def test_a_bid_is_replaced_under_the_same_bond_and_taken_back_with_it():
    """One bond a bidder, whatever it changes its mind to; after the close nothing is taken back."""
    market = at(TenderState.PUBLISHED)
    bond = market.case.bids[BRAM].bond
    market.bid(BRAM, (B, C))

    assert (bond, BOUND) == (market.case.bids[BRAM].bond, market.worth(BRAM))
    assert [BIRK, CLEO, BRAM] == list(market.case.bids)
    assert market.do("withdraw", BRAM).code == Code.DONE
    assert (FREE, [BIRK, CLEO]) == (market.worth(BRAM), list(market.case.bids))
    assert is_refused(market.do("withdraw", BRAM), No.TENDER_NOT_FOUND)
    market.until(CLOSE)
    assert is_refused(market.do("withdraw", BIRK), No.TENDER_STATE_FORBIDS)


def test_a_bond_must_be_there():
    """Money that is not there, or spoken for, makes no bond; no bond, no bid."""
    market = Market(structs.replace(TERMS, bond_minor=8_001))
    market.do("publish")

    assert is_refused(market.bid(BRAM, (A,)), No.BOND_IS_NOT_THERE)
    assert market.case.bids == {}
    free = Market(structs.replace(TERMS, bond_minor=0))
    free.do("publish")
    assert free.bid(BRAM, (A,)).code == Code.DONE
    assert free.worth(BRAM) == FREE


def test_a_commitment_binds_offers_salt_tender_and_bidder():
    """Another price, another salt, another's hash: none is revealed."""
    market = at(TenderState.PUBLISHED)
    stolen = market.case.bids[BRAM].commitment
    market.give("tender.bid", BidFields(market.tender_id, stolen), ARNE)
    market.until(CLOSE)

    assert is_refused(market.reveal(BRAM, (structs.replace(A, price_minor=1),)), No.COMMITMENT_DIFFERS)
    assert is_refused(market.reveal(BRAM, (A,), b"t" * 16), No.COMMITMENT_DIFFERS)
    assert is_refused(market.reveal(ARNE, (A,)), No.COMMITMENT_DIFFERS)
    assert market.reveal(BRAM, (A,)).code == Code.DONE
    assert is_refused(market.reveal(PONS, (A,)), No.TENDER_NOT_FOUND)


@pytest.mark.parametrize(
    "changes",
    [
        {"price_minor": 0}, {"price_minor": 10**10}, {"cargoes_min": 0}, {"cargoes_min": 4}, {"cargoes_max": 1_001},
        {"currency": "XXX"}, {"laycan": (9, 8)}, {"valid_until": START}, {"pay_days": 366}, {"port": ""}, {"id": ""},
    ],
)  # fmt: skip
def test_an_offer_lies_within_its_bounds(changes):
    """What is revealed but is no offer counts as not revealed."""
    bad = (structs.replace(A, **changes),)
    market = at(TenderState.SEALED, bids={BRAM: bad})

    assert is_refused(market.reveal(BRAM, bad), No.OFFER_OUT_OF_RANGE)


def test_an_offer_is_there_once():
    """Two offers of one name are none, nor is none."""
    silent = at(TenderState.SEALED, bids={BRAM: ()})
    assert is_refused(silent.reveal(BRAM, ()), No.OFFER_OUT_OF_RANGE)
    market = at(TenderState.SEALED, bids={BRAM: (A, A)})

    assert is_refused(market.reveal(BRAM, (A, A)), No.OFFER_OUT_OF_RANGE)


@pytest.mark.parametrize(
    "changes",
    [
        {"asset": "XXX"}, {"cargoes": 0}, {"cargoes": 1_001}, {"cargo_t": 0}, {"vessels": ()}, {"close_at": START},
        {"open_at": CLOSE}, {"standstill_ns": -1}, {"decide_ns": HOUR}, {"sign_ns": 0}, {"bond_minor": -2},
        {"bond_minor": 10**18}, {"vessels": (Vessel("v", "P", 0, 9), Vessel("v", "Q", 0, 9))},
        {"vessels": (Vessel("v", "P", -1, 9),)}, {"vessels": (Vessel("v", "P", 1, 0),)},
        {"vessels": (Vessel("v", "P", 1, 1, "XXX"),)}, {"capacities": (Capacity("P", -1),)},
        {"capacities": (Capacity("P", 1, (5, 4)),)}, {"insurance_bp": 10_001}, {"budget_minor": -1},
    ],
)  # fmt: skip
def test_terms_lie_within_their_bounds(changes):
    """A tender of terms that are none is not drafted."""
    market = Market(structs.replace(TERMS, **changes))

    assert is_refused(market.outcome, No.TENDER_TERMS_OUT_OF_RANGE)
    assert market.world.tenders.live == {}


def test_everything_has_its_time_and_its_sender():
    """Bids before the close, reveals before the opening, the award by the buyer after the standstill."""
    market = at(TenderState.DRAFT)
    assert is_refused(market.bid(BRAM, (A,)), No.TENDER_NOT_FOUND)
    assert is_refused(market.do("publish", BRAM), No.TENDER_NOT_FOUND)
    market.do("publish")
    assert is_refused(market.do("publish"), No.TENDER_STATE_FORBIDS)
    assert is_refused(market.bid(ANNA, (A,)), No.TENDER_NOT_FOUND)
    assert is_refused(market.reveal(BRAM, (A,)), No.TENDER_STATE_FORBIDS)
    market.bid(BRAM, (A,))
    market.bid(CLEO, (C,))
    market.at = CLOSE  # late before anything was swept
    assert is_refused(market.bid(BIRK, (B,)), No.TENDER_STATE_FORBIDS)
    market.tick()
    market.reveal(BRAM, (A,))
    market.reveal(CLEO, (C,))
    market.until(OPEN)
    assert is_refused(market.reveal(BRAM, (A,)), No.TENDER_STATE_FORBIDS)
    market.solve()
    assert is_refused(market.do("award"), No.TENDER_STATE_FORBIDS)
    market.do("stand")
    assert is_refused(market.do("award"), No.STANDSTILL_IS_NOT_OVER)
    market.until(market.at + HOUR)
    assert is_refused(market.do("award", BRAM), No.TENDER_NOT_FOUND)
    market.do("award")
    assert is_refused(market.do("sign", BIRK), No.TENDER_NOT_FOUND)
    market.at = market.case.due_at
    assert is_refused(market.do("sign", BRAM), No.TENDER_STATE_FORBIDS)


def test_a_published_tender_comes_before_its_close():
    """A draft whose close has passed, swept or not, is not published."""
    market = at(TenderState.DRAFT)
    market.at = CLOSE

    assert is_refused(market.do("publish"), No.TENDER_TERMS_OUT_OF_RANGE)


def test_a_buyer_has_so_many_tenders_under_way():
    """One more is refused until one is over."""
    market = at(TenderState.DRAFT)
    for _ in range(BUYERS_MAX - 1):
        assert market.give("tender.draft", DraftFields(TERMS), ANNA).code == Code.DONE

    assert is_refused(market.give("tender.draft", DraftFields(TERMS), ANNA), No.TOO_MANY_TENDERS)
    market.cancel()
    assert market.give("tender.draft", DraftFields(TERMS), ANNA).code == Code.DONE


def test_proposals_are_the_nodes_own_and_name_a_tender_that_asks():
    """A participant gives none; one about nothing is refused."""
    market = at(TenderState.OPENED)
    fields = ProposeFields(market.tender_id, market.case.asks, market.proposal())

    assert market.give("tender.propose", fields, BRAM).code == Code.REFUSED
    nothing = ProposeFields(bytes(16), 1, Proposal(bytes(32)))
    assert is_refused(market.give("tender.propose", nothing, "operator", actor="node"), No.TENDER_NOT_FOUND)
    old = ProposeFields(market.tender_id, market.case.asks + 1, market.proposal())
    assert is_refused(market.give("tender.propose", old, "operator", actor="node"), No.TENDER_NOT_ASKED)


def test_everybody_concerned_is_told():
    """Buyer and bidders of each step; a bond's end stands in a fact."""
    market = at(TenderState.STANDSTILL)
    market.until(market.at + HOUR)
    outcome = market.do("award")

    assert [(who, "tender.awarded") for who in (ANNA, BRAM, BIRK, CLEO)] == told(outcome)
    assert [("BOND_RETURNED", BIRK)] == [
        (one.event, one.bidder) for one in facts(outcome) if isinstance(one, BidMoved)
    ]


@pytest.mark.parametrize("state", [state for state in TenderState if state is not TenderState.CANCELLED])
def test_a_snapshot_holds_a_tender_in_every_state(state):
    """Written and read it is the same, and goes on the same way."""
    market = at(state)
    data = market.world.tenders.encode()

    assert data == Tenders.decode(data).encode()
    market.again()


def test_terms_that_say_nothing_of_bonds_take_what_the_rulebook_says():
    """2 % of the budget, lost by who does not reveal; without a budget there is none."""
    silent = structs.replace(TERMS, bond_minor=UNSAID, budget_minor=300_000)
    market = Market(silent)

    assert (6_000, True) == (market.case.terms.bond_minor, market.case.terms.forfeits)
    assert 0 == Market(structs.replace(TERMS, bond_minor=UNSAID)).case.terms.bond_minor
    assert not Market(structs.replace(TERMS, forfeits=False)).case.terms.forfeits
    assert is_refused(Market(structs.replace(TERMS, bond_minor=-2)).outcome, No.TENDER_TERMS_OUT_OF_RANGE)


def test_a_rulebook_in_force_sets_bonds_until_terms_are_written():
    """What a draft has taken over stays, whatever comes into force later."""
    market = Market()
    figures = {"version": "9", "market": {"tender_bond_bp": 50, "tender_forfeits": False}}
    content = content_of(figures)
    market.world.packs.put(Pack("rulebook", "rulebook", "9", digest_of(content), content, market.at))
    silent = structs.replace(TERMS, bond_minor=UNSAID, budget_minor=300_000)
    market.give("tender.draft", DraftFields(silent), ANNA)
    case = [*market.world.tenders.live.values()][-1]

    assert (1_500, False) == (case.terms.bond_minor, case.terms.forfeits)
    assert (BOND, True) == (market.case.terms.bond_minor, market.case.terms.forfeits)


def test_a_draft_that_was_never_published_ends_unseen():
    """Its end is told by a word of its own, and it is its buyer's alone for ever."""
    market = Market()
    outcome = market.give("tender.cancel", CancelFields(market.tender_id, "NO_NEED"), ANNA)

    assert ["DROPPED"] == [one.event for one in facts(outcome) if isinstance(one, TenderMoved)]
    assert reads.tender(market.world, (market.tender_id,), ANNA) is not None
    assert reads.tender(market.world, (market.tender_id,), BRAM) is None


def test_nobody_is_shown_an_offer_before_the_opening():
    """Not the buyer, not another bidder, not the node's own reading; the bidder sees what it committed to."""
    market = Market()
    market.do("publish")
    for bidder, offers in BIDS.items():
        market.bid(bidder, offers)
    market.until(CLOSE)
    for bidder, offers in BIDS.items():
        assert market.reveal(bidder, offers).code == Code.DONE
    for viewer in ("", ANNA, ARNE, BRAM):
        seen = reads.tender(market.world, (market.tender_id,), viewer)
        assert {BRAM} & {viewer} == set(seen.bids)
        assert all((one.offers, one.content, one.salt) == ((), b"", b"") for one in seen.bids.values())
    market.until(OPEN)

    seen = reads.tender(market.world, (market.tender_id,), ARNE)
    assert {BRAM: 1, BIRK: 1, CLEO: 1} == {name: len(one.offers) for name, one in seen.bids.items()}
    assert SALT == seen.bids[BRAM].salt


def test_an_offer_is_counted_by_its_delivery_term():
    """FOB 240.00 + 10.00 freight + 2 % insurance + 1.00 unloading = 255.80; CIF 254.79 + 1.00 = 255.79 comes first."""
    terms = structs.replace(
        TERMS, vessels=(Vessel("v", "P", 1_000, 9),), insurance_bp=200, cargoes=1, origin_max=0,
        costs=(CostRate(Cost.UNLOADING, 100), CostRate(Cost.LOADING, 9_000)),
    )  # fmt: skip
    market = Market(terms)
    market.do("publish")
    fob = structs.replace(A, price_minor=24_000, cargoes_min=1)
    cif = structs.replace(B, price_minor=25_479, incoterm="CIF", valid_until=CLOSE + 9 * HOUR)
    for bidder, one in ((BRAM, fob), (BIRK, cif)):
        market.bid(bidder, (one,))
    market.until(CLOSE)
    for bidder, one in ((BRAM, fob), (BIRK, cif)):
        assert Code.DONE == market.reveal(bidder, (one,)).code
    market.until(OPEN)
    assert Code.DONE == market.solve().code

    assert (((f"{BIRK}/b", "", 1),), 50 * 25_579) == (market.case.award.cargoes, market.case.award.cost_minor)
    assert CLOSE + 9 * HOUR == market.case.lapses_at()
    assert [(f"{BRAM}/a", "dearer", 23_999)] == [
        (one.offer, one.why, one.entry_minor) for one in market.case.award.rejected
    ]


def test_delivery_terms_and_rates_are_known_ones_and_stand_once():
    for costs in (
        (CostRate(Cost.FREIGHT, 1),),
        (CostRate(Cost.INSURANCE, 1),),
        (CostRate(Cost.DUTY, 1),) * 2,
        (CostRate(Cost.DUTY, -1),),
        (CostRate(Cost.DUTY, 10**10),),
    ):
        assert is_refused(Market(structs.replace(TERMS, costs=costs)).outcome, No.TENDER_TERMS_OUT_OF_RANGE)
    market = Market()
    market.do("publish")
    wrong = (structs.replace(A, incoterm="FAS"),)
    market.bid(BRAM, wrong)
    market.until(CLOSE)
    assert is_refused(market.reveal(BRAM, wrong), No.OFFER_OUT_OF_RANGE)
