"""`steelyard journal`: look at rows as they are recorded, and take them out for an auditor."""

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import App, CycloptsError, Parameter

from steelyard.cli.node import USAGE, File, Flag, journal_of, load


def _one_line(error: CycloptsError) -> str:
    """Say what is wrong with the options in one line."""
    return f"steelyard journal: {' '.join(str(error).split())}"


app = App(
    name="journal",
    help="Show rows of the journal, or export them.",
    error_formatter=_one_line,
    version_flags=(),
)


@app.command
def show(seq: int, /, *, config: File = None, json: Flag = False) -> int:
    """Show a row: its header, and each command with its outcome and legs.

    Parameters
    ----------
    seq
        The row.
    config
        The settings file, or the folder that holds steelyard.toml.
    json
        Print one JSON object.
    """
    from steelyard.node.offline import explain

    with journal_of(load(config)) as journal:
        rows = journal.read(seq - 1, limit=1)
    if not rows or rows[0].seq != seq:
        return _say(f"there is no row {seq}")
    found = explain(rows[0])
    if json:
        print(msgspec.json.encode(found).decode())
    else:
        _print(found)
    return 0


@app.command
def queue(batch: str, /, *, config: File = None) -> int:
    """Print what a batch was computed from, for `steelyard verify batch --snapshot`: found anew by a replay.

    It names every payer, payee and amount that waited, so it stays with who holds the journal.

    Parameters
    ----------
    batch
        Id of the batch.
    config
        The settings file, or the folder that holds steelyard.toml.
    """
    from uuid import UUID

    from steelyard.liquidity.file_shapes import snap_of
    from steelyard.liquidity.fx_snapshot import FxSnapshot
    from steelyard.liquidity.pvp_snapshot import PvpSnapshot
    from steelyard.liquidity.snapshot import PoolSnapshot, Snapshot
    from steelyard.node.offline import queue_of

    try:
        batch_id = UUID(batch).bytes
    except ValueError:
        return _say(f"{batch} is no id of a batch")
    with journal_of(load(config)) as journal:
        found = queue_of(journal, batch_id)
    if not isinstance(found, (Snapshot, PoolSnapshot, FxSnapshot, PvpSnapshot)):
        return _say(f"no batch {batch} of a queue, a pool, orders or the PvP queue was asked for")
    print(msgspec.json.encode(snap_of(found)).decode())
    return 0


@app.command
def export(
    file: Path,
    /,
    *,
    config: File = None,
    from_: Annotated[int, Parameter(name="--from")] = 1,
    to: int | None = None,
) -> int:
    """Write rows to a file whose chain anybody can check.

    Parameters
    ----------
    file
        The file to write; it must not be there.
    config
        The settings file, or the folder that holds steelyard.toml.
    from_
        The first row.
    to
        The last row; default: the last there is.
    """
    from steelyard.node.journal_file import write_rows
    from steelyard.node.replay import rows_after

    try:
        with journal_of(load(config)) as journal:
            print(write_rows(file, rows_after(journal, from_ - 1, to=to)))
    except OSError as error:
        return _say(str(error))
    return 0


def _print(found: dict[str, Any]) -> None:
    """Print a row for people: a line per part."""
    for name, value in found.items():
        if name != "commands":
            print(f"{name}\t{value}")
    for command in found["commands"]:
        print(f"\n{command['position']}\t{command['name']}\t{command['sender']}\t{command['at']}")
        for name in ("id", "actor", "fields", "added", "outcome", "facts", "notices"):
            if command[name]:
                print(f"\t{name}\t{msgspec.json.encode(command[name]).decode()}")
        for leg in command["legs"]:
            print(f"\tleg\t{msgspec.json.encode(leg).decode()}")


def _say(text: str) -> int:
    print(f"steelyard journal: {text}", file=sys.stderr)
    return USAGE
