"""`steelyard clearing`: one's margin and what covers it, collateral, claims; runs and defaults, as operator."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cyclopts import App

from steelyard.cli import told
from steelyard.cli.market import contracts as packed
from steelyard.cli.output import Output
from steelyard.cli.reading import File, made, money, shape
from steelyard.cli.session import DONE, NOTHING_GIVEN, USAGE, Common, end, node

if TYPE_CHECKING:
    from steelyard.client.clearing import MarginStanding

app = App(
    name="clearing",
    help="See and order one's margin, collateral and claims; lead runs and defaults.",
    version_flags=(),
)

MARGIN = (
    ("what", "what"), ("lots", "lots"), ("settlement price", "price"), ("gain", "gain"), ("required", "required"),
    ("covered", "covered"), ("short", "short"), ("until", "until"),
)  # fmt: skip
CONTRACTS = (
    ("contract", "contract"), ("commodity", "commodity"), ("currency", "currency"), ("lot kg", "unit_kg"),
    ("settlement price", "settlement_price"), ("open lots", "open_lots"), ("limit", "limit_lots"),
)  # fmt: skip
ACCEPTED = (
    ("asset", "asset"), ("kind", "kind"), ("currency", "currency"), ("price per kg", "price"),
    ("haircut bp", "haircut_bp"), ("mismatch bp", "mismatch_bp"), ("cap bp", "cap_bp"),
)  # fmt: skip
RUNS = (
    ("run", "run_id"), ("currency", "currency"), ("on", "on"), ("state", "state"), ("total", "total"),
    ("deadline", "deadline_at"), ("prices by hand", "reason"),
)  # fmt: skip
CLAIMS = (
    ("run", "run_id"), ("who owes", "participant"), ("on", "on"), ("amount", "amount"), ("advanced", "advanced"),
)  # fmt: skip
CASES = (
    ("case", "case_id"), ("whose", "participant"), ("contract", "contract"), ("state", "state"), ("due", "due_at"),
)  # fmt: skip
FUNDS = (
    ("currency", "currency"), ("sponsor", "sponsor"), ("size", "size"), ("liquidity", "liquidity"),
    ("capital", "capital"),
)  # fmt: skip


@app.command
def margin(participant: str | None = None, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show how one stands: positions at their settlement prices, what they need, what covers it, what is short.

    Parameters
    ----------
    participant
        BIC of another, for its overseers and the operator.
    """
    with node(common) as (client, out):
        found = client.clearing.margin(participant)
        if out.json:
            out.item(found)
        else:
            out.rows(_lines(found), MARGIN)
            _say(out, found)
    return DONE


def _lines(found: "MarginStanding") -> Iterator[dict[str, Any]]:
    """Give the lines of the table: positions, then each currency, the fund, and what is due."""
    for held in found.positions:
        yield {
            "what": held.contract, "lots": held.lots, "price": _priced(held.currency, held.settlement_price),
            "gain": held.gain,
        }  # fmt: skip
    for one in found.margins:
        yield {
            "what": f"margin in {one.currency}", "required": one.required, "covered": one.covered,
            "short": one.short,
        }  # fmt: skip
    for share in found.fund:
        yield {"what": f"fund in {share.paid.asset}", "required": share.required, "covered": share.paid}
    for due in found.due:
        yield {
            "what": f"run {due.run_id}",
            "required": due.amount,
            "short": due.amount,
            "until": due.deadline_at,
        }
    for owed in found.owes:
        yield {"what": f"owed from run {owed.run_id}", "required": owed.amount, "short": owed.amount}
    for waited in found.waits_for:
        yield {"what": f"waited for from run {waited.run_id}", "gain": waited.amount}


def _priced(currency: str, price: str | None) -> str:
    return f"{currency} {price}" if price is not None else ""


def _say(out: Output, found: "MarginStanding") -> None:
    short = [one.short for one in found.margins if one.short.minor]
    if found.expelled:
        out.hint("Expelled: no trade is taken; what is left of one's money may be taken out.")
    elif found.suspended:
        out.hint("Suspended: trades that add to a position are refused.")
    if short:
        out.hint("Short: until it is covered no position is added and nothing is taken out.")
    for amount in short:
        out.hint(f"  steelyard clearing deposit '{amount.asset} {amount.value}'")


@app.command
def contracts(*, common: Common = NOTHING_GIVEN) -> int:
    """List the contracts that are cleared, with their last settlement prices."""
    with node(common) as (client, out):
        out.rows(client.clearing.contracts(limit=1_000), CONTRACTS)
    return DONE


@app.command
def accepted(*, common: Common = NOTHING_GIVEN) -> int:
    """List what counts as collateral."""
    with node(common) as (client, out):
        out.rows(client.clearing.accepted(limit=1_000), ACCEPTED)
    return DONE


@app.command
def runs(*, common: Common = NOTHING_GIVEN) -> int:
    """List runs of variation margin: open ones, then the last that are over."""
    with node(common) as (client, out):
        out.rows(client.clearing.runs(limit=1_000), RUNS)
    return DONE


@app.command
def claims(*, common: Common = NOTHING_GIVEN) -> int:
    """List open claims out of runs, oldest first."""
    with node(common) as (client, out):
        out.rows(client.clearing.claims(limit=1_000), CLAIMS)
    return DONE


@app.command
def cases(*, common: Common = NOTHING_GIVEN) -> int:
    """List defaults and reductions; --json shows portfolio, steps, bids and losses."""
    with node(common) as (client, out):
        out.rows(client.clearing.cases(limit=1_000), CASES)
    return DONE


@app.command
def funds(*, common: Common = NOTHING_GIVEN) -> int:
    """List the default funds, and what the house has of its own."""
    with node(common) as (client, out):
        out.rows(client.clearing.funds(limit=1_000), FUNDS)
    return DONE


@app.command
def join(currency: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Become a member of the house in a currency; a second person of one's own agrees.

    Parameters
    ----------
    currency
        Code of the currency.
    """
    with node(common) as (client, out):
        return told.done(out, client.clearing.join(currency))


@app.command
def deposit(amount: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Put cash on one's margin account.

    Parameters
    ----------
    amount
        How much, such as 'ZAR 250000.00'.
    """
    with node(common) as (client, out):
        return told.done(out, client.clearing.deposit(money(amount)))


@app.command
def withdraw(amount: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take back cash that covers nothing.

    Parameters
    ----------
    amount
        How much, such as 'ZAR 1000.00'.
    """
    with node(common) as (client, out):
        return told.done(out, client.clearing.withdraw(money(amount)))


@app.command
def lodge(receipt: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Lodge a receipt as collateral; it stays one's own, pledged to the house.

    Parameters
    ----------
    receipt
        Id of the receipt.
    """
    with node(common) as (client, out):
        return told.done(out, client.clearing.lodge(receipt))


@app.command(name="return")
def return_(receipt: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take a lodged receipt back, where the rest covers what is required.

    Parameters
    ----------
    receipt
        Id of the receipt.
    """
    with node(common) as (client, out):
        return told.done(out, client.clearing.give_back(receipt))


@app.command
def contribute(
    amount: str,
    /,
    *,
    purpose: Literal["default-fund", "clearing-liquidity", "clearing-capital"] = "default-fund",
    common: Common = NOTHING_GIVEN,
) -> int:
    """Pay into the default fund; a sponsor into the house's liquidity or capital.

    Parameters
    ----------
    amount
        How much, such as 'ZAR 100000.00'.
    purpose
        default-fund, clearing-liquidity or clearing-capital.
    """
    with node(common) as (client, out):
        return told.done(out, client.clearing.contribute(money(amount), purpose=purpose))


@app.command(name="take-back")
def take_back(amount: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take back what the default fund does not need.

    Parameters
    ----------
    amount
        How much, such as 'ZAR 1000.00'.
    """
    with node(common) as (client, out):
        return told.done(out, client.clearing.take_back(money(amount)))


@app.command(name="pay-in")
def pay_in(run: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Pay what one owes in a run.

    Parameters
    ----------
    run
        Id of the run.
    """
    with node(common) as (client, out):
        return told.done(out, client.clearing.pay_in(run))


@app.command(name="pay-claims")
def pay_claims(currency: str, /, *, value: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Pay what one owes out of runs that are over, oldest first.

    Parameters
    ----------
    currency
        Code of the currency.
    value
        How much; all of it where nothing is said.
    """
    with node(common) as (client, out):
        return told.done(out, client.clearing.pay_claims(currency, value=value))


@app.command
def bid(case: str, contract: str, lots: int, price: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Bid for lots of a portfolio that is sold; after -- lots below zero: one sells.

    Parameters
    ----------
    case
        Id of the case.
    contract
        Code of the contract.
    lots
        How many.
    price
        Worst price that one takes, a tonne.
    """
    with node(common) as (client, out):
        return told.done(out, client.clearing.bid(case, contract, lots, price))


@app.command
def bid_receipt(case: str, receipt: str, price: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Bid for a receipt that a defaulter has lodged, whole; `cases --json` lists them, with the least that is bid.

    Parameters
    ----------
    case
        Id of the case.
    receipt
        Id of the receipt.
    price
        What one pays at most a tonne, such as 'ZAR 4300.00'; the best bid pays what it says.
    """
    with node(common) as (client, out):
        return told.done(out, client.clearing.bid_receipt(case, receipt, money(price)))


@app.command
def put(
    what: Literal["desk", "contract", "collateral"],
    file: File | None = None,
    /,
    *,
    contract: str | None = None,
    month: str = "",
    currency: str = "",
    packs: Path | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Set terms of clearing, as operator; two people.

    Parameters
    ----------
    what
        desk, contract or collateral.
    file
        A JSON file as PUT /v1/clearing/desks, contracts or collateral takes it; - is standard input.
    contract
        In place of a file, for a contract: code of a contract that has a pack.
    month
        Delivery month of it, such as 2026-12.
    currency
        Currency in which it is cleared; its figures are in that.
    packs
        Folder of packs of one's own.
    """
    from steelyard.client.clearing import AcceptedAsked, ContractAsked, DeskAsked

    if what == "contract" and contract is not None and file is None:
        known = packed.read(packs).get(contract)
        if known is None:
            end(f"{contract}: no contract is called so (hint: steelyard market contracts)", USAGE)
        with node(common) as (client, out):
            scales = {one.asset: one.scale for one in client.directory.assets()}
            if currency not in scales:
                end(f"{currency or 'no currency'}: name one that is booked there by --currency", USAGE)
            asked = packed.cleared(known, scales[currency], month=month, currency=currency)
            return told.done(out, client.clearing.put_contract(made(ContractAsked, asked)))
    if file is None or contract is not None:
        end("name a file of terms, or for a contract one that has a pack by --contract", USAGE)
    if what == "desk":
        desk = shape(file, DeskAsked)
        with node(common) as (client, out):
            return told.done(out, client.clearing.put_desk(desk))
    if what == "contract":
        terms = shape(file, ContractAsked)
        with node(common) as (client, out):
            return told.done(out, client.clearing.put_contract(terms))
    accept = shape(file, AcceptedAsked)
    with node(common) as (client, out):
        return told.done(out, client.clearing.accept(accept))


@app.command
def call(currency: str, /, *prices: str, reason: str = "", common: Common = NOTHING_GIVEN) -> int:
    """Mark the contracts of a currency to their published settlement prices and call variation margin, as operator.

    Parameters
    ----------
    currency
        Code of the currency.
    prices
        Prices a tonne by hand, such as WMF-2026-12=4610.25, where none is published or another is to count; two people.
    reason
        Why prices are given by hand.
    """
    found = {}
    for text in prices:
        contract, mark, price = text.partition("=")
        if not mark or not contract or not price:
            end(f"{text} is no price: a contract and its price, such as WMF-2026-12=4610.25", USAGE)
        found[contract] = price
    with node(common) as (client, out):
        return told.done(out, client.clearing.call(currency, found, reason=reason))


@app.command
def collect(run: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Collect in a run what is there now, as operator.

    Parameters
    ----------
    run
        Id of the run.
    """
    with node(common) as (client, out):
        return told.done(out, client.clearing.collect(run))


@app.command
def pay(run: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Pay the gainers of a run, as operator.

    Parameters
    ----------
    run
        Id of the run.
    """
    with node(common) as (client, out):
        return told.done(out, client.clearing.pay(run))


@app.command
def model(file: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Enter what a margin model has found, as operator.

    Parameters
    ----------
    file
        A JSON file as POST /v1/clearing/models takes it; - is standard input.
    """
    from steelyard.client.clearing import ModelAsked

    found = shape(file, ModelAsked)
    with node(common) as (client, out):
        return told.done(out, client.clearing.put_model(found))


@app.command(name="size-fund")
def size_fund(file: File, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Size the default fund of a currency by stresses, as operator; two people.

    Parameters
    ----------
    file
        A JSON file as POST /v1/clearing/fund/size takes it; - is standard input.
    """
    from steelyard.client.clearing import StressesAsked

    found = shape(file, StressesAsked)
    with node(common) as (client, out):
        return told.done(out, client.clearing.size_fund(found))


@app.command(name="open-case")
def open_case(participant: str, /, *, report: str, contract: str = "", common: Common = NOTHING_GIVEN) -> int:
    """Open a member's default, or the reduction of its lots of one contract, as operator; two people.

    Parameters
    ----------
    participant
        BIC of the member.
    report
        SHA-256 of the report on why, as 64 hex digits.
    contract
        Code of the contract whose lots are above their limit.
    """
    from steelyard.cli.reading import made
    from steelyard.client.clearing import CaseAsked, ReductionAsked

    given = {"participant": participant, "report": report}
    if contract:
        reduction = made(ReductionAsked, {**given, "contract": contract})
        with node(common) as (client, out):
            return told.done(out, client.clearing.open_reduction(reduction))
    case = made(CaseAsked, given)
    with node(common) as (client, out):
        return told.done(out, client.clearing.open_case(case))


@app.command
def step(
    case: str,
    step: Literal["cure", "hedge", "auction", "tear_up", "cover", "report", "reduce"],
    /,
    *bids: int,
    report: str,
    ends: Literal["expelled", "readmitted"] | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Take a step of a default, or sell the lots of a reduction (reduce), as operator; two people.

    Parameters
    ----------
    case
        Id of the case.
    step
        Which step.
    bids
        For a hedge, the numbers of the bids that it takes.
    report
        SHA-256 of the report on it, as 64 hex digits.
    ends
        For the last step, report: how the member stands from then on.
    """
    with node(common) as (client, out):
        if step == "reduce":
            return told.done(out, client.clearing.reduce(case, report))
        return told.done(out, client.clearing.step(case, step, report, bids=list(bids), ends=ends))


@app.command
def readmit(participant: str, /, *, report: str, common: Common = NOTHING_GIVEN) -> int:
    """Let a member back that was expelled, has paid what it owed and is covered, as operator; two people.

    Parameters
    ----------
    participant
        BIC of the member.
    report
        SHA-256 of the report on why, as 64 hex digits.
    """
    with node(common) as (client, out):
        return told.done(out, client.clearing.readmit(participant, report))
