"""Evidence made small: zstandard with a dictionary per kind of message.

A message of 2.3 kB alone falls to half at best, since it says everything once; against a dictionary of
what all messages of its kind say, to a sixth. Each dictionary has a pinned id, which every frame names:
dictionaries are added, never changed or taken away, or old evidence could not be read.
`tools/train_dictionaries.py` makes them, from messages that it invents.

What comes out depends on the library's version; the digest is always over what went in.
"""

from functools import cache
from pathlib import Path
from threading import local
from typing import Any

import zstandard

STORED, ZSTD = 0, 1
"""Codecs: bytes as they are, or one zstandard frame that names its dictionary (or none)."""

LEVEL = 3
RAW_BYTES_MAX = 64 * 1024 * 1024

DICTIONARIES = {
    "pacs.008": 40801,
    "pacs.009": 40901,
    "pacs.002": 40201,
    "payment": 50101,
    "party": 50201,
    "verdict": 50301,
}
"""Kind of evidence to the id of the dictionary that new items of it get."""

_FOLDER = Path(__file__).parent / "dictionaries"
_mine = local()


def compress(kind: str, raw: bytes) -> tuple[int, bytes]:
    """Give (codec, data) for the store. `kind` chooses the dictionary; an unknown one gets none.

    >>> compress("pacs.002", b"x")
    (0, b'x')
    """
    made: dict[str, Any] = _mine.__dict__.setdefault("compressors", {})
    compressor = made.get(kind)
    if compressor is None:
        number = DICTIONARIES.get(kind)
        known = dictionary(number) if number else None
        compressor = made[kind] = zstandard.ZstdCompressor(LEVEL, dict_data=known, write_checksum=False)
    data: bytes = compressor.compress(raw)
    return (ZSTD, data) if len(data) < len(raw) else (STORED, raw)


def decompress(codec: int, data: bytes) -> bytes:
    """Give back what `compress` was given; ValueError on anything it did not make."""
    if codec == STORED:
        return data
    if codec != ZSTD:
        raise ValueError(f"codec {codec} is unknown")
    try:
        parameters = zstandard.get_frame_parameters(data)
        if not 0 <= parameters.content_size <= RAW_BYTES_MAX:
            raise ValueError(f"a frame of {parameters.content_size} bytes is over {RAW_BYTES_MAX}")
        return bytes(_decompressor(parameters.dict_id).decompress(data))
    except (zstandard.ZstdError, OSError) as error:
        raise ValueError(f"cannot be inflated: {error}") from error


@cache
def dictionary(number: int) -> zstandard.ZstdCompressionDict:
    """Load a dictionary by its id; OSError where this release does not ship it."""
    loaded = zstandard.ZstdCompressionDict((_FOLDER / f"{number}.zdict").read_bytes())
    if loaded.dict_id() != number:
        raise ValueError(f"dictionary {number} says it is {loaded.dict_id()}")
    loaded.precompute_compress(level=LEVEL)
    return loaded


def _decompressor(number: int) -> zstandard.ZstdDecompressor:
    made: dict[int, zstandard.ZstdDecompressor] = _mine.__dict__.setdefault("decompressors", {})
    if number not in made:
        made[number] = zstandard.ZstdDecompressor(dict_data=dictionary(number) if number else None)
    return made[number]
