"""The two threads beside the sequencer's loop: one commits rows, one keeps evidence.

Each takes work from a queue, does one durable write, and tells the loop. Neither retries: what a failed
write means is decided by the sequencer, which stops the node.
"""

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

from steelyard.node.group import Group
from steelyard.storage.journal import Head, Journal, head_after, next_row

Work = TypeVar("Work")


class Worker(Thread, Generic[Work]):
    """A thread that works off a queue, one piece after the other, and reports each to the loop."""

    def __init__(
        self,
        name: str,
        loop: asyncio.AbstractEventLoop,
        done: Callable[[list[Work], BaseException | None], None],
        *,
        together: bool,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._loop = loop
        self._done = done
        self._together = together
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self.start()

    def put(self, work: Work) -> None:
        """Add a piece of work."""
        self._queue.put(work)

    def end(self) -> None:
        """Let the thread end after what is queued."""
        self._queue.put(None)

    def do(self, batch: list[Work]) -> None:
        """Do the work: one piece, or all that waited."""
        raise NotImplementedError

    def run(self) -> None:
        """Work until told to end, or until the first failure."""
        while (work := self._queue.get()) is not None:
            batch, last = [work], False
            while self._together and not self._queue.empty():
                more = self._queue.get()
                if more is None:
                    last = True
                    break
                batch.append(more)
            error: BaseException | None = None
            try:
                self.do(batch)
            except BaseException as caught:
                error = caught
            try:
                self._loop.call_soon_threadsafe(self._done, batch, error)
            except RuntimeError:
                return  # the loop has been closed: nobody is left to tell
            if error is not None or last:
                return


class Committer(Worker[Group]):
    """Makes each group a row and commits it, in order."""

    def __init__(
        self,
        journal: Journal,
        head: Head,
        loop: asyncio.AbstractEventLoop,
        done: Callable[[list[Group], BaseException | None], None],
    ) -> None:
        self._journal = journal
        self.head = head
        super().__init__("commit", loop, done, together=False)

    def do(self, batch: list[Group]) -> None:
        """Commit one row; returns only when it is durable."""
        for group in batch:
            row = next_row(
                self.head,
                time_first=group.time_first,
                time_last=group.time_last,
                count=group.count,
                body=group.writer.body(),
            )
            if row.seq != group.seq:
                raise ValueError(f"row {row.seq} was applied as {group.seq}")
            self._journal.append(row)
            self.head = head_after(row)


class Keeper(Worker[tuple[Any, Any]]):
    """Stores the evidence of all that waits in one commit; pieces are (evidence bytes or None, tag)."""

    def __init__(
        self,
        store: Callable[[list[bytes]], None],
        loop: asyncio.AbstractEventLoop,
        done: Callable[[list[tuple[Any, Any]], BaseException | None], None],
    ) -> None:
        self._store = store
        super().__init__("evidence", loop, done, together=True)

    def do(self, batch: list[tuple[Any, Any]]) -> None:
        """Store every item of the batch."""
        items = [evidence for evidence, _ in batch if evidence is not None]
        if items:
            self._store(items)
