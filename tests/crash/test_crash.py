"""A node under load is killed with SIGKILL at random moments, again and again, on both databases.

Every payment that was acknowledged is in the journal exactly once, at the place it was told; what was in
doubt is answered definitely when it is sent again; at most one group that nobody was told of is there after a
kill; replay gives the same books, every invariant holds, and the projection has neither gap nor double.
"""

import asyncio
import os

import pytest

from steelyard.flows.command import decode_command, decode_outcome
from steelyard.flows.facts import PaymentEntered, decode_fact
from steelyard.node.link import End
from steelyard.node.replay import prove, rows_after
from steelyard.node.verify import verify
from steelyard.payments.states import State
from steelyard.storage.frames import iter_acts
from steelyard.storage.opening import open_evidence
from steelyard.storage.projection import Projector
from steelyard.storage.queries import Reader
from tests import postgres
from tests.crash.world import NodeProcess, journal_of, payments, plain, prepare, seeded

ROUNDS = int(os.environ.get("STEELYARD_CRASH_ROUNDS", "5"))
SUBMITTERS = 48


@pytest.fixture(scope="module")
def server():
    """Give a PostgreSQL server."""
    if not postgres.available():
        pytest.skip("the wheel with the PostgreSQL server is not installed")
    server = postgres.Server()
    yield server
    server.destroy()


@pytest.fixture
def build_world():
    """Give what makes the World of the node."""
    return plain


@pytest.fixture(params=["sqlite", "postgres"])
def config(request, tmp_path, build_world):
    """Give a prepared node's settings on each database."""
    if request.param == "sqlite":
        yield prepare(tmp_path / "n", build=build_world, snapshot_after_s=1)
        return
    server = request.getfixturevalue("server")
    address = server.new_database(f"crash_{os.getpid()}")
    yield prepare(tmp_path / "n", journal=address, build=build_world, snapshot_after_s=1)
    server.drop_database(f"crash_{os.getpid()}")


class Book:
    """What the callers know: acknowledged places by id, by which epoch they were told, and what is in doubt."""

    def __init__(self):
        self.told = {}
        self.in_doubt = {}
        self.round = 0

    async def send(self, link, submissions):
        """Keep some submissions in flight until all are answered or the node is gone."""
        waiting = iter(submissions)

        async def one():
            for command_id, item in waiting:
                answer = await link.submit(item)
                if answer.end == End.RECORDED:
                    place = (answer.seq, answer.position)
                    assert self.told.setdefault(command_id, (place, self.round))[0] == place
                    self.in_doubt.pop(command_id, None)
                else:
                    assert answer.end == End.UNKNOWN, answer
                    self.in_doubt[command_id] = item

        await asyncio.gather(*(one() for _ in range(SUBMITTERS)))


async def story(config, rng, book):
    """Kill and restart; every round sends what was in doubt first, then new payments until the kill."""
    for book.round in range(1, ROUNDS + 1):
        node = NodeProcess(config)
        link = await node.link()
        await book.send(link, list(book.in_doubt.items()))
        assert not book.in_doubt
        load = asyncio.ensure_future(book.send(link, payments(rng, 2_000)))
        await asyncio.sleep(rng.uniform(0.0, 0.5))
        node.kill()
        await load
        await link.close()
    book.round += 1
    node = NodeProcess(config)
    link = await node.link()
    await book.send(link, list(book.in_doubt.items()))
    assert not book.in_doubt
    await link.close()
    assert 0 == node.stop()


def check(config, book):
    """Read the journal and compare it with what callers were told."""
    journal = journal_of(config)
    store = open_evidence(config.address("evidence"))
    found, untold, last_of_epoch, paid = {}, {}, {}, 0
    for row in rows_after(journal, 1):
        last_of_epoch[row.epoch] = row.seq
        for act in iter_acts(row.body):
            command = decode_command(act.command)
            if command.actor == "node":
                continue
            assert command.id not in found, "applied twice"
            found[command.id] = (row.seq, act.position)
            paid += command.name == "pay"
            check_whole(act)
            if book.told[command.id][1] != row.epoch - 1:  # epoch 1 prepared the folder, round 1 is epoch 2
                untold.setdefault(row.epoch, set()).add(row.seq)
    assert {command_id: place for command_id, (place, _) in book.told.items()} == found
    for epoch, seqs in untold.items():
        assert seqs <= {last_of_epoch[epoch]}, "more than one group that nobody was told of"
    proof = prove(journal, after=1)
    assert len(found) <= proof.commands
    report = verify(journal, store, contents=True)
    assert [] == report.faults
    check_projection(config, journal, paid)
    store.close()
    journal.close()
    return len(found)


def check_whole(act):
    """A payment that settled has all its legs in the same act; one that did not has none."""
    outcome = decode_outcome(act.outcome)
    entered = [fact for fact in map(decode_fact, outcome.facts) if isinstance(fact, PaymentEntered)]
    if entered and entered[0].state == State.SETTLED:
        assert len(act.legs) // 128 >= (2 if entered[0].source != entered[0].target else 1)
    elif entered and entered[0].state == State.REJECTED:
        assert not len(act.legs)


def check_projection(config, journal, payments_in_journal):
    """Catch up and compare counts: no gap, no double."""
    projector = Projector(config.address("projection"))
    while projector.take(journal):
        pass
    head, commands = projector.applied_seq, projector.projection.cursor.commands
    projector.close()
    reader = Reader(config.address("projection"))
    assert head == list(rows_after(journal, 1))[-1].seq
    assert commands >= payments_in_journal
    assert payments_in_journal == sum(1 for row in pages(reader) if row["name"] == "pay")
    reader.close()


def pages(reader):
    """Give every command of the projection."""
    after = ()
    while rows := reader.page("command", after=after, limit=1000):
        yield from rows
        after = (rows[-1]["key"],)


@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.timeout(60 + 20 * ROUNDS)
def test_a_node_killed_at_random_loses_and_doubles_nothing(config, request):
    """See the head of this file."""
    book = Book()
    asyncio.run(story(config, seeded(request.node.name), book))

    assert check(config, book) > 20 * ROUNDS
