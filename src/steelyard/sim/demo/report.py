"""What the demonstration leaves behind: tables, files and the text that it prints at its end."""

import csv
import json
from pathlib import Path
from uuid import UUID

from msgspec import to_builtins
from rich import box
from rich.console import Console, Group
from rich.table import Table

from steelyard.liquidity.batches import CURRENCY
from steelyard.payments.states import State
from steelyard.sim.demo.book import Book
from steelyard.sim.demo.checks import Tally
from steelyard.sim.demo.founding import LARGE_USD
from steelyard.sim.demo.market.telling import tell
from steelyard.sim.demo.proof import Claim, Proved
from steelyard.sim.demo.saving import TITLES, Saving
from steelyard.sim.demo.script import Sent
from steelyard.sim.demo.summary import Summary
from steelyard.values.amount import format_minor
from steelyard.values.instants import format_instant

CORRIDORS_SHOWN = 8
BOUND_TOLD = (
    f"  The bound lets every payment settle in parts of any size; this day, those above ${LARGE_USD:,} may.\n"
    "  Able to: something could have settled by the bound. From it: by value, over all batches."
)
MONEY_TOLD = (
    "  Money: what all accounts together begin with, % of the day's value; first the least that can do, then half.\n"
    "  Bound: the most that any rule could settle with that money, had it seen the whole day at once.\n"
    "  The pool takes every bank, provider and currency here, and converts for each payment, at reference rates."
)


def write_files(
    out: Path, book: Book, summary: Summary, saving: Saving, claims: list[Claim], proved: Proved, sent: Sent,
    timing: dict[str, float],
    tallies: list[Tally], names: dict[int, str],
) -> None:  # fmt: skip
    """Write summary.json, timing.json, the reports as CSV and the message archive."""
    whole = {
        "summary": to_builtins(summary),
        "market": to_builtins(tell(book.market)),
        "saving": to_builtins(saving),
        "claims": [to_builtins(claim) for claim in claims],
        "state_hash": proved.state_hash,
        "checked": [to_builtins(tally) for tally in tallies],
    }
    (out / "summary.json").write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n", "utf-8")
    (out / "timing.json").write_text(json.dumps(timing, indent=1) + "\n", "utf-8")
    _payments_csv(out / "reports" / "payments.csv", book, names)
    _corridors_csv(out / "reports" / "corridors.csv", summary)
    _refusals_csv(out / "reports" / "refusals.csv", summary)
    folder = out / "messages"
    folder.mkdir(parents=True, exist_ok=True)
    for number, (raw, answer) in enumerate(sent.pairs, start=1):
        (folder / f"{number:02d}_pacs.008.xml").write_bytes(raw)
        (folder / f"{number:02d}_pacs.002.xml").write_bytes(answer)


def _payments_csv(path: Path, book: Book, names: dict[int, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scale = {asset.code: asset.scale for asset in book.assets.values()}
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(
            ("uetr", "payer_agent", "creditor_agent", "debit", "debit_asset", "credit", "credit_asset", "providers",
             "entered_at", "settled_at", "state", "refusal")
        )  # fmt: skip
        for line in book.payments.values():
            debit = format_minor(line.source_minor, scale[line.source])
            credit = format_minor(line.target_minor, scale[line.target])
            settled = format_instant(line.settled_at) if line.settled_at else ""
            rows.writerow(
                (str(UUID(bytes=line.uetr)), line.payer, line.payee, debit, line.source, credit, line.target,
                 " ".join(line.providers), format_instant(line.entered_at), settled, State(line.state).name,
                 names.get(line.refusal, ""))
            )  # fmt: skip


def _corridors_csv(path: Path, summary: Summary) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("payer_member", "payee_member", "payments", "settled"))
        rows.writerows((item.payer, item.payee, item.payments, item.settled) for item in summary.corridors)


def _refusals_csv(path: Path, summary: Summary) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("refusal", "payments"))
        rows.writerows(summary.refusals.items())


def show(console: Console, summary: Summary, scale: dict[str, int]) -> None:
    """Print the day: payments, currencies, largest corridors."""
    console.print(Group(_totals(summary), _currencies(summary, scale), _corridors(summary)))


def table_of(title: str, *columns: str) -> Table:
    table = Table(title=title, box=box.SIMPLE, title_justify="left", title_style="bold")
    for number, name in enumerate(columns):
        table.add_column(name, justify="left" if number == 0 else "right", no_wrap=True)
    return table


def _totals(summary: Summary) -> Table:
    table = table_of("The day", "payments", "count")
    for name, value in (
        ("entered", summary.payments),
        ("settled", summary.settled),
        ("  at once", summary.settled_at_once),
        ("  after waiting for money", summary.settled_after_waiting),
        ("  in two currencies, payment versus payment", summary.two_currencies),
        ("  over a third member's currency", summary.over_a_third_currency),
        ("still waiting for their own day's end", summary.waiting),
        ("rejected", summary.rejected),
    ):
        table.add_row(name, f"{value:,}")
    for name, value in summary.refusals.items():
        table.add_row(f"  {name}", f"{value:,}")
    table.add_row("entry to finality, median", _span(summary.wait_ms_median))
    table.add_row("entry to finality, 99 in 100", _span(summary.wait_ms_p99))
    return table


def _span(ms: int) -> str:
    return "at once" if ms == 0 else f"{ms / 60_000:,.1f} min" if ms >= 60_000 else f"{ms / 1000:,.1f} s"


def _currencies(summary: Summary, scale: dict[str, int]) -> Table:
    table = table_of(
        "Money per currency", "", "issued", "left payers' banks", "reached payees' banks", "times used"
    )
    for code, line in summary.currencies.items():
        turns = f"{line.sent_minor / line.issued_minor:.1f}" if line.issued_minor else "-"
        figures = (line.issued_minor, line.sent_minor, line.arrived_minor)
        table.add_row(code, *(money_text(value, scale[code]) for value in figures), turns)
    return table


def money_text(minor: int, scale: int) -> str:
    whole, _, part = format_minor(minor, scale).partition(".")
    return f"{int(whole):,}.{part}" if part else f"{int(whole):,}"


def _corridors(summary: Summary) -> Table:
    table = table_of(
        f"Corridors: {CORRIDORS_SHOWN} of {len(summary.corridors)}", "from → to", "payments", "settled"
    )
    for item in sorted(summary.corridors, key=lambda one: (-one.payments, one.payer, one.payee))[
        :CORRIDORS_SHOWN
    ]:
        table.add_row(f"{item.payer} → {item.payee}", f"{item.payments:,}", f"{item.settled:,}")
    return table


def show_batches(console: Console, summary: Summary) -> None:
    """Print what batches settled of the queues."""
    table = table_of(
        "Batches of queued payments", "", "batches", "able to", "whole", "in parts", "at bound", "from it %"
    )
    for kind, line in summary.batches.items():
        title = "of one currency" if kind == CURRENCY else "of the pool, several at once"
        figures = (line.batches, line.able, line.payments, line.parts, line.at_bound)
        away = f"{line.distance_bp / 100:.2f}" if line.able else "-"
        table.add_row(title, *(f"{figure:,}" for figure in figures), away)
    console.print(table)
    console.print(BOUND_TOLD, style="dim")
    console.print()


def show_saving(console: Console, saving: Saving) -> None:
    """Print what the same day needs by other rules."""
    title = f"The same day by other rules, simulated: {saving.legs:,} legs"
    table = table_of(title, "", "money %", "settled %", "from bound %", "delay s")
    for row in sorted(saving.rows, key=lambda row: row.alpha != "0"):
        name = TITLES[row.mechanism] + ("" if row.alpha == "0" else ", half of it")
        shares = (row.liquidity_bp, row.value_settled_bp, row.distance_bp)
        table.add_row(name, *(f"{share / 100:.2f}" for share in shares), f"{row.delay_s:,}")
    console.print(table)
    console.print(MONEY_TOLD, style="dim")
    console.print()


def show_claims(console: Console, claims: list[Claim]) -> None:
    """Print what had to hold, and whether it does."""
    table = table_of("What had to hold", "", "shown by")
    for claim in claims:
        mark = "[green]yes[/]" if claim.holds else "[bold red]NO [/]"
        table.add_row(f"{mark} {claim.name}", claim.detail)
    console.print(table)


def show_checks(console: Console, tallies: list[Tally]) -> None:
    """Print what the gateway's check said of each set of messages."""
    table = table_of(
        "Messages checked, nothing booked", "", "accepted", "rejected", "refused", "not as indexed"
    )
    for tally in tallies:
        table.add_row(
            tally.name, str(tally.accepted), str(tally.rejected), str(tally.refused), str(len(tally.wrong))
        )
    console.print(table)
