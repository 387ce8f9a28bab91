"""The outbox: never before the row is durable, at least once, the same ids for ever, no item held by another."""

from itertools import pairwise

import pytest

from steelyard.flows.command import Notice, Outcome, decode_command, encode
from steelyard.node.outbox import PARK_AFTER_NS, SECOND, Item, NotDelivered, Outbox
from steelyard.storage.access import open_access
from steelyard.storage.frames import FrameWriter
from steelyard.storage.generations import Generations
from steelyard.storage.journal import next_row
from steelyard.storage.memory import MemoryJournal, Shelf
from steelyard.storage.projection import Projection
from steelyard.storage.queries import Reader
from tests.node import toy

NOW = 1_800_000_000_000_000_000


class Told:
    """A channel that remembers what it delivered, and fails where it is told to."""

    def __init__(self, *, refuses=lambda item: False, wants="rtgs."):
        self.name = "rtgs"
        self.items, self.tries, self.refuses, self._wants = [], 0, refuses, wants

    def wants(self, item):
        return item.kind.startswith(self._wants)

    def render(self, item):
        return f"{item.id} {item.kind} {item.data}".encode()

    def send(self, item, body):
        self.tries += 1
        if self.refuses(item):
            raise NotDelivered("the other side is closed")
        self.items.append(item.id)


class Bench:
    """A journal whose rows hold notices, their projection, and an outbox over it."""

    def __init__(self, folder, channel):
        self.folder, self.channel, self.now = folder, channel, NOW
        self.shelf = Shelf()
        self.journal = MemoryJournal(self.shelf)
        self.head = self.journal.open("t")
        self.projection = Projection(Generations(folder / "projection.db").open(1))
        self.access = open_access(folder / "access.db")
        self.outbox = self.fresh()

    def fresh(self):
        """Give the outbox of a node that has just started."""
        reader = Reader(self.folder / "projection.db")
        return Outbox(reader, self.access.deliveries, [self.channel], now=lambda: self.now)

    def record(self, *notices, project=True):
        """Make a row of one command with these notices."""
        seq = self.head.seq + 1
        command = decode_command(toy.remark("x", at=NOW + seq))
        stamped = type(command)(
            *[getattr(command, n) if n != "at_ns" else NOW + seq for n in command.__struct_fields__]
        )
        writer = FrameWriter()
        writer.command(encode(stamped))
        writer.outcome(encode(Outcome(0, notices=notices)))
        row = next_row(self.head, time_first=NOW + seq, time_last=NOW + seq, count=1, body=writer.body())
        self.journal.append(row)
        self.head = type(self.head)(row.seq, row.hash, row.epoch, row.time_last)
        if project:
            self.project()
        return seq

    def project(self):
        while self.projection.take(self.journal):
            pass

    def settle(self):
        """Step until nothing moves."""
        while self.outbox.step():
            pass


def order(subject=b"s" * 16, *, recipient="STAGNOR0", kind="rtgs.pay_out", data=()):
    return Notice(recipient, kind, subject, data)


def test_an_item_is_sent_once_with_the_id_of_its_place(tmp_path):
    """(seq, position, n); what the channel does not want passes by."""
    bench = Bench(tmp_path, Told())
    seq = bench.record(order(), Notice("BK0000AA", "payment.settled", b"u" * 16), order(b"t" * 16))
    bench.settle()

    assert [(seq, 0, 0), (seq, 0, 2)] == bench.channel.items
    bench.settle()
    assert 2 == bench.channel.tries


def test_nothing_is_sent_before_it_is_projected(tmp_path):
    """And it is projected only once its row is durable."""
    bench = Bench(tmp_path, Told())
    bench.record(order(), project=False)
    bench.settle()
    assert [] == bench.channel.items

    bench.project()
    bench.settle()
    assert 1 == len(bench.channel.items)


@pytest.mark.parametrize("killed", ["before taking over", "after taking over", "after sending"])
def test_a_crash_sends_again_at_most_and_never_less(tmp_path, killed):
    """The same ids after the restart; receivers drop repeats."""
    bench = Bench(tmp_path, Told())
    seq = bench.record(order())
    if killed == "after taking over":
        bench.outbox._take(bench.channel)
    if killed == "after sending":
        done = bench.access.deliveries.done
        bench.access.deliveries.done = lambda items: None
        bench.outbox.step()
        bench.access.deliveries.done = done
    bench.outbox = bench.fresh()
    bench.settle()

    expected = 2 if killed == "after sending" else 1
    assert [(seq, 0, 0)] * expected == bench.channel.items


def test_losing_the_delivery_state_sends_everything_again(tmp_path):
    """Never not at all."""
    bench = Bench(tmp_path, Told())
    for number in range(5):
        bench.record(order(bytes((number,)) * 16))
    bench.settle()
    first = list(bench.channel.items)
    bench.access.close()
    (tmp_path / "access.db").unlink()
    bench.access = open_access(tmp_path / "access.db")
    bench.outbox = bench.fresh()
    bench.settle()

    assert first + first == bench.channel.items


def test_one_bad_item_holds_up_only_its_own_subject(tmp_path):
    """The next of that subject waits for it; others go on."""
    bad = b"b" * 16
    channel = Told(refuses=lambda item: item.subject == bad)
    bench = Bench(tmp_path, channel)
    first = bench.record(order(bad))
    bench.record(order(bad))
    other = bench.record(order(b"o" * 16))
    bench.settle()
    assert [(other, 0, 0)] == channel.items

    channel.refuses = lambda item: False
    bench.now += 2 * SECOND
    bench.settle()
    assert [(other, 0, 0), (first, 0, 0), (first + 1, 0, 0)] == channel.items


def test_tries_grow_rarer_and_after_a_day_an_item_is_parked(tmp_path):
    """With an alarm, never dropped; the next of its subject goes then."""
    channel = Told(refuses=lambda item: item.seq == 1)
    bench = Bench(tmp_path, channel)
    bench.record(order())
    second = bench.record(order())
    tries = [bench.now]
    bench.settle()
    while not bench.outbox.parked:
        bench.now = max(item.next_at for item in bench.access.deliveries.open_items())
        tries.append(bench.now)
        bench.settle()
    gaps = [b - a for a, b in pairwise(tries)]

    assert [SECOND, 2 * SECOND, 4 * SECOND] == gaps[:3]
    assert 600 * SECOND == max(gaps)
    assert tries[-1] - tries[0] >= PARK_AFTER_NS
    bench.settle()
    assert [(second, 0, 0)] == channel.items
    assert 1 == len(bench.access.deliveries.open_items(state="parked"))


def test_an_item_rendered_differently_is_an_alarm(tmp_path):
    """The hash of the first rendering is kept."""
    channel = Told(refuses=lambda item: channel.tries < 2)
    bench = Bench(tmp_path, channel)
    bench.record(order())
    bench.settle()
    channel.render = lambda item: b"something else"
    bench.now += 2 * SECOND
    bench.settle()

    assert 1 == bench.outbox.changed
    assert 1 == len(channel.items)


def test_items_carry_the_notice(tmp_path):
    """What a rendering needs beyond evidence."""
    found = []
    channel = Told()
    channel.send = lambda item, body: found.append(item)
    bench = Bench(tmp_path, channel)
    seq = bench.record(order(data=("credit", 5, b"x")))
    bench.settle()

    assert [Item(seq, 0, 0, "STAGNOR0", "rtgs.pay_out", b"s" * 16, NOW + seq, ("credit", 5, b"x"))] == found
