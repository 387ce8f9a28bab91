"""`steelyard init DIR` and `steelyard config show`: begin a node that is no demo, and see its settings."""

import getpass
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from cyclopts import App, CycloptsError, Parameter

from steelyard.cli.node import USAGE, File, Flag

PASSPHRASE = "STEELYARD_NODE_KEY_PASSPHRASE"


def _one_line(error: CycloptsError) -> str:
    """Say what is wrong with the options in one line."""
    return f"steelyard: {' '.join(str(error).split())}"


app = App(name="init", help="Begin a new node.", error_formatter=_one_line, version_flags=())
config_app = App(name="config", help="Show settings.", error_formatter=_one_line, version_flags=())


@app.default
def init(
    folder: Path,
    /,
    *,
    network: str,
    hub_bic: str,
    profile: Literal["demo", "test", "embedded", "production"] = "embedded",
    journal: str = "",
    simulated_from: Annotated[str, Parameter(name="--simulated-from")] = "",
    json: Flag = False,
) -> int:
    """Write settings, node key, genesis file and two one-time enrolment codes, shown once.

    The passphrase of the node key is read from STEELYARD_NODE_KEY_PASSPHRASE, or asked for on a terminal; only
    in the profiles demo and test may it be empty.

    Parameters
    ----------
    folder
        The new node's folder.
    network
        The network's id: letters, digits and hyphens.
    hub_bic
        The BIC under which the node sends messages.
    profile
        What the node is for.
    journal
        A PostgreSQL address; empty keeps everything in the folder, on SQLite.
    simulated_from
        Give the node a simulated clock that begins at this instant (RFC 3339).
    json
        Print one JSON object.
    """
    from steelyard.node.init import AlreadyThere, InitFault, NeedsPassphrase
    from steelyard.node.init import init as make
    from steelyard.storage.journal import JournalError
    from steelyard.values.instants import parse_instant

    begins_at = parse_instant(simulated_from) if simulated_from else 0
    if begins_at is None:
        return _say(f"{simulated_from} is no instant of RFC 3339")
    secret = _passphrase(needed=profile not in ("demo", "test"))
    try:
        made = make(
            folder, network_id=network, hub_bic=hub_bic, profile=profile, passphrase=secret,
            begins_at=begins_at, journal=journal,
        )  # fmt: skip
    except InitFault as error:
        for fault in error.faults:
            _say(_by_flag(fault))
        return USAGE
    except (AlreadyThere, NeedsPassphrase, JournalError, OSError) as error:
        return _say(str(error))
    if json:
        found: dict[str, Any] = {
            "folder": str(made.folder), "public_key": made.public_key.hex(), "codes": dict(made.codes)
        }  # fmt: skip
        print(msgspec.json.encode(found).decode())
        return 0
    print(f"node\t{made.folder}\npublic key\t{made.public_key.hex()}")
    for person, code in made.codes:
        print(f"enrolment code of {person}\t{code}")
    print("The codes are shown this once and hold for 24 hours.")
    print(f"Next: steelyard node run --config {made.folder}")
    return 0


@config_app.command
def show(*, config: File = None, origin: Flag = False, json: Flag = False) -> int:
    """Show every setting with its value.

    Parameters
    ----------
    config
        The settings file, or the folder that holds steelyard.toml.
    origin
        Say where each value comes from: flag, environment, file or default.
    json
        Print one JSON object.
    """
    from steelyard.node.config import NAMES, ConfigFault, load_config, shown

    try:
        settings, origins = load_config(config)
    except ConfigFault as fault:
        return _say(str(fault))
    values = {name: shown(name, getattr(settings, name)) for name in NAMES}
    if json:
        found = {name: {"value": values[name], "origin": origins[name]} for name in NAMES}
        print(msgspec.json.encode(found).decode())
        return 0
    for name in NAMES:
        text = values[name] if isinstance(values[name], str) else msgspec.json.encode(values[name]).decode()
        print(f"{name}\t{text}\t{origins[name]}" if origin else f"{name}\t{text}")
    return 0


def _passphrase(*, needed: bool) -> str:
    given = os.environ.get(PASSPHRASE, "")
    if given or not needed or not sys.stdin.isatty():
        return given
    first = getpass.getpass("Passphrase of the node key: ")
    return first if first == getpass.getpass("Again: ") else ""


def _by_flag(fault: str) -> str:
    """Name the flag that gave what row 1 would refuse, where one did."""
    for name, flag in (("network_id ", "--network "), ("hub_bic ", "--hub-bic ")):
        if fault.startswith(name):
            return flag + fault.removeprefix(name)
    return fault


def _say(text: str) -> int:
    print(f"steelyard: {text}", file=sys.stderr)
    return USAGE
