"""A clearing house of two currencies under any sequence of acts: no currency is made or lost, its book stays closed."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec import structs

from steelyard.flows.clearing_claims import PayFields
from steelyard.flows.clearing_default import BidFields, ReadmitFields, StepFields
from steelyard.flows.clearing_fund import ContributeFields
from steelyard.flows.clearing_margin import CallFields
from steelyard.flows.clearing_reduce import AuctionFields, OpenFields
from steelyard.flows.clearing_terms import ContractFields, DeskFields
from steelyard.market.clearing import positions
from tests.flows.clearings import ANNA, BRAM, FOUR, PONS, REPORT, SEP, House
from tests.flows.payworld import LEVR
from tests.flows.test_clearing_ends import abroad, all_of, quote

OATS = ContractFields("OATS.SEP", "OATS", "SUD", 50_000, 25, 1_100, 250)
CONTRACTS = ("WHEAT.SEP", "WHEAT.DEC", "OATS.SEP")
ASSETS = ("NOR", "SUD")
NEXT = {
    "SUSPENDED": ("hedge", "hedge", "cure"), "HEDGED": ("auction",), "UNSOLD": ("auction", "tear_up"),
    "SOLD": ("cover",), "COVERED": ("report",),
}  # fmt: skip
"""Steps that a case may take next, by its state"""
bics, assets = st.sampled_from(FOUR), st.sampled_from(ASSETS)
prices = st.integers(680, 950).map(lambda ticks: 25 * ticks)


class Lives(RuleBasedStateMachine):
    """Everything that anybody may try, in any order, at any time."""

    @initialize(liquidity=st.sampled_from([0, 60_000, 900_000]), capital=st.sampled_from([0, 70_000]),
                bp=st.sampled_from([0, 5_000, 10_000]), first=st.booleans())  # fmt: skip
    def begin(self, liquidity: int, capital: int, bp: int, first: bool) -> None:
        self.house = house = House().begin(
            cash=600_000, margin=300_000, assessments_bp=bp, non_bidders_first=first
        )
        house.sponsor(liquidity=liquidity, capital=capital)
        house.ok(house.operator("clearing.desk", DeskFields("SUD", LEVR, 60_000, 60_000)))
        house.ok(house.operator("clearing.contract", OATS))
        abroad(house)
        house.net.rate("SUD", "NOR", 2, 1)
        for bic in FOUR:
            house.ok(house.joined(bic, "SUD"))
            house.give_cash(bic, 300_000, "SUD")
            house.ok(house.deposit(bic, 200_000, "SUD"))
            house.ok(house.net.give("clearing.fund.contribute", ContributeFields("NOR", 20_000), bic))
        quote(house, PONS, 1, 2, 300_000)
        self.sums = {asset: all_of(house, asset) for asset in ASSETS}

    @rule(buyer=bics, seller=bics, lots=st.integers(1, 6), price=prices, contract=st.sampled_from(CONTRACTS))
    def trade(self, buyer: str, seller: str, lots: int, price: int, contract: str) -> None:
        self.house.trade(buyer, seller, lots, price, contract)

    @rule(asset=assets, drawn=st.lists(prices, min_size=2, max_size=2))
    def call(self, asset: str, drawn: list[int]) -> None:
        house = self.house.house
        held = [one for one in sorted(house.book) if house.terms[one].asset == asset]
        fields = CallFields(asset, tuple(zip(held, drawn, strict=False)), "a test")
        self.house.operator("clearing.margin.call", fields)

    @rule(ms=st.sampled_from([1_000, 60_000, 200_000]))
    def time_passes(self, ms: int) -> None:
        self.house.wait(ms)

    @rule(asset=assets, act=st.sampled_from(["collect", "pay", "pay_in"]), bic=bics)
    def run(self, asset: str, act: str, bic: str) -> None:
        run = self.house.house.runs.get(asset)
        if run is not None:
            self.house.run(act, bic if act == "pay_in" else "operator", run.run_id)

    @rule(
        bic=bics,
        asset=assets,
        minor=st.sampled_from([0, 1, 50_000]),
        act=st.sampled_from(["in", "out", "claim"]),
    )
    def money(self, bic: str, asset: str, minor: int, act: str) -> None:
        if act == "claim":
            self.house.net.give("clearing.claim.pay", PayFields(asset, minor), bic)
        elif minor:
            (self.house.deposit if act == "in" else self.house.withdraw)(bic, minor, asset)

    @rule(bic=bics, asset=assets, more=st.booleans())
    def cash_comes_and_goes(self, bic: str, asset: str, more: bool) -> None:
        before = self.house.cash(bic, asset)
        if more:
            self.house.give_cash(bic, 100_000, asset)
        else:
            self.house.drain(bic, asset)
        self.sums[asset] += self.house.cash(bic, asset) - before

    @rule(bic=st.sampled_from([ANNA, BRAM]))
    def fails(self, bic: str) -> None:
        self.house.open_case(bic)

    @rule(bic=bics, lots=st.sampled_from([-4, -1, 1, 3]), price=prices, pick=st.integers(0, 9))
    def bid(self, bic: str, lots: int, price: int, pick: int) -> None:
        house = self.house.house
        cases = [*house.cases.values(), *house.reductions.values()]
        if cases:
            case = cases[pick % len(cases)]
            fields = BidFields(case.case_id, case.contract or CONTRACTS[pick % 3], lots, price)
            self.house.net.give("clearing.default.bid", fields, bic)

    @rule(pick=st.integers(0, 9), all_bids=st.booleans(), ends=st.sampled_from(["expelled", "readmitted"]))
    def step(self, pick: int, all_bids: bool, ends: str) -> None:
        cases = list(self.house.house.cases.values())
        if cases:
            case = cases[pick % len(cases)]
            name = NEXT[case.state][pick % len(NEXT[case.state])]
            bids = tuple(one.number for one in case.bids) if all_bids and name == "hedge" else ()
            fields = StepFields(case.case_id, name, REPORT, bids, ends if name == "report" else "")
            self.house.operator("clearing.default.step", fields)

    @rule(bic=bics)
    def readmit(self, bic: str) -> None:
        self.house.operator("clearing.member.readmit", ReadmitFields(bic, REPORT))

    @rule(bic=bics, limit=st.sampled_from([2, 5, 500]))
    def reduce(self, bic: str, limit: int) -> None:
        lower = structs.replace(SEP, limit_lots=limit, delivery_limit_lots=0)
        self.house.operator("clearing.contract", lower)
        self.house.operator("clearing.reduction.open", OpenFields(bic, "WHEAT.SEP", REPORT, 60_000))
        for case in list(self.house.house.reductions.values()):
            self.house.operator("clearing.reduction.auction", AuctionFields(case.case_id, REPORT))

    @invariant()
    def money_and_lots_are_neither_made_nor_lost(self) -> None:
        assert self.sums == {asset: all_of(self.house, asset) for asset in ASSETS}
        assert positions.closed(self.house.house.book)

    def teardown(self) -> None:
        self.house.check()


Lives.TestCase.settings = settings(
    max_examples=12, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLives = Lives.TestCase
