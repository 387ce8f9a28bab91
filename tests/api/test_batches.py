"""Batches: asked for, solved by a solver's process, reported to all, proved to auditors."""

import time
from uuid import UUID

import msgspec
import pytest

from steelyard.liquidity import batch_file
from steelyard.liquidity.file_shapes import snap_of
from steelyard.node.offline import queue_of
from tests.api.conftest import begin
from tests.api.test_liquidity import pay
from tests.api.world import GHAF, MRUL, SIDR, TAMR

RING = ((GHAF, SIDR, "150000000.00"), (SIDR, TAMR, "150000000.00"), (TAMR, GHAF, "140000000.00"))


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """Three banks that wait for each other's money; the batch that the second brought about, once there is a solver."""
    live, end = begin(tmp_path_factory.mktemp("batches"))
    for payer, payee, value in RING:
        pay(live, payee, value, key=payer)
    live.desk = live.run(solver(live))
    live.batch = live.get("/v1/batches").json["items"][0]["batch_id"]
    ended(live, live.batch)
    yield live
    live.run(live.desk.end())
    end()


def ended(live, batch):
    """Wait until a batch is applied and give its report."""
    until = time.monotonic() + 40
    while (report := live.get(f"/v1/batches/{batch}").json)["state"] == "open":
        assert time.monotonic() < until, report
        time.sleep(0.05)
    return report


async def solver(live):
    return live.world.node.solve()


def test_a_batch_is_reported(net):
    """The ring settles: 150 there, 150 on, 140 back, with 100 each to begin with."""
    report = net.get(f"/v1/batches/{net.batch}").json

    assert ("currency", ["AED"], "doubled", "applied") == (
        report["kind"], report["currencies"], report["trigger"], report["state"]
    )  # fmt: skip
    assert (3, "44000000000", 3, "44000000000", 0) == (
        report["queued_count"], report["queued"], report["settled_count"], report["settled"], report["left_count"]
    )  # fmt: skip
    assert ("44000000000", 0, True) == (report["bound"], report["distance_bp"], report["proved"])
    assert report["oldest"] is None
    assert report["solver"].startswith("or-tools")


def test_everybody_sees_the_figures_and_its_own_row_alone(net):
    for key, rows in ((GHAF, [GHAF]), (TAMR, [TAMR]), (MRUL, []), ("STAGAEA0", [GHAF, SIDR]),
                      ("operator", [GHAF, SIDR, TAMR]), ("auditor", [GHAF, SIDR, TAMR])):  # fmt: skip
        report = net.get(f"/v1/batches/{net.batch}", key=key).json

        assert ("44000000000", "44000000000") == (report["settled"], report["bound"]), key
        assert rows == [one["participant"] for one in report["participants"]], key
    (row,) = net.get(f"/v1/batches/{net.batch}", key=GHAF).json["participants"]
    assert ("150000000.00", "140000000.00", "0.00") == tuple(
        row[name]["value"] for name in ("paid", "received", "left")
    )


def test_batches_are_listed_newest_first(net):
    (row,) = net.get("/v1/batches?currency=AED&kind=currency", key=MRUL).json["items"]

    assert (net.batch, "44000000000", 0) == (row["batch_id"], row["settled"], row["distance_bp"])
    assert GHAF not in net.get("/v1/batches.csv", key=MRUL).body.decode()
    assert [] == net.get("/v1/batches?currency=INR").json["items"]


def test_who_is_in_a_batch_is_told_what_it_did_for_him(net):
    told = {}
    for key in (GHAF, SIDR, TAMR, MRUL):
        rows = net.get("/v1/events?type=batch.applied&limit=1000", key=key).json["items"]
        told[key] = [one["data"] for one in rows if one["subject"] == net.batch]

    assert [1, 1, 1, 0] == [len(rows) for rows in told.values()]
    (row,) = told[TAMR]
    assert ("140000000.00", "150000000.00") == (row["paid_minor"]["value"], row["received_minor"]["value"])


def test_the_proof_is_for_those_who_audit(net):
    """It tells who pays whom how much: not for participants, nor the overseer of another currency."""
    path = f"/v1/batches/{net.batch}/certificate"
    for key in ("operator", "auditor", "STAGAEA0 overseer"):
        found = net.get(path, key=key).json

        assert ("steelyard-batch/1", "steelyard-certificate/1") == (
            found["format"], found["certificates"][0]["format"]
        )  # fmt: skip
        assert GHAF in found["certificates"][0]["nodes"]
        verdict = batch_file.verify(batch_file.read(net.get(path, key=key).body))
        assert ((), len(found["certificates"])) == (verdict.faults, verdict.certificates)
    assert [403, 403, 404] == [
        net.get(path, key=key).status for key in (GHAF, "STAGAEA0", "STAGINB0 overseer")
    ]


def test_the_queue_is_found_anew_in_the_journal_and_bears_the_proof(net):
    """By replay: who holds the journal checks that the networks are those of the queue."""
    file = batch_file.read(net.get(f"/v1/batches/{net.batch}/certificate", key="auditor").body)
    journal = net.world.node.journal
    queue = snap_of(queue_of(journal, UUID(net.batch).bytes))
    queue = batch_file.read_snapshot(msgspec.json.encode(queue))
    verdict = batch_file.verify(file, queue)

    assert ((), True) == (verdict.faults, verdict.has_queue)
    assert {payer for payer, _, _ in RING} == {one.payer for one in queue.payments}
    assert queue_of(journal, bytes(16)) is None
    balances = dict(queue.balances) | {GHAF: queue.balances[GHAF] + 1}
    assert batch_file.verify(file, msgspec.structs.replace(queue, balances=balances)).faults


def test_who_may_ask_for_a_batch(net):
    """The operator for all, a settlement agent for its own currency, nobody else."""
    for key, body, answer in (
        (GHAF, {"currency": "AED"}, 403), ("STAGAEA0", {"currency": "INR"}, "OBJECT_IS_NOT_YOURS"),
        ("operator", {"currency": "XXX"}, "CURRENCY_NOT_FOUND"), ("operator", {}, "POOL_HAS_NO_CURRENCIES"),
    ):  # fmt: skip
        found = net.post("/v1/batches", body, key=key)
        refusal = (found.json.get("refusal") or {}).get("code")

        assert answer == (refusal if found.status == 200 else found.status), found
    done = net.post("/v1/batches", {"currency": "INR"}, key="STAGINB0")
    assert ("done", "open") == (done.json["outcome"], done.json["state"])
    assert f"/v1/batches/{done.json['subject']}" == done.headers["location"]
    report = ended(net, done.json["subject"])
    assert ("command", 0, "0", None) == (
        report["trigger"], report["queued_count"], report["settled"], report["oldest"]
    )  # fmt: skip


def test_what_is_left_is_told_to_who_pays_it(net):
    """The payment that waits longest, with the reason: to its sender and who oversees it."""
    uetr = pay(net, TAMR, "999999999.00", key=MRUL, asset="ZAR", may_split=False)
    done = net.post("/v1/batches", {"currency": "ZAR"}, key="operator").json
    report = ended(net, done["subject"])

    assert (1, "99999999900", None) == (report["left_count"], report["left"], report["oldest"])
    oldest = net.get(f"/v1/batches/{done['subject']}", key=MRUL).json["oldest"]
    assert (uetr, "LIQUIDITY_IS_SHORT", "opt_out") == (oldest["uetr"], oldest["rule"], oldest["why"])


def test_a_batch_that_is_still_open_has_no_figures_and_no_proof(own):
    """And a stranger's id is not found."""
    batch = own.post("/v1/batches", {"currency": "ZAR"}, key="operator").json["subject"]
    report = own.get(f"/v1/batches/{batch}").json
    (row,) = own.get("/v1/batches").json["items"]

    assert ("open", None, None, []) == tuple(
        report[name] for name in ("state", "settled", "bound", "participants")
    )
    assert ("open", None, None) == tuple(row[name] for name in ("state", "settled", "distance_bp"))
    assert 404 == own.get(f"/v1/batches/{batch}/certificate", key="auditor").status
    assert 404 == own.get("/v1/batches/01a207a2-3280-d03b-c267-1ae5d1ae88eb").status
