"""Solvers that are broken or hostile, run in a real process of their own in place of the right one."""

import os
import time

import msgspec

from steelyard.flows.batch_propose import ProposeFields
from steelyard.flows.command import raw
from steelyard.solve.worker import answer, framed, frames

_decode = msgspec.msgpack.Decoder(ProposeFields).decode


def greedy_for_more(line):
    """Answer with proposals that settle what is not there to be settled, another lie each time."""
    for turn, frame in enumerate(frames(line)):
        batch_id, fields, words = msgspec.msgpack.decode(answer(frame), type=tuple[bytes, msgspec.Raw, str])
        assert not words, words
        honest = _decode(fields)
        lies = (
            {"seqs": [1, *honest.seqs]},
            {"seqs": [*honest.seqs, 0]},
            {"parts": [(0, 2**62)]},
            {"seqs": honest.seqs[:1], "parts": []},
        )
        told = raw(msgspec.structs.replace(honest, **lies[turn % len(lies)]))
        line.sendall(framed(msgspec.msgpack.encode((batch_id, told, ""))))


def nonsense(line):
    """Answer in words that are no proposal at all."""
    for frame in frames(line):
        batch_id = msgspec.msgpack.decode(frame)[0]
        line.sendall(framed(msgspec.msgpack.encode((batch_id, ["give", "me", "all"], ""))))


def buried(line):
    """Answer with lists in lists, deeper than anybody reads."""
    for frame in frames(line):
        batch_id = msgspec.msgpack.decode(frame)[0]
        deep = b"\x91" * 100_000 + b"\xc0"
        line.sendall(framed(b"\x93" + msgspec.msgpack.encode(batch_id) + deep + msgspec.msgpack.encode("")))


def endless(line):
    """Say that four thousand million bytes will come, and begin with them."""
    for _ in frames(line):
        line.sendall(b"\xff" * 64)


def hangs(line):
    """Take the first snapshot and never answer."""
    for _ in frames(line):
        time.sleep(3600)


def dies(line):
    """Take the first snapshot and end at once."""
    for _ in frames(line):
        os._exit(3)


def heavy(line, size=900_000):
    """Answer with honest payments and a long proof that is none."""
    for frame in frames(line):
        batch_id, fields, words = msgspec.msgpack.decode(answer(frame), type=tuple[bytes, msgspec.Raw, str])
        assert not words, words
        told = raw(msgspec.structs.replace(_decode(fields), certificates=[b"\x01" * size]))
        line.sendall(framed(msgspec.msgpack.encode((batch_id, told, ""))))


def heavier(line):
    """The same with nearly sixteen megabytes, far more than a proof of a short queue takes."""
    heavy(line, (16 << 20) - 4_096)
