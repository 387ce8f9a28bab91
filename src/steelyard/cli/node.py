"""`steelyard node`: run a node, prove its journal, copy it.

Exit codes: 0 done, 2 usage, 4 `verify` found a fault, 70 a commit was in doubt, 71 drift, corruption or a
broken invariant, 72 fenced by another node, 73 a check at the start failed.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from cyclopts import App, CycloptsError, Parameter

if TYPE_CHECKING:
    from steelyard.node.config import Config
    from steelyard.node.replay import Proof

USAGE, FAULT_FOUND = 2, 4
GATEWAY = "steelyard.api.app:serve_gateway"

Flag = Annotated[bool, Parameter(negative=())]
File = Annotated[Path | None, Parameter(name=["--config", "-c"])]


def _one_line(error: CycloptsError) -> str:
    """Say what is wrong with the options in one line."""
    return f"steelyard node: {' '.join(str(error).split())}"


app = App(
    name="node",
    help="Run a node, prove its journal, copy it.",
    error_formatter=_one_line,
    version_flags=(),
)


@app.command
def run(
    *,
    config: File = None,
    gateways: int | None = None,
    listen: str | None = None,
    paranoid: Flag = False,
    take_over: Flag = False,
    accept_gap: Flag = False,
    no_gateway: Flag = False,
) -> int:
    """Run a node until it is told to stop.

    Parameters
    ----------
    config
        The settings file, or the folder that holds steelyard.toml.
    gateways
        Gateway processes; 0 serves from the node's own process.
    listen
        Where gateways listen: host:port, or unix: and a path.
    paranoid
        Check every invariant after every group.
    take_over
        Go on although another node holds the journal: that one is fenced.
    accept_gap
        Start although the clock is far ahead of the last row.
    no_gateway
        Serve nothing: only the journal, for gateways started elsewhere.
    """
    from steelyard.node.process import run_node

    flags = {"gateways": gateways, "listen": listen, "paranoid": paranoid or None}
    settings = load(config, flags)
    return run_node(settings, "" if no_gateway else GATEWAY, take_over=take_over, accept_gap=accept_gap)


@app.command
def verify(*, config: File = None, contents: Flag = False, json: Flag = False) -> int:
    """Check the chain of the journal, its snapshots, and that the evidence it names is there.

    Parameters
    ----------
    config
        The settings file, or the folder that holds steelyard.toml.
    contents
        Read every piece of evidence against its digest too.
    json
        Print one JSON object.
    """
    from steelyard.node.verify import verify as verify_all
    from steelyard.storage.opening import open_evidence

    settings = load(config)
    with journal_of(settings) as journal, progress("rows verified") as tell:
        evidence = open_evidence(settings.address("evidence"))
        try:
            report = verify_all(journal, evidence, contents=contents, tell=tell)
        finally:
            evidence.close()
    _show(msgspec.to_builtins(report), json=json)
    return FAULT_FOUND if report.faults else 0


@app.command
def replay(
    *,
    config: File = None,
    from_: Annotated[int | None, Parameter(name="--from")] = None,
    to: int | None = None,
    paranoid: Flag = False,
    json: Flag = False,
) -> int:
    """Run the journal again and compare every outcome, leg record, hash and invariant.

    Parameters
    ----------
    config
        The settings file, or the folder that holds steelyard.toml.
    from_
        1 replays all of it; another row begins at the newest snapshot before it. Default: only what is after
        the newest snapshot, which may be nothing.
    to
        The last row to replay.
    paranoid
        Check every invariant after every row, not only at the end.
    json
        Print one JSON object.
    """
    from steelyard.node.replay import prove

    settings = load(config)
    with journal_of(settings) as journal, progress("rows replayed") as tell:
        proof = prove(journal, after=from_ - 1 if from_ else None, to=to, every_row=paranoid, tell=tell)
    if json:
        _show(msgspec.to_builtins(proof), json=True)
    else:
        print(verdict(proof))
    return 0


def verdict(proof: "Proof") -> str:
    """Say in one line what a replay proved, and plainly where nothing was replayed."""
    rows = f"rows 1-{proof.last_seq:,} chained"
    state = f"state hash {proof.state_hash}"
    if not proof.commands:
        return (
            f"nothing replayed, as the newest snapshot is of the last row (--from 1 replays all): {rows},"
            f" no invariant broken, {state}"
        )
    snapshot = ", same as the snapshot there" if proof.same_as_snapshot else ""
    return (
        f"journal is good: {rows}, replayed {proof.commands:,} commands from row {proof.first_seq:,} in"
        f" {proof.seconds:.1f} s, every outcome and leg as recorded, {state}{snapshot}"
    )


@app.command
def state_hash(*, config: File = None, at: int | None = None) -> int:
    """Print the hash of the state after a row.

    Parameters
    ----------
    config
        The settings file, or the folder that holds steelyard.toml.
    at
        The row; default: the last.
    """
    from steelyard.node.replay import load as load_state

    settings = load(config)
    with journal_of(settings) as journal:
        loaded = load_state(journal, to=at)
    print(f"{loaded.head.seq} {loaded.machine.world.state_hash().hex()}")
    return 0


@app.command
def snapshot(*, config: File = None) -> int:
    """Write a snapshot: by the node where one runs, else from the journal.

    Parameters
    ----------
    config
        The settings file, or the folder that holds steelyard.toml.
    """
    from steelyard.node.offline import write_snapshot

    settings = load(config)
    with journal_of(settings):
        print(write_snapshot(settings))
    return 0


@app.command
def rebuild_projection(*, config: File = None) -> int:
    """Make the tables for questions anew from row 1, beside those that serve, and swap.

    Parameters
    ----------
    config
        The settings file, or the folder that holds steelyard.toml.
    """
    from steelyard.storage.projection import rebuild

    settings = load(config)
    with journal_of(settings) as journal, progress("rows projected") as tell:
        print(rebuild(settings.address("projection"), journal, tell=tell))
    return 0


@app.command
def backup(folder: Path, /, *, config: File = None, json: Flag = False) -> int:
    """Copy journal, evidence and access into a new folder, consistent, without stopping the node.

    Parameters
    ----------
    folder
        Where the copy goes; it must be empty or not there.
    config
        The settings file, or the folder that holds steelyard.toml.
    json
        Print one JSON object.
    """
    from steelyard.node.backup import BackupFault
    from steelyard.node.backup import backup as copy

    try:
        manifest = copy(load(config), folder)
    except (BackupFault, OSError) as fault:
        return _say(str(fault), USAGE)
    _show({name: entry["bytes"] for name, entry in manifest["files"].items()}, json=json)
    return 0


@app.command
def restore(folder: Path, /, *, config: File = None, json: Flag = False) -> int:
    """Write a copy into the empty stores that the settings name, and verify it.

    Parameters
    ----------
    folder
        The folder that `backup` made.
    config
        The settings file, or the folder that holds steelyard.toml.
    json
        Print one JSON object.
    """
    from steelyard.node.backup import BackupFault
    from steelyard.node.backup import restore as write

    settings = load(config)
    try:
        with progress("rows verified") as tell:
            report = write(folder, settings, tell=tell)
    except (BackupFault, OSError) as fault:
        return _say(str(fault), USAGE)
    _show(msgspec.to_builtins(report), json=json)
    return FAULT_FOUND if report.faults else 0


def load(config: Path | None, flags: dict[str, Any] | None = None) -> "Config":
    """Give the settings, or end with the reason in one line and exit code 2.

    What is made from now on (databases, copies, exports) is readable by this user alone.
    """
    from steelyard.node.config import PRIVATE, ConfigFault, load_config

    os.umask(PRIVATE)
    try:
        return load_config(config, flags=flags)[0]
    except ConfigFault as fault:
        raise SystemExit(_say(str(fault), USAGE)) from fault


@contextmanager
def journal_of(settings: "Config") -> Iterator[Any]:
    """Open the journal for reading; what is wrong with it ends the command with its exit code."""
    from steelyard.node.exits import Stop
    from steelyard.storage.journal import CorruptJournal, JournalError
    from steelyard.storage.opening import open_journal

    journal = open_journal(settings.address("journal"), profile=settings.commit_profile)
    try:
        yield journal
    except Stop as stop:
        raise SystemExit(_say(stop.why, stop.exit_code)) from stop
    except CorruptJournal as error:
        raise SystemExit(_say(str(error), error.exit_code)) from error
    except JournalError as error:
        raise SystemExit(_say(str(error), 73)) from error
    finally:
        journal.close()


@contextmanager
def progress(what: str) -> Iterator[Callable[[int], None]]:
    """Show how far a long work is: a line that moves on a terminal, else a line a minute."""
    terminal, told = sys.stderr.isatty(), [time.monotonic()]
    every = 0.2 if terminal else 60.0

    def tell(done: int) -> None:
        now = time.monotonic()
        if now - told[0] > every:
            told[0] = now
            print(f"\r{done:,} {what}" if terminal else f"{done:,} {what}", end="" if terminal else "\n",
                  file=sys.stderr, flush=True)  # fmt: skip

    yield tell
    if terminal:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _show(found: dict[str, Any], *, json: bool) -> None:
    """Print a result: one JSON object, or a line for each part."""
    if json:
        print(msgspec.json.encode(found).decode())
        return
    for name, value in found.items():
        for line in value if isinstance(value, list) else [value]:
            print(f"{name}\t{line}")


def _say(text: str, code: int) -> int:
    print(f"steelyard node: {text}", file=sys.stderr)
    return code
