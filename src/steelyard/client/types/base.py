"""What all shapes on the wire share: kinds of text, money, problems, pages, and the answer to a command."""

from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

AssetCode = Annotated[
    str, Meta(pattern=r"^[A-Z0-9.-]{1,32}$(?!\n)", description="Code of an asset, such as INR.")
]
BicText = Annotated[
    str, Meta(pattern=r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$(?!\n)", description="A bank's BIC.")
]
UuidText = Annotated[
    str,
    Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$(?!\n)", description="A UUID in lower case."),
]
UetrText = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$(?!\n)",
        description="A payment's UETR: a version 4 UUID in lower case.",
    ),
]
HexDigest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", description="A SHA-256 in lower-case hex.")]
DateText = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)", description="A date.")]
InstantText = Annotated[str, Meta(max_length=40, description="An instant, RFC 3339 with its offset.")]
Reference = Annotated[str, Meta(min_length=1, max_length=35)]
Name = Annotated[str, Meta(min_length=1, max_length=140)]
Code4 = Annotated[
    str, Meta(pattern=r"^[A-Z0-9]{1,4}$(?!\n)", description="A code of the ISO 20022 code sets.")
]

Item = TypeVar("Item")


class Asked(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Base of what callers send."""


class Told(Struct, kw_only=True):
    """Base of what the node answers."""


class Money(Struct, forbid_unknown_fields=True):
    """An amount as callers write it."""

    asset: AssetCode
    value: Annotated[str, Meta(min_length=1, max_length=40, description="A decimal string.")]


class Amount(Struct):
    """An amount as the node answers it: the decimal text has exactly the asset's decimals."""

    asset: str
    value: str
    amount_minor: str

    @property
    def minor(self) -> int:
        """The amount in minor units."""
        return int(self.amount_minor)


class Fault(Struct, omit_defaults=True):
    """One thing that is wrong with a request. `pointer` is a JSON pointer, or the path in an XML message."""

    pointer: str
    code: str
    message: str
    given: str = ""


class Problem(Struct, omit_defaults=True):
    """RFC 9457 problem. `code` is stable; `type` is an address on the node that explains it."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    instance: str = ""
    iso_code: str = ""
    retryable: bool = False
    errors: list[Fault] = []


class Page(Told, Generic[Item]):
    """Some of a list. `next` and `prev` are cursors for `after` and `before`, null at an end."""

    items: list[Item]
    next: str | None
    prev: str | None
    applied_seq: int


class Done(Told):
    """The answer to a command: what became of it, once its row is durable.

    `outcome` is done, refused (by a rule; then `refusal` says which) or unknown. `seq` is the row of the
    journal, null where nothing was recorded. `state` is the state of what the command is about. `iso` is
    the ISO 20022 code of a refusal.
    """

    outcome: Literal["done", "refused", "unknown"]
    seq: int | None = None
    state: str | None = None
    refusal: Problem | None = None
    iso: str | None = None
    at: str | None = None
    subject: str | None = None
    """Id of what the command made or changed"""
    details: dict[str, Any] = {}


def to_json(item: Any) -> bytes:
    """Give an item's JSON."""
    return msgspec.json.encode(item)
