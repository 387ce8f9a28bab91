"""The node's desk for RTGSs: orders leave through the outbox, reports come in as commands.

A connection is a connector with the settlement agent it speaks for and the system key under which its reports
enter. Orders are notices of durable outcomes, sent at least once; the connector knows repeats. A report is
kept as evidence and submitted until its row is durable; what a crash takes before that the RTGS repeats, or
its answer to a query or its statement of the day brings to light: nothing is ever guessed on silence.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future as ThreadFuture
from hashlib import sha256
from typing import NamedTuple

import msgspec

from steelyard.flows.command import Command, Notice, encode, raw
from steelyard.node.link import End, Link, Submission
from steelyard.node.logs import log, where
from steelyard.node.outbox import Item, NotDelivered
from steelyard.node.rtgs import Order, Report, Rtgs, command_of, order_of
from steelyard.storage.evidence import evidence

LOOK_SECONDS = 0.1
SEND_SECONDS_MAX = 10.0


class Connection(NamedTuple):
    """A connector, the BIC of the settlement agent whose it is, and the key that gives its reports."""

    rtgs: Rtgs
    sender: str
    actor: str


class RtgsDesk:
    """Both ways between the node and its RTGSs. Connectors are called on the loop alone."""

    name = "rtgs"

    def __init__(self, connections: Sequence[Connection], link: Link, now: Callable[[], int]) -> None:
        self._by_asset = {connection.rtgs.asset: connection for connection in connections}
        self._link = link
        self._now = now
        self._loop = asyncio.get_running_loop()
        self._open: list[tuple[Connection, Report]] = []
        self._serial = 0

    # the outbox's channel, called on its thread

    def wants(self, item: Item) -> bool:
        """Tell whether an item is an order to an RTGS that is connected here."""
        order = _order(item)
        return order is not None and order.asset in self._by_asset

    def render(self, item: Item) -> bytes:
        """Give the order as bytes, the same at every try."""
        return msgspec.msgpack.encode(_order(item))

    def send(self, item: Item, body: bytes) -> None:
        """Hand an order over."""
        order = msgspec.msgpack.decode(body, type=Order)
        handed: ThreadFuture[None] = ThreadFuture()
        self._loop.call_soon_threadsafe(self._hand_over, order, handed)
        try:
            handed.result(SEND_SECONDS_MAX)
        except Exception as error:
            raise NotDelivered(f"the RTGS of {order.asset} did not take it: {where(error)}") from error

    def _hand_over(self, order: Order, handed: "ThreadFuture[None]") -> None:
        try:
            self._by_asset[order.asset].rtgs.send(order, at=self._now())
            handed.set_result(None)
        except Exception as error:
            handed.set_exception(error)

    # reports

    async def run(self) -> None:
        """Take in what is reported, until cancelled."""
        while True:
            try:
                await self.step()
            except Exception as error:
                log().error("RTGS cannot be read", why=where(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def step(self) -> int:
        """Submit what has been reported, with what was not recorded before; gives how many were recorded."""
        for connection in self._by_asset.values():
            reports = connection.rtgs.receive(at=self._now())
            self._open += [(connection, report) for report in reports]
        waiting, self._open = self._open, []
        given = [(one, self._submission(*one)) for one in waiting]
        sent = [(one, self._link.submit(item)) for one, item in given if item is not None]
        recorded = 0
        for one, future in sent:
            answer = await future
            if answer.end == End.RECORDED:
                recorded += 1
            else:
                self._open.append(one)
        return recorded

    def _submission(self, connection: Connection, report: Report) -> Submission | None:
        """Make the command of a report, with the report as its evidence; None where it needs none."""
        made = command_of(report)
        if made is None:
            return None
        name, fields = made
        at = self._now()
        self._serial += 1
        body = msgspec.json.encode(report)
        digest = sha256(body).digest()
        seed = sha256(digest + at.to_bytes(8, "big") + self._serial.to_bytes(8, "big")).digest()
        command_id = (at // 1_000_000).to_bytes(6, "big") + seed[:10]
        item = evidence("rtgs", body, at_ns=at, command=command_id, digest=digest, sender=connection.sender)
        command = Command(
            name,
            1,
            command_id,
            connection.sender,
            connection.actor,
            0,
            raw(fields),
            raw((digest,)),
            seed[16:],
        )
        return Submission(encode(command), (item,))


def _order(item: Item) -> Order | None:
    return order_of(Notice(item.recipient, item.kind, item.subject, item.data))
