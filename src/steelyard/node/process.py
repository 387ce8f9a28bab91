"""`steelyard node run`: the node's process, its gateways and its projector, from start to orderly stop.

The node process is the parent. It binds the listening sockets once, starts the gateways with them, restarts
one that ends by itself, and ends them first when it stops. With `gateways = 0` the gateway runs on the node's own
loop. When the node must stop at once (exit codes 70 to 72) it ends without ceremony: nothing that is not
durable is answered, the children see their pipe end, and whoever supervises starts the node again.
"""

import asyncio
import contextlib
import gc
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from steelyard.node.assembly import Node
from steelyard.node.child import STOP_SECONDS, encode_config, entry_point
from steelyard.node.config import PRIVATE, Config, start_faults
from steelyard.node.exits import DRIFT, GOOD, START_CHECK, Stop
from steelyard.node.health import write_stop
from steelyard.node.key import check_key
from steelyard.node.logs import is_text, log, set_up_logs, where
from steelyard.node.outbox import Outbox, OutboxThread
from steelyard.node.projector import ProjectorThread, Watch
from steelyard.node.replay import Progress
from steelyard.node.rtgs_desk import RtgsDesk
from steelyard.node.solver import SolverDesk
from steelyard.storage.access import open_access
from steelyard.storage.queries import Reader

RESTART_SECONDS = 1.0
SWITCH_SECONDS = 0.0002
"""How long a thread may keep the interpreter from one that has ended its flush. At Python's 5 ms a commit of
0.3 ms waits for the applying thread far longer than for the disk: a third of the throughput of small groups."""
BACKLOG = 1024


class Child:
    """A process beside the node, started again when it ends by itself."""

    def __init__(
        self, config: Config, kind: str, number: int, entry: str, sockets: list[socket.socket]
    ) -> None:
        self.kind = kind
        self.number = number
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        self._config = config
        self._entry = entry
        self._sockets = sockets

    def start(self) -> None:
        """Start it and hand it its settings; the pipe stays open for as long as we live."""
        descriptors = [item.fileno() for item in self._sockets]
        command = [
            sys.executable,
            "-m",
            "steelyard.node.child",
            self.kind,
            str(self.number),
            self._entry or "-",
        ]
        self.process = subprocess.Popen(
            [*command, *map(str, descriptors)], stdin=subprocess.PIPE, pass_fds=descriptors, bufsize=0
        )
        assert self.process.stdin is not None
        self.process.stdin.write(encode_config(self._config))
        self.starts += 1

    def ended(self) -> int | None:
        """Give how it ended, or None while it runs."""
        return self.process.poll() if self.process else None

    def tell_to_stop(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    async def wait(self, seconds: float) -> None:
        """Wait for its end; past the time it is killed."""
        if self.process is None:
            return
        until = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < until:
            await asyncio.sleep(0.01)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


class Process:
    """One run of a node."""

    def __init__(self, config: Config, gateway: str) -> None:
        self.config = config
        self.node: Node | None = None
        self.children: list[Child] = []
        self._gateway = gateway
        self._listening: list[socket.socket] = []
        self._ending = asyncio.Event()
        self._own_gateway: asyncio.Task[None] | None = None
        self._own_stop = asyncio.Event()
        self._thread: ProjectorThread | None = None
        self._watch: Watch | None = None
        self._outbox: OutboxThread | None = None
        self._desk: asyncio.Future[None] | None = None
        self._solver: SolverDesk | None = None

    async def run(self, *, take_over: bool, accept_gap: bool) -> int:
        """Start, serve until told to stop, end in good order."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._ending.set)
        begun = time.perf_counter()
        node = self.node = await Node.open(
            self.config, on_stop=self._stop_now, take_over=take_over, accept_gap=accept_gap, tell=_teller(),
            opened=self._start_children,
        )  # fmt: skip
        gc.collect()
        gc.freeze()
        self._watch_projector(node)
        self._start_rtgs(node)
        if self.config.solver != "off":
            self._solver = node.solve()
        await self._serve(node)
        log().info(
            "node ready", seq=node.sequencer.watermark, epoch=node.health.epoch,
            commands=node.replayed.commands, seconds=round(time.perf_counter() - begun, 3),
        )  # fmt: skip
        watch = asyncio.ensure_future(self._watch_children())
        await self._ending.wait()
        watch.cancel()
        await self._end(node)
        log().info("node stopped", seq=node.sequencer.watermark)
        return GOOD

    def _start_children(self) -> None:
        """Start the processes beside once the journal is ours: they load while it is replayed."""
        if self.config.projector == "process":
            self._start_child("projector", 0, "", [])
        if self._gateway:
            self._listening = bind_all(self.config.listen, max(self.config.gateway_count, 1))
            for number in range(self.config.gateway_count):
                own = self._listening[number % len(self._listening)]
                self._start_child("gateway", number, self._gateway, [own])

    def _watch_projector(self, node: Node) -> None:
        if self.config.projector == "process":
            self._watch = Watch(self.config, node)
        elif self.config.projector == "thread":
            self._thread = ProjectorThread(self.config, node)

    def _start_rtgs(self, node: Node) -> None:
        """Connect to RTGSs, if the settings name what connects them."""
        if not self.config.rtgs:
            return
        clock, sequencer = node.sequencer.clock, node.sequencer
        desk = RtgsDesk(
            entry_point(self.config.rtgs)(self.config),
            node.link(),
            lambda: max(clock.now(), sequencer.last_at),
        )
        access = open_access(self.config.address("access"), profile=self.config.commit_profile)
        outbox = Outbox(Reader(self.config.address("projection")), access.deliveries, [desk])
        self._outbox = OutboxThread(outbox)
        self._desk = asyncio.ensure_future(desk.run())

    async def _serve(self, node: Node) -> None:
        """Let gateways in; with none in processes of their own, serve from here."""
        await node.listen()
        if self._gateway and self.config.gateway_count == 0:
            serving = entry_point(self._gateway)(self.config, node.link(), self._listening, self._own_stop)
            self._own_gateway = asyncio.ensure_future(serving)
            self._own_gateway.add_done_callback(self._own_gateway_ended)

    def _start_child(self, kind: str, number: int, entry: str, sockets: list[socket.socket]) -> None:
        child = Child(self.config, kind, number, entry, sockets)
        child.start()
        self.children.append(child)

    def _own_gateway_ended(self, task: "asyncio.Task[None]") -> None:
        if not self._ending.is_set():
            error = None if task.cancelled() else task.exception()
            log().error("gateway ended", why=where(error) if error else "by itself")
            self._ending.set()

    async def _watch_children(self) -> None:
        """Start again what ended by itself, not oftener than once a second."""
        while True:
            await asyncio.sleep(RESTART_SECONDS)
            for child in self.children:
                code = child.ended()
                if code is not None:
                    log().error("child ended", kind=child.kind, count=child.starts, code=code)
                    child.start()

    async def _end(self, node: Node) -> None:
        """End in good order: gateways first, so that what they still hold is answered."""
        node.server.say_stopping()
        node.sequencer.intake.stopping = True
        self._own_stop.set()
        gateways = [child for child in self.children if child.kind == "gateway"]
        for child in gateways:
            child.tell_to_stop()
        if self._own_gateway is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self._own_gateway, STOP_SECONDS)
        if self._desk is not None and self._outbox is not None:
            self._desk.cancel()
            await asyncio.to_thread(self._outbox.end)
        if self._solver is not None:
            await self._solver.end()
        await node.sequencer.stop()
        await asyncio.gather(*(child.wait(STOP_SECONDS) for child in gateways))
        for projecting in (self._thread, self._watch):
            if projecting is not None:
                projecting.end()
        for child in self.children:
            if child.kind == "projector":
                child.tell_to_stop()
                await child.wait(STOP_SECONDS)
        await node.close()

    def _stop_now(self, stop: Stop) -> None:
        """End at once: the journal alone knows what is true, and replay will read it."""
        log().error("node must stop", exit_code=stop.exit_code, why=stop.why)
        write_stop(self.config.path(self.config.health_file), stop)
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(stop.exit_code)


def run_node(config: Config, gateway: str, *, take_over: bool = False, accept_gap: bool = False) -> int:
    """Run a node until it is told to stop; gives the exit code. `gateway` names the entry, empty for none."""
    os.umask(PRIVATE)  # what we and our children make is this user's alone
    set_up_logs(config, process="node")
    gc.set_threshold(50_000, 20, 100)
    sys.setswitchinterval(SWITCH_SECONDS)

    async def run() -> int:
        return await Process(config, gateway).run(take_over=take_over, accept_gap=accept_gap)

    try:
        if not start_faults(config):  # those are told first, when the node is opened
            check_key(config)
        return _run(run)
    except Stop as stop:
        if is_text(config, sys.stderr):
            print(f"steelyard: {stop.why}", file=sys.stderr)
        else:
            log().error("node does not start" if stop.exit_code != DRIFT else "journal does not replay",
                        exit_code=stop.exit_code, why=stop.why)  # fmt: skip
        if stop.exit_code != START_CHECK:  # the file may be that of a node that runs
            write_stop(config.path(config.health_file), stop)
        return stop.exit_code


def bind_all(listen: str, count: int) -> list[socket.socket]:
    """Give the listening sockets of an address: one for each of `count` gateways where the system can share
    connections out among them, else one for all.

    Gateways that wait on one socket do not share: whoever wakes first takes every connection of a burst, and
    the others idle. Only after a plain socket has had the address to itself is it shared, so that a second
    node at the same address still does not start.
    """
    first = bind(listen)
    if count < 2 or listen.startswith("unix:") or not hasattr(socket, "SO_REUSEPORT"):
        return [first]
    host, port = first.getsockname()[:2]
    shared = f"[{host}]:{port}" if first.family == socket.AF_INET6 else f"{host}:{port}"
    first.close()
    return [bind(shared, share=True) for _ in range(count)]


def bind(listen: str, *, share: bool = False) -> socket.socket:
    """Give the listening socket of an address `host:port` or `unix:PATH`."""
    if listen.startswith("unix:"):
        path = Path(listen.removeprefix("unix:"))
        path.unlink(missing_ok=True)
        bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            bound.bind(str(path))
        finally:
            os.umask(before)
    else:
        host, _, port = listen.rpartition(":")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if share:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            bound.bind((host.strip("[]"), int(port)))
        except OSError as error:
            bound.close()
            raise Stop(73, f"cannot listen at {listen}: {error}") from error
    bound.listen(BACKLOG)
    bound.setblocking(False)
    return bound


def _teller() -> Callable[[Progress], None]:
    """Give a listener that logs a long replay once in five seconds."""
    told = [time.monotonic()]

    def tell(progress: Progress) -> None:
        if time.monotonic() - told[0] > 5:
            told[0] = time.monotonic()
            log().info("replaying", seq=progress.seq, commands=progress.commands, legs=progress.legs)

    return tell


def _run(main: Callable[[], Any]) -> int:
    """Run on the fast loop where there is one."""
    try:
        import uvloop
    except ImportError:
        return int(asyncio.run(main()))
    return int(uvloop.run(main()))
