"""Whole numbers of any size in msgpack, whose own end at 64 bits: what lies beyond is written as decimal text.

An amount always fits, a sum of amounts does not: nothing bounds how many payments wait.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

Wide = int | str
T = TypeVar("T")
_encode: Callable[[Any], bytes] = msgspec.msgpack.Encoder().encode
_encode_sorted: Callable[[Any], bytes] = msgspec.msgpack.Encoder(order="deterministic").encode


def wide(number: int) -> Wide:
    """Give a number as it is written; `int` reads it again.

    >>> wide(-5), wide(2**64), int(wide(2**64)) == 2**64
    (-5, '18446744073709551616', True)
    """
    return number if -(1 << 63) <= number < 1 << 63 else str(number)


def packed(item: Any, *, ordered: bool = False) -> bytes:
    """Give canonical msgpack, numbers beyond 64 bits as decimal text; `unpacked` reads them as numbers again.

    `ordered` writes mappings by their keys and not in the order in which they were filled.

    >>> unpacked(packed([2**70, b"x", -1]), tuple[int, bytes, int])
    (1180591620717411303424, b'x', -1)
    """
    encode = _encode_sorted if ordered else _encode
    try:
        return encode(item)
    except OverflowError:
        return encode(in_words(msgspec.to_builtins(item, builtin_types=(bytes,))))


def unpacked(data: bytes | memoryview, kind: type[T]) -> T:
    """Read what `packed` wrote; raises msgspec.DecodeError or ValidationError on anything else."""
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except msgspec.ValidationError:
        return msgspec.msgpack.decode(data, type=kind, strict=False)


def in_words(item: Any) -> Any:
    """Give lists, tuples and mappings with every number beyond 64 bits as decimal text.

    >>> in_words({"a": (1, 2**64)})
    {'a': (1, '18446744073709551616')}
    """
    if isinstance(item, int):
        return wide(item)
    if isinstance(item, dict):
        return {in_words(key): in_words(value) for key, value in item.items()}
    if isinstance(item, list | tuple):
        return type(item)(map(in_words, item))
    return item
