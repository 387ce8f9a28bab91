"""A node as a process: orderly stop, gateways it starts, two on one journal, a full disk, a lost database."""

import asyncio
import json
import os
import resource
import subprocess
import sys
import time

import pytest

from steelyard.node.exits import AMBIGUOUS, FENCED, START_CHECK
from steelyard.node.link import End
from steelyard.node.replay import prove, rows_after
from tests.crash.test_crash import Book, server  # noqa: F401
from tests.crash.world import NodeProcess, journal_of, payments, prepare, seeded

STOP_SECONDS_MAX = 20  # a busy machine; bench.node_process holds it to 3

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def journal_ids(config):
    """Give the ids of all payments in the journal, each once."""
    from steelyard.flows.command import decode_command
    from steelyard.storage.frames import iter_acts

    journal = journal_of(config)
    found = [decode_command(act.command).id for row in rows_after(journal, 1) for act in iter_acts(row.body)]
    prove(journal, after=1)
    journal.close()
    assert len(found) == len(set(found))
    return set(found)


def health(config):
    return json.loads((config.folder / "health.json").read_text())


async def load_until_gone(node, rng, book, count=4_000):
    """Send payments until the node ends; whatever it said to us is in the book."""
    link = await node.link()
    await book.send(link, payments(rng, count))
    await link.close()


def test_an_orderly_stop_under_load_answers_what_it_took(tmp_path, request):
    """Exit 0; who was taken in is answered, the rest turned away or never taken."""
    config, rng, ends = prepare(tmp_path / "n"), seeded(request.node.name), []

    async def story():
        node = NodeProcess(config)
        link = await node.link()
        futures = link.submit_many([item for _, item in payments(rng, 3_000)])
        await asyncio.sleep(0.2)
        code = await asyncio.to_thread(node.stop, STOP_SECONDS_MAX)
        ends.extend(await asyncio.gather(*futures))
        return code

    assert 0 == asyncio.run(story())
    assert "stopped" == health(config)["state"]
    done = [answer for answer in ends if answer.end == End.RECORDED]
    assert len(done) == len(journal_ids(config))
    assert {End.RECORDED, End.TURNED_AWAY} >= {answer.end for answer in ends}


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_two_nodes_on_one_journal(tmp_path, request, database):
    """The second does not start (73); with --take-over it goes on and the first is fenced (72)."""
    address = request.getfixturevalue("server").new_database("two_nodes") if database == "postgres" else ""
    config, rng, book = prepare(tmp_path / "n", journal=address), seeded(request.node.name), Book()

    async def story():
        first = NodeProcess(config)
        link = await first.link()
        await book.send(link, payments(rng, 50))
        code, words = NodeProcess(config).ended()
        assert START_CHECK == code
        assert ("another session holds" if address else f"pid {first.process.pid}") in words
        assert "serving" == health(config)["state"]
        second = NodeProcess(config, "--take-over", environment={"STEELYARD_LINK": "second.sock"})
        second.config = type(config)(folder=config.folder, link="second.sock")
        new = await second.link()
        mine, theirs = payments(rng, 50), payments(rng, 50)
        await book.send(link, theirs)
        assert FENCED == first.ended()[0]
        assert {command_id for command_id, _ in theirs} == set(book.in_doubt)
        book.in_doubt.clear()
        await book.send(new, [*mine, *theirs])
        assert not book.in_doubt
        await new.close()
        await link.close()
        assert 0 == second.stop()

    asyncio.run(story())

    assert set(book.told) == journal_ids(config)


@pytest.mark.parametrize("full", ["evidence.db-wal", "journal.db-wal"])
def test_a_full_disk_stops_the_node_cleanly(tmp_path, request, full):
    """Exit 70 with the reason; nothing acknowledged is lost, and with room again it goes on."""
    config, rng, book = prepare(tmp_path / "n"), seeded(request.node.name), Book()
    items = payments(rng, 4_000)
    if full.startswith("journal"):
        items = [(command_id, type(item)(item.command)) for command_id, item in items]
    limit = 600_000

    def small_disk():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    async def story():
        command = [
            sys.executable,
            "-m",
            "steelyard.cli",
            "node",
            "run",
            "--config",
            str(config.folder),
            "--no-gateway",
        ]
        node = NodeProcess.__new__(NodeProcess)
        node.config = config
        node.process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, preexec_fn=small_disk,
            env={**os.environ, "STEELYARD_PROJECTOR": "off"},
        )  # fmt: skip
        link = await node.link()
        await book.send(link, items)
        await link.close()
        code, words = node.ended()
        assert AMBIGUOUS == code, words
        assert full.partition(".")[0] in words or "row" in words
        assert 70 == health(config)["exit_code"]
        assert health(config)["why"]
        assert book.told
        assert book.in_doubt
        again = NodeProcess(config)
        link = await again.link()
        await book.send(link, list(book.in_doubt.items()))
        await link.close()
        assert 0 == again.stop()

    asyncio.run(story())

    assert not book.in_doubt
    assert set(book.told) == journal_ids(config)


@pytest.mark.postgres
def test_a_database_that_disappears_stops_the_node_cleanly(tmp_path, request, server):  # noqa: F811
    """Exit 70; when it is back everything acknowledged is there and what was in doubt is answered."""
    address = server.new_database("vanish")
    config, rng, book = prepare(tmp_path / "n", journal=address), seeded(request.node.name), Book()

    async def story():
        node = NodeProcess(config)
        load = asyncio.ensure_future(load_until_gone(node, rng, book))
        while not book.told:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(server.stop, "immediate")
        await load
        code, words = node.ended()
        assert AMBIGUOUS == code, words
        assert "node must stop" in words
        unready = NodeProcess(config).ended()
        assert START_CHECK == unready[0], unready
        await asyncio.to_thread(server.start)
        again = NodeProcess(config)
        link = await again.link()
        await book.send(link, list(book.in_doubt.items()))
        await link.close()
        assert 0 == again.stop()

    asyncio.run(story())

    assert not book.in_doubt
    assert set(book.told) == journal_ids(config)
    server.drop_database("vanish")


def start(config, entry):
    """Start a node with gateways of this test."""
    code = (
        "import sys; from pathlib import Path; from steelyard.node.config import load_config;"
        "from steelyard.node.process import run_node;"
        "sys.exit(run_node(load_config(Path(sys.argv[1]))[0], sys.argv[2]))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(config.folder), f"tests.crash.gateways:{entry}"],
        stderr=subprocess.PIPE, text=True, env={**os.environ, "STEELYARD_LISTEN": f"unix:{config.folder}/http"},
    )  # fmt: skip


def wait_for(path, seconds=20):
    until = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < until, f"{path} did not come"
        time.sleep(0.02)


def end(process):
    process.terminate()
    code = process.wait(timeout=STOP_SECONDS_MAX)
    process.stderr.close()
    return code


@pytest.mark.parametrize("gateways", [0, 2])
def test_gateways_serve_and_end_when_told(tmp_path, gateways):
    """In processes of their own or in the node's."""
    config = prepare(tmp_path / "n", gateways=gateways)
    process = start(config, "polite")
    wait_for(config.folder / "served-1")

    assert 0 == end(process)


def test_a_gateway_that_will_not_end_is_killed(tmp_path):
    """The node still stops in time."""
    config = prepare(tmp_path / "n", gateways=1)
    process = start(config, "stubborn")
    wait_for(config.folder / "serving")

    assert 0 == end(process)


def test_a_gateway_that_ends_by_itself_is_started_again(tmp_path):
    """And the node says so."""
    config = prepare(tmp_path / "n", gateways=1)
    process = start(config, "frail")
    wait_for(config.folder / "second")
    process.terminate()
    words = process.communicate(timeout=20)[1]

    assert "child ended" in words
    assert "a fault of the gateway" not in words


def test_gateways_do_not_outlive_a_node_that_was_killed(tmp_path):
    """Their pipe ends, and so do they."""
    config = prepare(tmp_path / "n", gateways=1, projector='"process"')
    process = start(config, "polite")
    wait_for(config.folder / "served-1")
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert 2 == len(children)
    process.kill()
    process.wait(timeout=20)
    process.stderr.close()
    until = time.monotonic() + 10
    while any(_alive(int(pid)) for pid in children):
        assert time.monotonic() < until
        time.sleep(0.02)


def _alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_profile_production_ends_with_73_and_says_why(tmp_path):
    """In one sentence."""
    config = prepare(tmp_path / "n")
    done = subprocess.run(
        [sys.executable, "-m", "steelyard.cli", "node", "run", "--config", str(config.folder), "--no-gateway"],
        capture_output=True, text=True, check=False, env={**os.environ, "STEELYARD_PROFILE": "production"},
    )  # fmt: skip

    assert START_CHECK == done.returncode
    assert "request signatures do not exist yet" in done.stderr
