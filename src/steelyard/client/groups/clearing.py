"""Clearing of futures: how one stands, margin and collateral, the fund, and the steps of a default."""

from collections.abc import Sequence

from steelyard.client import clearing as shapes
from steelyard.client.ask import Ask, Listing, get, order, path, query
from steelyard.client.types import Done, Money
from steelyard.client.verbs import F, Group, Lists, Verb

ROOT = "/v1/clearing"
CONTRACTS, COLLATERAL, RUNS = f"{ROOT}/contracts", f"{ROOT}/collateral", f"{ROOT}/runs"
CLAIMS, CASES, FUND, RECEIPTS = f"{ROOT}/claims", f"{ROOT}/cases", f"{ROOT}/fund", f"{ROOT}/receipts"


class Clearing(Group[F]):
    """The clearing house, as member or operator."""

    @Verb
    def margin(self, participant: str | None = None) -> Ask[shapes.MarginStanding]:
        """Give how a member stands; one's own where none is named."""
        return get(f"{ROOT}/margin{query({'participant': participant})}", shapes.MarginStanding)

    @Lists
    def contracts(self, *, limit: int | None = None) -> Listing[shapes.ContractTerms]:
        """List the contracts that are cleared."""
        return Listing(CONTRACTS, {"limit": limit}, shapes.ContractTerms)

    @Lists
    def accepted(self, *, limit: int | None = None) -> Listing[shapes.AcceptedTerms]:
        """List what counts as collateral."""
        return Listing(COLLATERAL, {"limit": limit}, shapes.AcceptedTerms)

    @Lists
    def runs(self, *, limit: int | None = None) -> Listing[shapes.Run]:
        """List runs of variation margin: open ones, then the last that are over."""
        return Listing(RUNS, {"limit": limit}, shapes.Run)

    @Lists
    def claims(self, *, limit: int | None = None) -> Listing[shapes.ClearingClaim]:
        """List open claims out of runs, oldest first."""
        return Listing(CLAIMS, {"limit": limit}, shapes.ClearingClaim)

    @Lists
    def cases(self, *, limit: int | None = None) -> Listing[shapes.Case]:
        """List defaults and reductions."""
        return Listing(CASES, {"limit": limit}, shapes.Case)

    @Lists
    def funds(self, *, limit: int | None = None) -> Listing[shapes.Fund]:
        """List the default funds."""
        return Listing(FUND, {"limit": limit}, shapes.Fund)

    @Verb
    def join(self, currency: str, *, key: str | None = None) -> Ask[Done]:
        """Become a member in a currency; a second person agrees."""
        return order("POST", f"{ROOT}/join", shapes.JoinAsked(currency=currency), key=key)

    @Verb
    def deposit(self, amount: Money, *, key: str | None = None) -> Ask[Done]:
        """Put cash on one's margin account."""
        return order("POST", f"{COLLATERAL}/deposit", shapes.ClearingMoney(amount=amount), key=key)

    @Verb
    def withdraw(self, amount: Money, *, key: str | None = None) -> Ask[Done]:
        """Take back cash that covers nothing."""
        return order("POST", f"{COLLATERAL}/withdraw", shapes.ClearingMoney(amount=amount), key=key)

    @Verb
    def lodge(self, receipt_id: str, *, key: str | None = None) -> Ask[Done]:
        """Lodge a receipt as collateral."""
        return order("POST", path(RECEIPTS, receipt_id, "lodge"), key=key, subject=receipt_id)

    @Verb
    def give_back(self, receipt_id: str, *, key: str | None = None) -> Ask[Done]:
        """Take a lodged receipt back."""
        return order("POST", path(RECEIPTS, receipt_id, "return"), key=key, subject=receipt_id)

    @Verb
    def seize(self, receipt_id: str, currency: str, *, key: str | None = None) -> Ask[Done]:
        """Hand a defaulter's receipt to the sponsor of a currency, as operator."""
        asked = shapes.SeizeAsked(currency=currency)
        return order("POST", path(RECEIPTS, receipt_id, "seize"), asked, key=key, subject=receipt_id)

    @Verb
    def contribute(
        self, amount: Money, *, purpose: str = "default-fund", key: str | None = None
    ) -> Ask[Done]:
        """Pay into the default fund; a sponsor into the house's liquidity or capital."""
        return order("POST", f"{FUND}/contribute", {"amount": amount, "purpose": purpose}, key=key)

    @Verb
    def take_back(self, amount: Money, *, key: str | None = None) -> Ask[Done]:
        """Take back what the default fund does not need."""
        return order("POST", f"{FUND}/take-back", shapes.ClearingMoney(amount=amount), key=key)

    @Verb
    def return_to_sponsor(self, amount: Money, purpose: str, *, key: str | None = None) -> Ask[Done]:
        """Give a sponsor its money back, as operator."""
        return order("POST", f"{FUND}/give-back", {"amount": amount, "purpose": purpose}, key=key)

    @Verb
    def size_fund(self, stresses: shapes.StressesAsked, *, key: str | None = None) -> Ask[Done]:
        """Size the default fund of a currency, as operator."""
        return order("POST", f"{FUND}/size", stresses, key=key)

    @Verb
    def put_desk(self, desk: shapes.DeskAsked, *, key: str | None = None) -> Ask[Done]:
        """Set how a currency is cleared, as operator."""
        return order("PUT", f"{ROOT}/desks", desk, key=key)

    @Verb
    def put_contract(self, terms: shapes.ContractAsked, *, key: str | None = None) -> Ask[Done]:
        """Set the terms of a cleared contract, as operator."""
        return order("PUT", CONTRACTS, terms, key=key)

    @Verb
    def accept(self, terms: shapes.AcceptedAsked, *, key: str | None = None) -> Ask[Done]:
        """Set what counts as collateral, as operator."""
        return order("PUT", COLLATERAL, terms, key=key)

    @Verb
    def call(
        self, currency: str, prices: dict[str, str] | None = None, *, reason: str = "", key: str | None = None
    ) -> Ask[Done]:
        """Mark the contracts of a currency to their published settlement prices and call variation margin, as operator.

        Prices that are given by hand need a reason, and a second person who agrees.
        """
        asked = shapes.RunAsked(currency=currency, prices=prices or {}, reason=reason)
        return order("POST", RUNS, asked, key=key)

    @Verb
    def collect(self, run_id: str, *, key: str | None = None) -> Ask[Done]:
        """Collect in a run what is there now, as operator."""
        return order("POST", path(RUNS, run_id, "collect"), key=key, subject=run_id)

    @Verb
    def pay(self, run_id: str, *, key: str | None = None) -> Ask[Done]:
        """Pay the gainers of a run, as operator."""
        return order("POST", path(RUNS, run_id, "pay"), key=key, subject=run_id)

    @Verb
    def pay_in(self, run_id: str, *, key: str | None = None) -> Ask[Done]:
        """Pay what one owes in a run."""
        return order("POST", path(RUNS, run_id, "pay-in"), key=key, subject=run_id)

    @Verb
    def put_model(self, found: shapes.ModelAsked, *, key: str | None = None) -> Ask[Done]:
        """Enter what a margin model has found, as operator."""
        return order("POST", f"{ROOT}/models", found, key=key)

    @Verb
    def pay_claims(self, currency: str, *, value: str | None = None, key: str | None = None) -> Ask[Done]:
        """Pay what one owes out of runs, oldest first; all where no value is said."""
        return order("POST", f"{CLAIMS}/pay", shapes.ClaimPayment(currency=currency, value=value), key=key)

    @Verb
    def open_case(self, case: shapes.CaseAsked, *, key: str | None = None) -> Ask[Done]:
        """Open a member's default, as operator."""
        return order("POST", CASES, case, key=key)

    @Verb
    def bid(self, case_id: str, contract: str, lots: int, price: str, *, key: str | None = None) -> Ask[Done]:
        """Bid for lots of a portfolio; below zero one sells."""
        asked = shapes.BidAsked(contract=contract, lots=lots, price=price)
        return order("POST", path(CASES, case_id, "bids"), asked, key=key, subject=case_id)

    @Verb
    def bid_receipt(
        self, case_id: str, receipt_id: str, price: Money, *, key: str | None = None
    ) -> Ask[Done]:
        """Bid for a receipt of a defaulter, at a price a tonne."""
        asked = shapes.GoodsBidAsked(receipt_id=receipt_id, price=price)
        return order("POST", path(CASES, case_id, "receipt-bids"), asked, key=key, subject=case_id)

    @Verb
    def step(
        self,
        case_id: str,
        step: str,
        report: str,
        *,
        bids: Sequence[int] = (),
        ends: str | None = None,
        key: str | None = None,
    ) -> Ask[Done]:
        """Take a step of a default, as operator; the last one says how it `ends`: expelled or readmitted."""
        asked = {"step": step, "report": report, "bids": list(bids), "ends": ends}
        return order("POST", path(CASES, case_id, "steps"), asked, key=key, subject=case_id)

    @Verb
    def readmit(self, participant: str, report: str, *, key: str | None = None) -> Ask[Done]:
        """Let a member back that was expelled, as operator."""
        asked = shapes.ReadmitAsked(participant=participant, report=report)
        return order("POST", f"{ROOT}/readmissions", asked, key=key)

    @Verb
    def open_reduction(self, reduction: shapes.ReductionAsked, *, key: str | None = None) -> Ask[Done]:
        """Open the reduction of lots above a limit, as operator."""
        return order("POST", f"{ROOT}/reductions", reduction, key=key)

    @Verb
    def reduce(self, case_id: str, report: str, *, key: str | None = None) -> Ask[Done]:
        """Sell the lots of a reduction, as operator."""
        return order("POST", path(CASES, case_id, "reduce"), {"report": report}, key=key, subject=case_id)
