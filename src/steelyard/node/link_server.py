"""The node's end of the link: a unix stream for gateways in their own processes, or a direct call.

The stream's file is readable by the node's user alone. A gateway that sends what it should not is cut off;
it starts anew or is started anew by the supervisor, and its open requests end UNKNOWN.
"""

import asyncio
import contextlib
import os
from pathlib import Path
from typing import cast

import msgspec

from steelyard.node.link import (
    ANSWERS,
    FOUND,
    HELLO,
    PROTOCOL,
    READ,
    STOPPING,
    SUBMIT,
    WELCOME,
    Answer,
    Found,
    Question,
    Request,
    frame,
    take_frames,
)
from steelyard.node.link_client import BaseLink
from steelyard.node.sequencer import Sequencer

_encode = msgspec.msgpack.Encoder().encode
_decode_requests = msgspec.msgpack.Decoder(list[Request]).decode
_decode_questions = msgspec.msgpack.Decoder(list[Question]).decode
_decode_hello = msgspec.msgpack.Decoder(tuple[int, str]).decode


class LocalLink(BaseLink):
    """The link of a gateway in the sequencer's own process and loop."""

    def __init__(self, sequencer: Sequencer) -> None:
        super().__init__()
        self._sequencer = sequencer
        self._version = sequencer.machine.world.context_version

    @property
    def stopping(self) -> bool:
        """Tell whether the node takes no more."""
        return self._lost or self._sequencer.stopping

    def answers(self, version: int, batch: list[tuple[int, Answer]]) -> None:
        """Take the answers of one group."""
        self._answered(version, batch)

    def found(self, version: int, batch: list[tuple[int, Found]]) -> None:
        """Take what reads of one group saw."""
        self._found(version, batch)

    def lose(self) -> None:
        """End what is open as UNKNOWN: the sequencer has stopped."""
        self._lose()

    def _send(self, turn: list[Request], questions: list[Question]) -> None:
        if turn:
            self._sequencer.intake.accept(turn, self)
        if questions:
            self._sequencer.ask(questions, self)


class _Gateway(asyncio.Protocol):
    """One gateway's stream, seen from the node; a sink of answers."""

    def __init__(self, server: "LinkServer") -> None:
        self.name = ""
        self._server = server
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=64 * 1024 * 1024)
        self._server.gateways.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._server.gateways.discard(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        try:
            for kind, payload in take_frames(self._buffer):
                self._take(kind, payload)
        except (ValueError, msgspec.MsgspecError) as error:
            self._server.cut_off(self.name, str(error))
            self.close()

    def answers(self, version: int, batch: list[tuple[int, Answer]]) -> None:
        self._write(ANSWERS, _encode((version, batch)))

    def found(self, version: int, batch: list[tuple[int, Found]]) -> None:
        self._write(FOUND, _encode((version, batch)))

    def say_stopping(self) -> None:
        self._write(STOPPING, b"\x90")

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _take(self, kind: int, payload: bytes) -> None:
        sequencer = self._server.sequencer
        if kind == SUBMIT and self.name:
            sequencer.intake.accept(_decode_requests(payload), self)
        elif kind == READ and self.name:
            sequencer.ask(_decode_questions(payload), self)
        elif kind == HELLO and not self.name:
            protocol, name = _decode_hello(payload)
            if protocol != PROTOCOL or not name:
                raise ValueError(f"{name} speaks version {protocol} of the link")
            self.name = name
            version = sequencer.machine.world.context_version
            self._write(WELCOME, _encode((PROTOCOL, version, sequencer.stopping)))
        else:
            raise ValueError(f"frame type {kind} is out of place")

    def _write(self, kind: int, payload: bytes) -> None:
        if self._transport is not None:
            self._transport.write(frame(kind, payload))


class LinkServer:
    """Listens on a unix stream and ties gateways to the sequencer."""

    def __init__(self, sequencer: Sequencer) -> None:
        self.sequencer = sequencer
        self.gateways: set[_Gateway] = set()
        self.faults: list[tuple[str, str]] = []
        self._server: asyncio.Server | None = None
        self._path: Path | None = None
        self._told = sequencer.machine.world.context_version
        sequencer.on_durable.append(lambda group: self._tell_version())

    async def listen(self, path: Path) -> None:
        """Listen at `path`, readable by this user alone; a file left by a dead node is replaced."""
        path.unlink(missing_ok=True)
        loop = asyncio.get_running_loop()
        before = os.umask(0o177)
        try:
            self._server = await loop.create_unix_server(lambda: _Gateway(self), str(path))
        finally:
            os.umask(before)
        self._path = path

    def say_stopping(self) -> None:
        """Tell every gateway to take no more."""
        for gateway in sorted(self.gateways, key=lambda item: item.name):
            gateway.say_stopping()

    def _tell_version(self) -> None:
        """Let idle gateways know that the directory has changed: a revoked key must not live on there."""
        version = self.sequencer.machine.world.context_version
        if version != self._told:
            self._told = version
            for gateway in sorted(self.gateways, key=lambda item: item.name):
                gateway.answers(version, [])

    def cut_off(self, name: str, why: str) -> None:
        """Remember why a gateway was cut off."""
        self.faults.append((name, why))

    async def close(self) -> None:
        """Let every gateway go."""
        for gateway in list(self.gateways):
            gateway.close()
        if self._server is not None:
            self._server.close()
        if self._path is not None:
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()
