"""Orders leave once their row is durable and projected; reports come in until their row is durable."""

import asyncio
from threading import Thread

from steelyard.flows.command import Notice, Outcome, decode_command, raw
from steelyard.flows.facts import SettingChanged
from steelyard.node.outbox import Outbox
from steelyard.node.rtgs import Order, OrderKind, Report, ReportKind
from steelyard.node.rtgs_desk import Connection, RtgsDesk
from steelyard.node.verify import verify
from steelyard.storage.access import open_access
from steelyard.storage.frames import iter_acts
from steelyard.storage.generations import Generations
from steelyard.storage.memory import MemoryJournal, Shelf
from steelyard.storage.projection import Projection
from steelyard.storage.queries import Reader
from tests.node import toy
from tests.node.nodes import folder, run, running


class Connector:
    """An RTGS that remembers its orders and reports what it is told to."""

    asset = "NOR"

    def __init__(self):
        self.orders, self.reports, self.closed = [], [], False

    def send(self, order, *, at):
        if self.closed:
            raise OSError("closed")
        self.orders.append(order)

    def receive(self, *, at):
        found, self.reports = self.reports, []
        return found

    def next_at(self):
        return None


def desk_of(connector, here):
    return RtgsDesk(
        [Connection(connector, toy.AGENT, "k-rtgs")], here.link, lambda: here.node.sequencer.last_at
    )


def ordering(world, command, fields, at):
    """Note something, and order a pay-out because of it."""
    fact = SettingChanged(command.sender, "note", raw(fields.text))
    data = ("NOR", 500, toy.bank(0), "INSTRUCTED", "")
    notice = Notice(toy.AGENT, "rtgs.payout", fields.text.encode().ljust(16), data)
    other = Notice(toy.AGENT, "rtgs.payout", b"x" * 16, ("SUD", *data[1:]))
    return Outcome(0, facts=(raw(fact),), notices=(notice, other))


def test_orders_go_out_and_reports_come_in(tmp_path, monkeypatch):
    """Only those of a connected currency; a report is kept as evidence, named by its command."""
    entry = toy.registry.BY_NAME[("toy.note", 1)]
    monkeypatch.setitem(toy.registry.BY_NAME, ("toy.note", 1), entry._replace(run=ordering))
    shelf = Shelf()

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal(shelf)) as here:
            await here.begin()
            connector = Connector()
            desk = RtgsDesk(
                [Connection(connector, toy.AGENT, "k-rtgs")], here.link, lambda: here.node.sequencer.last_at
            )
            projection = Projection(Generations(tmp_path / "projection.db").open(1))
            access, ahead = open_access(tmp_path), [0]
            import time

            outbox = Outbox(
                Reader(tmp_path / "projection.db"), access.deliveries, [desk],
                now=lambda: time.time_ns() + ahead[0],
            )  # fmt: skip

            async def step():
                while projection.take(here.node.journal):
                    pass
                worker = Thread(target=outbox.step)
                worker.start()
                while worker.is_alive():
                    await asyncio.sleep(0.005)

            connector.closed = True
            await here.do(toy.remark("first"))
            await step()
            assert [] == connector.orders
            connector.closed = False
            ahead[0] = 5 * 10**9
            await step()
            assert [Order(OrderKind.PAYOUT, b"first".ljust(16), "NOR", toy.bank(0), 500)] == connector.orders
            await step()
            assert 1 == len(connector.orders)

            connector.reports = [
                Report(ReportKind.LOCKED, "NOR", "ref-1", toy.bank(0), 70),
                Report(ReportKind.PAID_BACK, "NOR", "ref-2"),
            ]
            assert 1 == await desk.step()
            report = verify(here.node.journal, here.node.evidence, contents=True)
            assert (1, 0, 1) == (report.digests_named, report.digests_missing, report.evidence_items)

    run(story())
    last = decode_command(next(iter_acts(shelf.rows[-1].body)).command)
    assert ("fund.advise", toy.AGENT, "k-rtgs") == (last.name, last.sender, last.actor)


def test_a_report_is_submitted_until_it_is_recorded(tmp_path):
    """What was turned away, or is in doubt, comes again at the next step."""

    async def story():
        async with running(folder(tmp_path), journal=MemoryJournal()) as here:
            await here.begin()
            connector = Connector()
            desk = RtgsDesk(
                [Connection(connector, toy.AGENT, "k-rtgs")], here.link, lambda: here.node.sequencer.last_at
            )
            connector.reports = [Report(ReportKind.LOCKED, "NOR", "ref-1", toy.bank(0), 70)]
            here.node.sequencer.intake.stopping = True
            assert 0 == await desk.step()
            here.node.sequencer.intake.stopping = False
            assert 1 == await desk.step()
            assert 0 == await desk.step()

    run(story())
