"""`steelyard demo`: a world of ten members, a business day through it, a kill in the middle, and the proof."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from steelyard.storage.access import ApiKey

Flag = Annotated[bool, Parameter(negative=())]
FAST_PAYMENTS = 2_000
KEY_DAYS = 30


def demo(
    *,
    out: Path = Path("out/demo"),
    payments: int = 20_000,
    fast: Flag = False,
    force: Flag = False,
    shared: Path | None = None,
) -> int:
    """Build the demo world, run its day, print and prove what happened.

    Needs no network, no PostgreSQL and no port. Exit 0 only if every expectation holds.

    Parameters
    ----------
    out
        Where reports, statements, messages, pictures and the node's folder go.
    payments
        How many payments the day has.
    fast
        2,000 payments and no pictures.
    force
        Replace the folder even if no demonstration made it.
    shared
        A folder of reference data whose messages are checked too; `shared/data` beside the checkout if it is there.
    """
    from rich.console import Console

    from steelyard.sim.demo.household import NodeFailed
    from steelyard.sim.demo.run import NotOurs, Wanted, run

    if payments < 200:
        print("steelyard demo: a day has at least 200 payments", file=sys.stderr)
        return 2
    wanted = Wanted(
        out=out, payments=FAST_PAYMENTS if fast else payments, pictures=not fast, force=force,
        shared=shared or _reference_data(),
    )  # fmt: skip
    console = Console(width=None if sys.stdout.isatty() else 110, highlight=False)
    with console.status("") as status:
        teller = _on_terminal(status.update) if console.is_terminal else _line_by_line()
        try:
            held = asyncio.run(run(wanted, make_key, console, teller))
        except (NotOurs, NodeFailed) as fault:
            print(f"steelyard demo: {fault}", file=sys.stderr)
            return 2 if isinstance(fault, NotOurs) else 1
    return 0 if held else 1


def make_key(owner: str, actor: str) -> "tuple[ApiKey, str]":
    """Draw an API key of the demo profile: the row to keep and the text to show."""
    from steelyard.api.auth.keys import make

    made = make(env="demo", owner=owner, holder=actor, at=time.time_ns(), days=KEY_DAYS, label="demo")
    return made.key, made.text.reveal()


def _reference_data() -> Path | None:
    """Give the folder of reference data that lies beside the checkout, or where the environment says."""
    named = os.environ.get("STEELYARD_SHARED_DATA")
    folder = Path(named) if named else Path.cwd().parent / "shared" / "data"
    return folder if (folder / "iso20022" / "SAMPLES.tsv").is_file() else None


def _on_terminal(update: Callable[[str], None]) -> Callable[[str], None]:
    return lambda text: update(text or "print")


def _line_by_line() -> Callable[[str], None]:
    """Say each step once, not each of its progress reports."""
    told: set[str] = set()

    def tell(text: str) -> None:
        step = text.rstrip("0123456789,/ ")
        if step and step not in told:
            told.add(step)
            print(f"{step} ...", flush=True)

    return tell
