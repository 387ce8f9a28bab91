"""What an operator does with a journal at hand: a snapshot beside or without a running node, a row explained."""

import asyncio
from typing import Any

import msgspec

from steelyard.engine.records import ACTS, unpack_all
from steelyard.flows.command import decode_command, decode_outcome
from steelyard.flows.facts import decode_fact
from steelyard.flows.registry import BY_NAME
from steelyard.node.config import Config
from steelyard.node.link import LinkLost
from steelyard.node.link_client import StreamLink
from steelyard.node.replay import load
from steelyard.node.snapshot import take
from steelyard.storage.frames import Act, iter_acts
from steelyard.storage.journal import CorruptJournal, Row
from steelyard.storage.opening import open_journal
from steelyard.values.instants import format_instant


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
    entry = BY_NAME.get((command.name, command.version))
    fields = entry.decode(command.fields) if entry else msgspec.msgpack.decode(command.fields)
    return {
        "position": act.position,
        "name": command.name,
        "sender": command.sender,
        "actor": command.actor,
        "at": format_instant(command.at_ns),
        "id": command.id.hex(),
        "fields": _plain(_named(fields)),
        "added": _plain(msgspec.msgpack.decode(command.added)),
        "outcome": {"code": outcome.code, "refusal": outcome.refusal, "leg": outcome.leg},
        "facts": [_plain(_named(decode_fact(fact))) for fact in outcome.facts],
        "notices": [_plain(_named(notice)) for notice in outcome.notices],
        "legs": [_plain({**leg._asdict(), "act": ACTS[leg.act - 1]}) for leg in unpack_all(bytes(act.legs))],
        "packed": len(act.packed_commands) // 128,
    }


def _named(value: Any) -> Any:
    """Give a struct as a dict of its field names, its tag included."""
    if not isinstance(value, msgspec.Struct):
        return value
    found = {name: getattr(value, name) for name in value.__struct_fields__}
    tag = value.__struct_config__.tag
    return {"fact": tag, **found} if tag else found


def _plain(value: Any) -> Any:
    """Give bytes as hex and numbers over 64 bits as text, all the way down."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if isinstance(value, msgspec.Raw):
        return _plain(msgspec.msgpack.decode(value))
    if isinstance(value, msgspec.Struct):
        return _plain(_named(value))
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 63:
        return f"{value:x}" if value >= 0 else str(value)
    return value
