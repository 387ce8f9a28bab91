"""The genesis file and row 1: what a journal fixes for ever, before anything else can happen.

The file is TOML, written by `steelyard init`. Its SHA-256 stands in row 1, so a node that is started with
another file does not start. It names persons by id only: who they are is not the journal's to know.
"""

import re
import time
import tomllib
from hashlib import sha256
from pathlib import Path

import msgspec

from steelyard.flows.genesis import GenesisFields, GenesisPerson, name_faults
from steelyard.flows.machine import Machine
from steelyard.flows.rules import RULES
from steelyard.flows.world import World
from steelyard.members.people import PERSON, id_is_shaped
from steelyard.node.exits import StartCheck
from steelyard.node.group import Group
from steelyard.node.own import GENESIS, own_command
from steelyard.storage.journal import Head, Journal, head_after, next_row
from steelyard.values.instants import format_instant, parse_instant

FILE_NAME = "genesis.toml"
_KEY = re.compile(r"(?:[0-9a-fA-F]{64})?")


class Person(msgspec.Struct, frozen=True):
    """One of the first operator persons. `public_key` is 32 bytes in hex, empty until enrolled."""

    id: str
    public_key: str = ""


class Genesis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What row 1 fixes. `begins_at` (ns) is where a simulated clock begins, 0 with the system's."""

    network_id: str
    node_prefix: str
    hub_bic: str
    log_id: str
    clock: str = "system"
    begins_at: int = 0
    persons: tuple[Person, ...] = ()


class GenesisFault(StartCheck):
    """The genesis file cannot be used."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file as it is written."""

    network_id: str
    node_prefix: str
    hub_bic: str
    log_id: str
    person: list[Person]
    clock: str = "system"
    begins_at: str = ""


def write_genesis(path: Path, genesis: Genesis) -> None:
    """Write the file; one that is there is not touched."""
    lines = [
        "# What row 1 of this node's journal fixes for ever. A node whose file differs from row 1 does not start.",
        f'network_id = "{genesis.network_id}"',
        f'node_prefix = "{genesis.node_prefix}"',
        f'hub_bic = "{genesis.hub_bic}"',
        f'log_id = "{genesis.log_id}"',
        f'clock = "{genesis.clock}"',
    ]
    if genesis.begins_at:
        lines.append(f'begins_at = "{format_instant(genesis.begins_at)}"')
    for person in genesis.persons:
        lines += ["", "[[person]]", f'id = "{person.id}"', f'public_key = "{person.public_key}"']
    with path.open("x", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def read_genesis(path: Path) -> tuple[Genesis, bytes]:
    """Read the file and give it with the SHA-256 of its bytes; GenesisFault names what is wrong."""
    try:
        content = path.read_bytes()
        found = msgspec.convert(tomllib.loads(content.decode("utf-8")), _File)
        begins_at = _instant(found.begins_at)
    except FileNotFoundError as error:
        raise GenesisFault(f"{path} is not there: `steelyard init` makes one") from error
    except (tomllib.TOMLDecodeError, msgspec.MsgspecError, ValueError) as error:
        raise GenesisFault(f"{path}: {error}") from error
    genesis = Genesis(
        network_id=found.network_id, node_prefix=found.node_prefix, hub_bic=found.hub_bic, log_id=found.log_id,
        clock=found.clock, begins_at=begins_at, persons=tuple(found.person),
    )  # fmt: skip
    faults = genesis_faults(genesis)
    if faults:
        raise GenesisFault(f"{path}: {'; '.join(faults)}")
    return genesis, sha256(content).digest()


def begin(journal: Journal, head: Head, path: Path) -> tuple[Machine, Head]:
    """Write row 1 of an empty journal from the genesis file and give the state and head after it."""
    genesis, digest = read_genesis(path)
    at = genesis.begins_at or time.time_ns()
    machine = Machine()
    command = own_command(GENESIS, _fields(genesis, digest), at=at, number=1)
    applied = machine.apply(command, at=at)
    if not applied.recorded or applied.outcome.code:
        raise GenesisFault(f"{path}: refused ({applied.refusal or applied.outcome.refusal})")
    group = Group(1)
    group.record(command, applied)
    row = next_row(head, time_first=at, time_last=at, count=1, body=group.writer.body())
    journal.append(row)
    return machine, head_after(row)


def check_genesis(world: World, path: Path) -> None:
    """Raise GenesisFault where the file is there and is not the one of row 1."""
    if path.exists() and sha256(path.read_bytes()).digest() != world.network.genesis_digest:
        raise GenesisFault(f"{path} is not the genesis file of this journal")


def _instant(text: str) -> int:
    """Read an instant, 0 for none."""
    at = parse_instant(text) if text else 0
    if at is None:
        raise ValueError(f"begins_at: {text} is no instant of RFC 3339")
    return at


def genesis_faults(genesis: Genesis) -> list[str]:
    """Say everything for which row 1 would be refused, by field and rule; empty where all is right."""
    faults = name_faults(
        network_id=genesis.network_id, node_prefix=genesis.node_prefix, hub_bic=genesis.hub_bic,
        log_id=genesis.log_id,
    )  # fmt: skip
    if genesis.clock not in ("system", "simulated"):
        faults.append('clock is "system" or "simulated"')
    if (genesis.clock == "simulated") != bool(genesis.begins_at):
        faults.append("begins_at is named with a simulated clock, and only then")
    ids = [person.id for person in genesis.persons]
    if len(set(ids)) < 2 or len(set(ids)) != len(ids):
        faults.append("two operator persons are needed, each named once")
    for person in genesis.persons:
        if not id_is_shaped(person.id, PERSON):
            faults.append(f'person id "{person.id}": p- and 1 to 40 letters, digits or hyphens')
        if _KEY.fullmatch(person.public_key) is None:
            faults.append(f"public_key of {person.id}: empty, or 32 bytes as 64 hex digits")
    return faults


def _fields(genesis: Genesis, digest: bytes) -> GenesisFields:
    """Give the fields of the command of row 1."""
    return GenesisFields(
        network_id=genesis.network_id,
        node_prefix=genesis.node_prefix,
        hub_bic=genesis.hub_bic,
        log_id=genesis.log_id,
        clock=genesis.clock,
        persons=tuple(
            GenesisPerson(person.id, bytes.fromhex(person.public_key)) for person in genesis.persons
        ),
        rules=RULES,
        digest=digest,
    )
