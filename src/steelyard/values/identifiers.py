"""Identifiers that carry their own check: BIC, LEI, IBAN, creditor reference, UETR, account.

Each comes twice: a cheap predicate over text, for rules that run on every message, and a value that is only
made from text that passes. Tables (IBAN lengths by country) are arguments. Text is compared as written: case
and white space are the edge's business.

Sources: ISO 9362 (BIC), ISO 17442 (LEI), ISO 13616 (IBAN), ISO 11649 (creditor reference), RFC 9562 (UUID 4).
"""

import re
from collections.abc import Mapping

import msgspec

_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_LEI = re.compile(r"[A-Z0-9]{18}[0-9]{2}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Za-z0-9]{1,30}")
_REFERENCE = re.compile(r"RF[0-9]{2}[A-Za-z0-9]{1,21}")
_UETR = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_AS_DIGITS = {ord(c): str(int(c, 36)) for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}


def _mod97(text: str) -> int:
    """Give the ISO 7064 mod 97-10 remainder of letters and digits; 1 where the check digits are right."""
    return int(text.translate(_AS_DIGITS)) % 97


def bic_is_shaped(text: str) -> bool:
    """Say whether the text has the shape of a BIC, 8 or 11 characters."""
    return _BIC.fullmatch(text) is not None


def lei_is_right(text: str) -> bool:
    """Say whether the text is a LEI with right check digits.

    >>> lei_is_right("529900T8BM49AURSDO55"), lei_is_right("529900T8BM49AURSDO56")
    (True, False)
    """
    return _LEI.fullmatch(text) is not None and _mod97(text) == 1


def iban_fault(text: str, lengths: Mapping[str, int]) -> str | None:
    """Name what is wrong with an IBAN: "shape", "country", "length" or "check"; None where it is right.

    `lengths` gives the length per country code.

    >>> iban_fault("AE070331234567890123456", {"AE": 23}) is None
    True
    >>> iban_fault("AE080331234567890123456", {"AE": 23})
    'check'
    """
    if _IBAN.fullmatch(text) is None:
        return "shape"
    length = lengths.get(text[:2])
    if length is None:
        return "country"
    if length != len(text):
        return "length"
    if text[2:4] in ("00", "01", "99") or _mod97(text[4:] + text[:4]) != 1:
        return "check"
    return None


def reference_is_right(text: str) -> bool:
    """Say whether the text is an ISO 11649 creditor reference with right check digits.

    >>> reference_is_right("RF18539007547034")
    True
    """
    return _REFERENCE.fullmatch(text) is not None and _mod97(text[4:] + text[:4]) == 1


def uetr_is_v4(text: str) -> bool:
    """Say whether the text is a UETR: a version 4 UUID in lower case."""
    return _UETR.fullmatch(text) is not None


class Bic(msgspec.Struct, frozen=True, eq=False):
    """A bank's code. Eight characters and the same with XXX are one BIC; it is written as it came.

    >>> Bic("GHAFAEA0") == Bic("GHAFAEA0XXX"), Bic("GHAFAEA0").country
    (True, 'AE')
    """

    text: str

    def __post_init__(self) -> None:
        if not bic_is_shaped(self.text):
            raise ValueError("not a BIC")

    @property
    def full(self) -> str:
        """The eleven characters by which it is compared and looked up."""
        return self.text if len(self.text) == 11 else self.text + "XXX"

    @property
    def country(self) -> str:
        """The country code in it."""
        return self.text[4:6]

    def __eq__(self, other: object) -> bool:
        return self.full == other.full if isinstance(other, Bic) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.full)


class Lei(msgspec.Struct, frozen=True):
    """A legal entity's code of 20 characters, check digits right."""

    text: str

    def __post_init__(self) -> None:
        if not lei_is_right(self.text):
            raise ValueError("not a LEI")


class Uetr(msgspec.Struct, frozen=True, order=True):
    """The end-to-end reference of one payment, kept as its 128-bit number.

    >>> Uetr.read("eb6305c9-1f7f-49de-aed0-16487c27b42d").text
    'eb6305c9-1f7f-49de-aed0-16487c27b42d'
    """

    number: int

    @classmethod
    def read(cls, text: str) -> "Uetr":
        """Make one from text that passes `uetr_is_v4`; anything else is a ValueError."""
        if not uetr_is_v4(text):
            raise ValueError("not a UETR")
        return cls(int(text.replace("-", ""), 16))

    @property
    def text(self) -> str:
        """The 36 characters of it."""
        h = f"{self.number:032x}"
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


class Iban(msgspec.Struct, frozen=True, tag_field="form", tag="iban"):
    """An account by its IBAN; make it with `Iban.read`, which checks it."""

    text: str

    @classmethod
    def read(cls, text: str, lengths: Mapping[str, int]) -> "Iban":
        """Make one from text without fault; anything else is a ValueError that names the fault."""
        fault = iban_fault(text, lengths)
        if fault is not None:
            raise ValueError(f"not an IBAN: {fault}")
        return cls(text)

    @property
    def country(self) -> str:
        """The country code in it."""
        return self.text[:2]


class National(msgspec.Struct, frozen=True, tag_field="form", tag="national"):
    """An account by a country's own scheme: the scheme, the clearing code of the branch, the account's id."""

    scheme: str
    clearing_code: str
    id: str


class Alias(msgspec.Struct, frozen=True, tag_field="form", tag="alias"):
    """An account by something that stands for it: a telephone number, a tax number, a handle."""

    type: str
    value: str


Account = Iban | National | Alias
