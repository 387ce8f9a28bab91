"""Rows of batches, netting cycles and pools."""

from steelyard.flows import cycle_cut, liquidity_facts
from steelyard.flows.command import encode
from steelyard.payments.payment import Wait
from steelyard.storage.added import Added
from steelyard.storage.rows.statement import Handlers, Statements, json, named, put, simple


def _batch_asked(added: Added, fact: liquidity_facts.BatchRequested, key: int, n: int, at: int) -> None:
    added.upserts.append(
        (
            "batch.asked",
            (fact.number, fact.batch_id, fact.kind, " ".join(fact.assets), fact.trigger, fact.snapshot_seq, at,
             fact.tries, b"", key),
        )
    )  # fmt: skip


def _batch_over(added: Added, fact: liquidity_facts.BatchReported, key: int, n: int, at: int) -> None:
    """Keep a batch's report whole, and what it did for each participant."""
    report = json(named(fact)).decode()
    values = (
        fact.applied_at, fact.tries, fact.algorithm, str(int(fact.settled) + int(fact.parts)), fact.bound,
        fact.distance_bp, int(fact.proved), report, added.certificates, fact.number,
    )  # fmt: skip
    added.upserts.append(("batch.over", values))
    added.upserts += (("batch.member", (fact.number, *row)) for row in fact.participants)


def _cycle_moved(added: Added, fact: liquidity_facts.CycleMoved, key: int, n: int, at: int) -> None:
    added.upserts.append((
        "cycle",
        (fact.number, fact.cycle_id, " ".join(fact.assets), fact.trigger, fact.after, at, fact.cut_at,
         fact.cut_seq, fact.due_at, fact.deadline_at, fact.reason, b"", key),
    ))  # fmt: skip


def _cycle_cut(added: Added, fact: liquidity_facts.CycleCut, key: int, n: int, at: int) -> None:
    """Keep who is in a cycle, packed as it stands; each of them waits in it now."""
    added.upserts.append(("cycle.cut", (fact.number, encode((fact.names, fact.rows)))))
    waits = int(Wait.CYCLE)
    added.upserts += (
        ("cycle.holds", (waits, one.uetr)) for one in cycle_cut.obligations(fact.names, fact.rows)
    )


def _cycle_planned(added: Added, fact: liquidity_facts.CyclePlanned, key: int, n: int, at: int) -> None:
    """Keep a cycle's plan whole, and what it means for each participant."""
    plan = json(named(fact)).decode()
    values = (fact.algorithm, int(fact.proved), plan, added.certificates, fact.number)
    added.upserts += [("cycle.planned", values), ("cycle.anew", (fact.number,))]
    added.upserts += (("cycle.member", (fact.number, *row, 0)) for row in fact.nets)


def _cycle_over(added: Added, fact: liquidity_facts.CycleReported, key: int, n: int, at: int) -> None:
    added.upserts.append(("cycle.over", (fact.closed_at, json(named(fact)).decode(), fact.number)))


STATEMENTS: Statements = {
    "batch.asked": put(
        "batch",
        "number batch_id kind assets trigger snapshot_seq started_at tries certificates key",
        "number",
        keep="started_at key",
    ),
    "batch.over": "UPDATE batch SET applied_at = ?, tries = ?, algorithm = ?, settled = ?, bound = ?,"
    " distance_bp = ?, proved = ?, report = ?, certificates = ? WHERE number = ?",
    "cycle": put(
        "cycle",
        "number cycle_id assets trigger state opened_at cut_at cut_seq due_at deadline_at reason certificates key",
        "number",
        keep="cycle_id assets trigger opened_at certificates key",
    ),
    "cycle.cut": put("cycle_cut", "number members", "number"),
    "cycle.holds": "UPDATE payment SET waits = ?, reason = 0 WHERE uetr = ?",
    "cycle.planned": "UPDATE cycle SET algorithm = ?, proved = ?, plan = ?, certificates = ? WHERE number = ?",
    "cycle.anew": "UPDATE cycle_member SET paid_out = '0', received = '0' WHERE number = ?",
    "cycle.member": put(
        "cycle_member",
        "number participant asset paid_out received called_minor paid_in_minor",
        "number participant asset",
        keep="paid_in_minor",
    ),
    "cycle.paid": "UPDATE cycle_member SET paid_in_minor = ? WHERE participant = ? AND asset = ? AND number ="
    " (SELECT number FROM cycle WHERE cycle_id = ?)",
    "cycle.over": "UPDATE cycle SET closed_at = ?, report = ? WHERE number = ?",
    "cycle.schedule": put("cycle_schedule", "assets cuts key", "assets"),
    "batch.member": put(
        "batch_member",
        "number participant asset paid received remaining",
        "number participant asset",
    ),
    "pool": put("pool_choice", "participant currencies home cap_minor key", "participant"),
}

HANDLERS: Handlers = {
    liquidity_facts.BatchRequested: _batch_asked,
    liquidity_facts.BatchReported: _batch_over,
    liquidity_facts.CycleMoved: _cycle_moved,
    liquidity_facts.CycleCut: _cycle_cut,
    liquidity_facts.CyclePlanned: _cycle_planned,
    liquidity_facts.CycleReported: _cycle_over,
    liquidity_facts.CyclePaid: simple("cycle.paid", "paid_minor", "participant", "asset", "cycle_id"),
    liquidity_facts.CycleScheduled: lambda added, fact, key, n, at: added.upserts.append(
        ("cycle.schedule", (" ".join(fact.assets), " ".join(map(str, fact.cuts)), key))
    ),
    liquidity_facts.PoolChosen: simple("pool", "participant", "currencies", "home", "cap_minor", "key"),
}  # fmt: skip
