"""What an operator does with a journal at hand: a snapshot beside or without a running node, a row explained."""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

import msgspec

from steelyard.engine.records import ACTS, unpack_all
from steelyard.flows import batch_snapshot
from steelyard.flows.command import Command, decode_command, decode_outcome
from steelyard.flows.machine import Machine
from steelyard.flows.registry import BY_NAME
from steelyard.flows.settled_rows import each_fact, each_notice
from steelyard.flows.world import World
from steelyard.liquidity.batches import Batch
from steelyard.liquidity.fx_snapshot import BatchSnapshot
from steelyard.liquidity.snapshot import CycleSnapshot
from steelyard.node.config import Config
from steelyard.node.link import LinkLost
from steelyard.node.link_client import StreamLink
from steelyard.node.replay import load
from steelyard.node.snapshot import take
from steelyard.storage.frames import Act, iter_acts
from steelyard.storage.journal import CorruptJournal, Journal, Row
from steelyard.storage.opening import open_journal
from steelyard.values.instants import format_date, format_instant

UUIDS = frozenset(
    "id bundle_id uetr uetrs original quote_id trade proposal redemption funding cover_of statement reference"
    " subject".split()
)
"""Fields that hold ids of 16 bytes."""
IN_LEGS = frozenset(("bundle_id", "reference", "original"))
"""Those that a leg record holds as numbers."""
INSTANTS = frozenset(("at", "valid_from", "valid_to", "in_force_from"))


def write_snapshot(config: Config) -> int:
    """Write a snapshot and give its row: by the node where one answers, else by a replay here.

    A newest snapshot that does not fit its hash is passed over: this is how it is replaced.
    """
    try:
        return asyncio.run(_ask_node(config))
    except (OSError, LinkLost):
        return _write_here(config)


async def _ask_node(config: Config) -> int:
    link = await StreamLink.connect(str(config.link_path), name="snapshot")
    try:
        return int((await link.read("snapshot")).decoded(int))
    finally:
        await link.close()


def _write_here(config: Config) -> int:
    journal = open_journal(config.address("journal"), profile=config.commit_profile)
    try:
        journal.open("snapshot")
        try:
            loaded = load(journal)
        except CorruptJournal:
            loaded = load(journal, snapshot_at_most=0)
        journal.save_snapshot(take(loaded.machine.world, loaded.head.seq))
        return loaded.head.seq
    finally:
        journal.close()


def queue_of(journal: Journal, batch_id: bytes) -> BatchSnapshot | CycleSnapshot | None:
    """Give what a batch was computed from, taken anew by a replay from row 1; None where none was asked for.

    A batch that was asked for again has the snapshot of the last time: its proposal answers that one.
    """
    found: list[BatchSnapshot | CycleSnapshot] = []

    def take(world: World, batch: Batch) -> None:
        if batch.batch_id == batch_id:
            found.append(batch_snapshot.of(world, batch, world.now))

    def watch(machine: Machine) -> None:
        machine.world.on_batch = take
        if found and machine.world.batches.find(batch_id) is None:
            raise _Over

    with contextlib.suppress(_Over):
        load(journal, snapshot_at_most=0, check=watch)
    return found[-1] if found else None


class _Over(Exception):
    """The batch that is looked for is over: nothing after it matters."""


def explain(row: Row) -> dict[str, Any]:
    """Give a row as names and values that JSON can hold."""
    return {
        "seq": row.seq,
        "prev_hash": row.prev_hash.hex(),
        "hash": row.hash.hex(),
        "epoch": row.epoch,
        "time_first": format_instant(row.time_first),
        "time_last": format_instant(row.time_last),
        "count": row.count,
        "bytes": len(row.body),
        "commands": [_explain_act(act) for act in iter_acts(row.body)],
    }


def _explain_act(act: Act) -> dict[str, Any]:
    command, outcome = decode_command(act.command), decode_outcome(act.outcome)
    return {
        "position": act.position,
        "name": command.name,
        "sender": command.sender,
        "actor": command.actor,
        "at": format_instant(command.at_ns),
        "id": str(UUID(bytes=command.id)),
        "fields": _fields(command),
        "added": plain(msgspec.msgpack.decode(command.added)),
        "outcome": {"code": outcome.code, "refusal": outcome.refusal, "leg": outcome.leg},
        "facts": [plain(_named(fact)) for fact in each_fact(outcome.facts)],
        "notices": [plain(_named(notice)) for notice in each_notice(outcome.facts, outcome.notices)],
        "legs": [plain({**leg._asdict(), "act": ACTS[leg.act - 1]}) for leg in unpack_all(bytes(act.legs))],
        "packed": len(act.packed_commands) // 128,
    }


def _explain_inner(inner: bytes) -> dict[str, Any]:
    command = decode_command(inner)
    return {"name": command.name, "actor": command.actor,
            "id": str(UUID(bytes=command.id)), "fields": _fields(command)}  # fmt: skip


def _fields(command: Command) -> Any:
    """Give a command's fields by name, or as they lie where this release does not know the command."""
    entry = BY_NAME.get((command.name, command.version))
    return plain(_named(entry.decode(command.fields) if entry else msgspec.msgpack.decode(command.fields)))


def _named(value: Any) -> Any:
    """Give a struct as a dict of its field names, its tag included."""
    if not isinstance(value, msgspec.Struct):
        return value
    found = {name: getattr(value, name) for name in value.__struct_fields__}
    tag = value.__struct_config__.tag
    return {"fact": tag, **found} if tag else found


def plain(value: Any) -> Any:
    """Give ids as UUIDs, instants and days as such, other bytes as hex, all the way down; 0 and b"" stay none."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, msgspec.Raw):
        return plain(msgspec.msgpack.decode(value))
    if isinstance(value, msgspec.Struct):
        return plain(_named(value))
    if isinstance(value, dict):
        return {str(name): _readable(str(name), item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 63:
        return str(value)
    return value


def _readable(name: str, value: Any) -> Any:
    """Give the value of a field whose name tells what it is; others by their kind."""
    if name == "inner" and isinstance(value, bytes) and value:  # the command that a proposal holds
        return _explain_inner(value)
    if name in UUIDS:
        if isinstance(value, int) and name in IN_LEGS:
            return str(UUID(int=value)) if value else ""
        if isinstance(value, (bytes, memoryview)) and len(value) == 16:
            return str(UUID(bytes=bytes(value)))
        if isinstance(value, (list, tuple)) and name == "uetrs":
            return [_readable(name, item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        if name.endswith("_at") or name in INSTANTS:
            return format_instant(value)
        if name.endswith("_on"):
            return format_date(value)
    return plain(value)
