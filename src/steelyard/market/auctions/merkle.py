"""The root over a list of records, so that one hash in the journal fixes every one of them and their order.

Source: RFC 9162 section 2.1.1: leaves and nodes are hashed apart, so no node can pass for a leaf.
"""

from collections.abc import Sequence
from hashlib import sha256


def merkle_root(records: Sequence[bytes]) -> bytes:
    """Give the root over records in their order; of none it is the hash of nothing.

    >>> merkle_root([b"a"]) == sha256(b"\\0a").digest(), merkle_root([]) == sha256(b"").digest()
    (True, True)
    """
    level = [sha256(b"\0" + record).digest() for record in records]
    if not level:
        return sha256(b"").digest()
    while len(level) > 1:
        # Pairing from the left gives RFC 9162's split: a last one without a partner moves up as it is.
        pairs = [
            sha256(b"\1" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = [*pairs, level[-1]] if len(level) % 2 else pairs
    return level[0]
