"""Verify, backup and restore: what is copied under load is whole, and what is damaged is named."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from uuid import UUID

import pytest

from steelyard.engine.records import unpack_all
from steelyard.flows.command import decode_command, encode, raw
from steelyard.flows.fields import PayAdded
from steelyard.node.backup import BackupFault, backup, check_manifest, restore
from steelyard.node.exits import Stop
from steelyard.node.journal_file import MAGIC, read_rows, write_rows
from steelyard.node.link import Submission
from steelyard.node.offline import explain, plain, write_snapshot
from steelyard.node.replay import load, prove, rows_after
from steelyard.node.verify import digests_in, verify
from steelyard.storage.evidence import evidence
from steelyard.storage.frames import iter_acts
from steelyard.storage.journal import CorruptJournal, verify_chain
from steelyard.storage.opening import open_evidence, open_journal
from steelyard.values.instants import format_instant
from tests import postgres
from tests.node import toy
from tests.node.nodes import folder, run, running, settings


async def some_load(here, count=60):
    """Send payments with evidence, a few in flight at a time."""
    for start in range(0, count, 20):
        items = [
            Submission(toy.payment(n % 3, 3, 1), (evidence("party", b"%d" % n, at_ns=1),))
            for n in range(start, start + 20)
        ]
        await asyncio.gather(*here.link.submit_many(items))


def test_a_backup_under_load_restores_to_a_node_that_goes_on(tmp_path):
    """Without a stop; the copy verifies, replays and takes new commands."""

    async def original():
        config = folder(tmp_path / "a")
        async with running(config) as here:
            await here.begin()
            await some_load(here)
            load_on = asyncio.ensure_future(some_load(here, 200))
            await asyncio.to_thread(backup, config, tmp_path / "copy")
            await load_on

    async def again():
        async with running(settings(tmp_path / "b")) as here:
            assert 0 == (await here.do(toy.payment(0, 1, 9))).decoded().code
            await here.ask("state_hash")

    run(original())
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "steelyard.toml").write_text('profile = "test"\n')
    report = restore(tmp_path / "copy", settings(tmp_path / "b"))
    assert [] == report.faults
    assert report.rows > 3
    assert 0 == report.digests_missing
    run(again())
    journal = open_journal(tmp_path / "b" / "journal.db")
    prove(journal, after=0)
    journal.close()


def test_a_restore_writes_into_an_empty_place_only(tmp_path):
    """And from a copy that is what its manifest says only."""

    async def story():
        config = folder(tmp_path / "a")
        async with running(config) as here:
            await here.begin()
        backup(config, tmp_path / "copy")
        with pytest.raises(BackupFault, match="is there already"):
            restore(tmp_path / "copy", config)
        with pytest.raises(BackupFault, match="is not empty"):
            backup(config, tmp_path / "copy")

    run(story())
    damaged = tmp_path / "copy" / "evidence.db"
    data = bytearray(damaged.read_bytes())
    data[100] ^= 1
    damaged.write_bytes(bytes(data))
    with pytest.raises(BackupFault, match=r"evidence\.db is not what the manifest says"):
        check_manifest(tmp_path / "copy")
    manifest = json.loads((tmp_path / "copy" / "manifest.json").read_text())
    assert {"journal", "evidence", "access"} == set(manifest["stores"])


@pytest.fixture
def recorded(tmp_path):
    """Give the settings of a node with some rows, a snapshot and evidence, at rest."""

    async def story():
        config = folder(tmp_path / "n")
        async with running(config) as here:
            await here.begin()
            await some_load(here)
            order = toy.payment(0, 1, 2)
            given = decode_command(order)
            fields = [getattr(given, name) for name in given.__struct_fields__]
            fields[7] = raw(PayAdded(evidence("pacs.008", b"whole", at_ns=1).digest, bytes(32)))
            whole = evidence("pacs.008", b"whole", at_ns=1, command=given.id)
            assert 0 == (await here.do(encode(type(given)(*fields)), whole)).end
            await here.ask("snapshot")
        return config

    return run(story())


def opened(config):
    return open_journal(config.address("journal")), open_evidence(config.address("evidence"))


def test_verify_counts_what_is_there_and_names_evidence_that_is_not(recorded):
    """A digest that no item has and no `forget` explains is a fault of its row."""
    journal, store = opened(recorded)
    report = verify(journal, store, contents=True)

    assert 2 == report.digests_named
    assert 1 == report.digests_missing
    assert bytes(32).hex() in report.faults[0]
    assert 61 == report.evidence_items
    assert 1 == report.snapshots

    item = evidence("pacs.008", b"whole", at_ns=1)
    store.forget(item.digest, "retention")
    assert 1 == verify(journal, store).digests_missing
    store.close()
    journal.close()


def test_digests_are_found_wherever_they_stand():
    """Any string of 32 bytes among what the gateway added, however deep."""
    added = PayAdded(b"m" * 32, b"p" * 32, screening=(b"s" * 32, b"short"))

    assert [b"m" * 32, b"p" * 32, b"s" * 32] == list(digests_in(encode(added)))


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        ("UPDATE journal SET time_last = time_last + 1 WHERE seq = 3", "row 3"),
        ("UPDATE journal SET body = CAST(body || x'00' AS BLOB), packing = 0 WHERE seq = 3", "row 3"),
        ("DELETE FROM journal WHERE seq = 3", "row 3"),
        ("UPDATE snapshot_head SET state_hash = zeroblob(32)", "snapshot"),
        ("DELETE FROM snapshot WHERE place = 1", "snapshot"),
    ],
)
def test_verify_names_damage(recorded, damage, word):
    """Rows by their number, snapshots too."""
    line = sqlite3.connect(recorded.data_folder / "journal.db")
    line.execute(damage)
    line.commit()
    line.close()
    journal, store = opened(recorded)
    report = verify(journal, store)
    store.close()
    journal.close()

    assert any(word in fault for fault in report.faults), report.faults


def test_a_journal_that_cannot_be_read_does_not_start(recorded):
    """73, and the reason in words."""
    path = recorded.data_folder / "journal.db"
    data = bytearray(path.read_bytes())
    for at in range(8192, len(data), 8192):
        data[at : at + 64] = b"\xff" * 64
    path.write_bytes(bytes(data))

    async def start():
        async with running(recorded):
            pass

    with pytest.raises(Stop) as told:
        run(start())
    assert told.value.exit_code in (71, 73)
    assert told.value.why


def test_a_damaged_snapshot_is_replaced_by_writing_one(recorded):
    """The start stops at it; `node snapshot` replays past it."""
    line = sqlite3.connect(recorded.data_folder / "journal.db")
    line.execute("UPDATE snapshot_head SET state_hash = zeroblob(32)")
    line.commit()
    line.close()

    async def start():
        async with running(recorded):
            pass

    with pytest.raises(Stop) as told:
        run(start())
    assert 71 == told.value.exit_code
    write_snapshot(recorded)
    run(start())


def test_exported_rows_can_be_checked_without_a_node(recorded, tmp_path):
    """The file holds the chain; a byte too few or changed is named."""
    journal, store = opened(recorded)
    rows = list(rows_after(journal, 0))
    path = tmp_path / "x.rows"
    assert len(rows) == write_rows(path, rows)
    assert rows == list(read_rows(path))
    assert rows[-1].hash == verify_chain(read_rows(path)).hash

    data = path.read_bytes()
    path.write_bytes(data[:-1])
    with pytest.raises(CorruptJournal, match=f"row {rows[-1].seq}"):
        list(read_rows(path))
    path.write_bytes(data[: len(MAGIC)] + data[len(MAGIC) :].replace(rows[1].hash, bytes(32), 1))
    with pytest.raises(CorruptJournal):
        verify_chain(read_rows(path))
    path.write_bytes(b"something else")
    with pytest.raises(CorruptJournal, match="no journal export"):
        list(read_rows(path))
    store.close()
    journal.close()


def test_a_row_is_explained_by_name(recorded):
    """Commands, fields, facts and legs; JSON can hold it."""
    journal, store = opened(recorded)
    first, last = explain(journal.read(0, limit=1)[0]), explain(journal.read(2, limit=1)[0])
    json.dumps([first, last])

    assert "nor-sud" == first["commands"][0]["fields"]["network_id"]
    assert ["actor", "actor"] == [fact["fact"] for fact in first["commands"][0]["facts"]]
    assert {"toy.pay"} == {command["name"] for command in last["commands"]}
    assert ("move", 1) == tuple(last["commands"][0]["legs"][0][name] for name in ("act", "amount_minor"))
    (act, *_) = iter_acts(journal.read(2, limit=1)[0].body)
    (leg, *_), shown = unpack_all(bytes(act.legs)), last["commands"][0]
    assert str(UUID(int=leg.bundle_id)) == shown["legs"][0]["bundle_id"]
    assert str(UUID(bytes=decode_command(act.command).id)) == shown["id"]
    assert format_instant(leg.at) == shown["legs"][0]["at"]
    store.close()
    journal.close()


def test_ids_keep_their_zeros_and_days_are_days():
    """As they are written elsewhere; 0 stays none, and other bytes are hex."""
    row = {"bundle_id": 7, "reference": 0, "uetrs": [bytes(16)], "settlement_on": 20_000, "deadline_at": 0,
           "to_at": 10**18, "content": b"\x00\x01", "amount_minor": 10**18}  # fmt: skip

    assert {
        "bundle_id": "00000000-0000-0000-0000-000000000007", "reference": "",
        "uetrs": ["00000000-0000-0000-0000-000000000000"], "settlement_on": "2024-10-04", "deadline_at": 0,
        "to_at": "2001-09-09T01:46:40Z", "content": "0001", "amount_minor": 10**18,
    } == plain(row)  # fmt: skip


def test_the_command_line_verifies_replays_and_exports(recorded, tmp_path):
    """With the exit codes of the page; toy commands need their registry, so only what executes nothing."""

    def steelyard(module, *arguments):
        code = f"import sys; from steelyard.cli.{module} import app; sys.exit(app(sys.argv[1:]))"
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments), "--config", recorded.folder],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    verified = steelyard("node", "verify", "--json")
    assert 4 == verified.returncode, verified.stderr
    assert 1 == json.loads(verified.stdout)["digests_missing"]
    assert 0 == steelyard("journal", "export", tmp_path / "y.rows").returncode
    shown = steelyard("journal", "show", "1", "--json")
    assert 1 == json.loads(shown.stdout)["seq"]
    assert 2 == steelyard("journal", "show", "99999").returncode
    assert 2 == steelyard("node", "verify", "--no-such").returncode
    journal = open_journal(recorded.address("journal"))
    assert load(journal).head.seq == json.loads(verified.stdout)["head_seq"]
    journal.close()


@pytest.mark.postgres
def test_a_backup_of_a_server_restores_into_an_empty_one(tmp_path):
    """All tables in one snapshot, the numbering of evidence goes on."""
    if not postgres.available():
        pytest.skip("the wheel with the PostgreSQL server is not installed")
    server = postgres.Server()
    try:
        one, other = server.new_database("one"), server.new_database("other")

        async def original():
            config = folder(tmp_path / "a", journal=one)
            async with running(config) as here:
                await here.begin()
                await some_load(here)
                await here.ask("snapshot")
                load_on = asyncio.ensure_future(some_load(here, 100))
                await asyncio.to_thread(backup, config, tmp_path / "copy")
                await load_on

        async def again():
            async with running(settings(tmp_path / "b")) as here:
                await some_load(here)
                return await here.ask("state_hash")

        run(original())
        (tmp_path / "b").mkdir()
        (tmp_path / "b" / "steelyard.toml").write_text(f'profile = "test"\njournal = "{other}"\n')
        report = restore(tmp_path / "copy", settings(tmp_path / "b"))
        assert [] == report.faults
        assert (1, 0) == (report.snapshots, report.digests_missing)
        with pytest.raises(BackupFault, match="is not empty"):
            restore(tmp_path / "copy", settings(tmp_path / "b"))
        assert run(again())
    finally:
        server.destroy()
