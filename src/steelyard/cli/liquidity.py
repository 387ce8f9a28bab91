"""`steelyard liquidity`: one's money as payments may use it, the queue, limits, what is kept, caps, pools; bounds."""

from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from steelyard.cli import told
from steelyard.cli.output import Output
from steelyard.cli.reading import File, content, money
from steelyard.cli.session import DONE, NOTHING_GIVEN, USAGE, Common, Switch, end, node

if TYPE_CHECKING:
    from steelyard.client import Steelyard

app = App(
    name="liquidity", help="See and order one's liquidity: accounts, queue, limits, caps.", version_flags=()
)

ACCOUNTS = (
    ("currency", "currency"), ("balance", "balance"), ("urgent", "usable.urgent"), ("high", "usable.high"),
    ("normal", "usable.normal"), ("set aside", "set_aside"), ("line", "line"), ("used", "line_used"),
    ("outgoing", "outgoing.normal.amount"), ("incoming", "incoming.amount"), ("mode", "mode"),
)  # fmt: skip
QUEUE = (
    ("uetr", "uetr"), ("place", "place"), ("priority", "priority"), ("amount", "open"), ("to", "creditor_agent"),
    ("reason", "reason"), ("waits", "waits"), ("since", "queued_at"), ("until", "due_at"),
)  # fmt: skip
LIMITS = (("counterparty", "counterparty"), ("limit", "limit"), ("net", "net"), ("room", "room"))
KEPT = (("priority", "priority"), ("asked", "asked"), ("held", "held"))
CAPS = (("holder", "holder"), ("held", "held"), ("cap", "cap"), ("share_bp", "share_bp"))
POOL = (("participant", "participant"), ("currencies", "currencies"), ("home", "home"), ("cap", "cap"))
BOUND = (
    ("currency", "currency"), ("payments", "payments"), ("value", "value_minor"), ("bound", "bound_minor"),
    ("bound without limits", "bound_free_minor"), ("settled", "settled_minor"), ("distance_bp", "distance_bp"),
)  # fmt: skip


@app.command
def accounts(
    participant: str | None = None, /, *, currency: str | None = None, common: Common = NOTHING_GIVEN
) -> int:
    """Show a participant's money, currency by currency, as its payments may use it.

    Parameters
    ----------
    participant
        BIC of whose; without it, one's own.
    currency
        In this currency alone.
    """
    with node(common) as (client, out):
        rows = client.liquidity.accounts(_whose(client, participant))
        out.rows([row for row in rows if currency in (None, row.currency)], ACCOUNTS)
    return DONE


@app.command
def queue(
    *,
    participant: str | None = None,
    currency: str | None = None,
    limit: Annotated[int, Parameter(name=["--limit", "-n"])] = 1_000,
    common: Common = NOTHING_GIVEN,
) -> int:
    """List what waits for one's money, of each queue what goes first.

    Parameters
    ----------
    participant
        BIC of whose; without it, one's own.
    currency
        In this currency alone.
    limit
        How many to ask for at once.
    """
    with node(common) as (client, out):
        out.rows(client.liquidity.queue(participant=participant, currency=currency, limit=limit), QUEUE)
    return DONE


@app.command
def queued(uetr: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show one payment that waits, with its place.

    Parameters
    ----------
    uetr
        UETR of the payment.
    """
    with node(common) as (client, out):
        out.item(client.liquidity.queued(uetr), QUEUE)
    return DONE


@app.command
def prioritise(
    uetr: str, priority: Literal["urgent", "high", "normal"], /, *, common: Common = NOTHING_GIVEN
) -> int:
    """Put a payment that waits into another class.

    Parameters
    ----------
    uetr
        UETR of the payment.
    priority
        Its new class.
    """
    with node(common) as (client, out):
        return told.done(out, client.liquidity.reprioritise(uetr, priority))


@app.command
def place(uetr: str, where: Literal["front", "back"], /, *, common: Common = NOTHING_GIVEN) -> int:
    """Put a payment before, or behind, all others of its class.

    Parameters
    ----------
    uetr
        UETR of the payment.
    where
        front or back.
    """
    with node(common) as (client, out):
        move = client.liquidity.to_front if where == "front" else client.liquidity.to_back
        return told.done(out, move(uetr))


@app.command
def times(
    uetr: str,
    /,
    *,
    not_before: str | None = None,
    not_after: str | None = None,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Say from when a payment may settle, and until when; what is not given is not bounded.

    Parameters
    ----------
    uetr
        UETR of the payment.
    not_before
        From when, RFC 3339.
    not_after
        Until when, RFC 3339.
    """
    from steelyard.client.liquidity import QueueTimes

    with node(common) as (client, out):
        asked = QueueTimes(not_before_at=not_before, not_after_at=not_after)
        return told.done(out, client.liquidity.set_times(uetr, asked))


@app.command
def cancel(uetr: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Take a payment that waits back.

    Parameters
    ----------
    uetr
        UETR of the payment.
    """
    with node(common) as (client, out):
        return told.withdrawn(out, uetr, client.liquidity.cancel(uetr))


@app.command
def limits(*, participant: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List one's own limits, with what is used of them today.

    Parameters
    ----------
    participant
        BIC of whose; without it, one's own.
    """
    with node(common) as (client, out):
        out.rows(client.liquidity.limits(participant=participant, limit=1_000), LIMITS)
    return DONE


@app.command
def limit(
    counterparty: str,
    currency: str,
    value: str | None = None,
    /,
    *,
    none: Switch = False,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Bound what one may lose to another, or to all others, net of the day, by payments of the class normal.

    Parameters
    ----------
    counterparty
        BIC of the other, or * for all others.
    currency
        In which currency.
    value
        How much, a decimal.
    none
        Take the limit away.
    """
    _one_of(value, none)
    with node(common) as (client, out):
        return told.done(out, client.liquidity.set_limit(currency, counterparty, value))


@app.command
def reservations(*, participant: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List what is kept for urgent and for high payments.

    Parameters
    ----------
    participant
        BIC of whose; without it, one's own.
    """
    with node(common) as (client, out):
        out.rows(client.liquidity.reservations(participant=participant, limit=1_000), KEPT)
    return DONE


@app.command
def reserve(priority: Literal["urgent", "high"], amount: str, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Keep money for payments of a class; 0 ends it.

    Parameters
    ----------
    priority
        For which class.
    amount
        How much, such as 'AED 1000.00'.
    """
    from steelyard.client.liquidity import KeptAsked

    asked = KeptAsked(amount=money(amount), priority=priority)
    with node(common) as (client, out):
        return told.done(out, client.liquidity.reserve(asked))


@app.command
def caps(*, participant: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """List the caps on what one holds, and what one holds.

    Parameters
    ----------
    participant
        BIC of whose; without it, one's own.
    """
    with node(common) as (client, out):
        out.rows(client.liquidity.holding_caps(participant=participant, limit=1_000), CAPS)
    return DONE


@app.command
def cap(
    currency: str,
    value: str | None = None,
    /,
    *,
    none: Switch = False,
    member: Switch = False,
    common: Common = NOTHING_GIVEN,
) -> int:
    """Set how much of a currency one holds at most; payments that would pass it wait.

    Parameters
    ----------
    currency
        Which currency.
    value
        How much, a decimal.
    none
        Take the cap away.
    member
        As settlement agent: all banks of one's member together.
    """
    _one_of(value, none)
    with node(common) as (client, out):
        return told.done(out, client.liquidity.cap_holding(currency, value, member=member))


@app.command
def pool(participant: str | None = None, /, *, common: Common = NOTHING_GIVEN) -> int:
    """Show what a participant has agreed to for pools.

    Parameters
    ----------
    participant
        BIC of whose; without it, one's own.
    """
    with node(common) as (client, out):
        out.item(client.liquidity.pool(_whose(client, participant)), POOL)
    return DONE


@app.command
def join_pool(
    cap: str, /, *, currency: Annotated[list[str], Parameter(negative=())], common: Common = NOTHING_GIVEN
) -> int:
    """Let pools settle several currencies together, from the next batch on.

    Parameters
    ----------
    cap
        The most one pays in a batch, in one's own currency, such as 'AED 1000000.00'.
    currency
        A currency that may go in; stands several times.
    """
    asked = money(cap)
    with node(common) as (client, out):
        return told.done(out, client.liquidity.choose_pool(currency, asked))


@app.command
def leave_pool(*, common: Common = NOTHING_GIVEN) -> int:
    """Take part in pools no longer."""
    with node(common) as (client, out):
        return told.done(out, client.liquidity.choose_pool([]))


@app.command
def bound(file: File, /, *, json: Switch = False, quiet: Switch = False) -> int:
    """Compute from a CSV file how much of a queue could settle at most, and how near to it a plan comes.

    No node is needed. Columns: row (balance, payment or limit), payer, payee, currency, amount_minor; of payments
    also id, priority, may_split. A line for each currency; exit 2 names the row, field and rule of what is wrong.

    Parameters
    ----------
    file
        The CSV file; - is standard input.
    json
        Print one JSON object a line.
    quiet
        Print no headings.
    """
    from steelyard.cli import queue_csv
    from steelyard.liquidity.algorithms.flow import flow_bound
    from steelyard.liquidity.algorithms.plan import plan_split
    from steelyard.solve.flow import OrToolsFlow

    try:
        found = queue_csv.read(content(file))
    except queue_csv.RowIsWrong as wrong:
        end(f"{file}: {wrong}", USAGE)
    solver, rows = OrToolsFlow(), []
    for currency, one in found.items():
        balances, rooms = one.accounts, one.rooms
        most = flow_bound(balances, one.payments, solver=solver, limits=rooms).value_minor
        free = flow_bound(balances, one.payments, solver=solver).value_minor if rooms else most
        settled = plan_split(balances, one.payments, solver=solver, limits=rooms).value_minor
        rows.append(
            {
                "currency": currency, "payments": len(one.payments),
                "value_minor": sum(payment.amount_minor for payment in one.payments), "bound_minor": most,
                "bound_free_minor": free, "settled_minor": settled,
                "distance_bp": (most - settled) * 10_000 // most if most else 0,
            }
        )  # fmt: skip
    Output(json=json, quiet=quiet).rows(rows, BOUND)
    return DONE


def _whose(client: "Steelyard", participant: str | None) -> str:
    """Give the participant named, or the owner that one acts for."""
    return participant if participant is not None else client.directory.me().owner


def _one_of(value: str | None, none: bool) -> None:
    """End the command unless there is a value or the wish to have none."""
    if (value is None) != none:
        end("give a value, or --none to take away what is there", USAGE)
