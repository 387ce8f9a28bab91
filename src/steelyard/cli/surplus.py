"""`steelyard surplus` and `throughput`: what stays with whom, and who sends early."""

import sys

from steelyard.cli.session import DONE, NOTHING_GIVEN, Common, Switch, node

ROWS = (
    ("holder", "holder"), ("other", "other"), ("balance", "balance"), ("inflow 1, 30, 90, 365 d", "inflow"),
    ("outflow 1, 30, 90, 365 d", "outflow"), ("age to 7, 30, 90, 180 d, older", "ages"), ("spent_bp", "spent_bp"),
    ("line", "line.used"), ("cap", "holding.cap"), ("cap is", "cap_is"),
)  # fmt: skip
TIMING = (
    ("participant", "participant"), ("submitted", "submitted_count"), ("submitted amount", "submitted"),
    ("settled", "settled_count"), ("settled amount", "settled"), ("mean_wait_ms", "mean_wait_ms"),
    ("used_bp", "used_bp"), ("own day amount", "own_day"), ("missed", "missed"),
)  # fmt: skip


def surplus(*, on: str | None = None, members: Switch = False, common: Common = NOTHING_GIVEN) -> int:
    """Report what stays with whom, how old it is, and what netting would cure of it.

    Inflow and outflow are of the last 1, 30, 90 and 365 days; ages of what is left up to 7, 30, 90 and 180 days, and
    older. What netting clears of a currency, and what its surplus may go into by the rulebook, is told on standard
    error, with --json all in one object.

    Parameters
    ----------
    on
        At the end of this date, YYYY-MM-DD; without it, today.
    members
        Rows of members against members instead of banks and currencies.
    """
    with node(common) as (client, out):
        found = client.liquidity.surplus(on=on)
        if out.json:
            out.item(found)
            return DONE
        out.rows(found.members if members else found.banks, ROWS)
        if not out.quiet:
            for one in found.clearing:
                print(f"{one.currency}: {one.words}", file=sys.stderr)
            for use in found.uses:
                note = f" ({use.note})" if use.note else ""
                print(f"{use.currency}: may go into {use.kind} {use.name}{note}", file=sys.stderr)
    return DONE


def throughput(currency: str, /, *, on: str | None = None, common: Common = NOTHING_GIVEN) -> int:
    """Show who sends how early in a currency, and who waits for others' money.

    Parameters
    ----------
    currency
        In which currency.
    on
        On this date, YYYY-MM-DD; without it, today.
    """
    with node(common) as (client, out):
        found = client.liquidity.throughput(currency, on=on)
        if out.json:
            out.item(found)
        else:
            out.rows(found.participants, TIMING)
    return DONE
