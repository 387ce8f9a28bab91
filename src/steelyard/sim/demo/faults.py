"""Twelve messages that must not be taken, each with the code that is right: the day has careless banks too."""

from collections.abc import Callable, Iterator
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from steelyard.sim.day import Planned
from steelyard.sim.messages import Sender
from steelyard.sim.prices import decimal_text

Spoil = Callable[[bytes, Planned], bytes]


class Faulty(Struct, frozen=True):
    """A message, what is wrong with it, and the codes that count as right."""

    what: str
    bank: str
    raw: bytes
    codes: tuple[str, ...]


def _swap(old: bytes, new: bytes) -> Spoil:
    return lambda raw, item: raw.replace(old, new, 1)


def _between(opening: bytes, closing: bytes, make: Callable[[bytes], bytes]) -> Spoil:
    """Change what stands between two marks, the first time they occur."""

    def spoil(raw: bytes, item: Planned) -> bytes:
        start = raw.index(opening) + len(opening)
        end = raw.index(closing, start)
        return raw[:start] + make(raw[start:end]) + raw[end:]

    return spoil


def _last_digit(text: bytes) -> bytes:
    return text[:-1] + (b"1" if text[-1:] != b"1" else b"2")


def _tenth_more(text: bytes) -> bytes:
    return decimal_text(Fraction(text.decode()) * 11 / 10).encode()


SPOILS: tuple[tuple[str, Spoil, tuple[str, ...]], ...] = (
    ("a document type declaration", _swap(b"?>\n", b'?>\n<!DOCTYPE a [<!ENTITY e "x">]>'), ("XML02",)),
    ("a UETR in capitals", _between(b"<UETR>", b"</UETR>", bytes.upper), ("XSD01",)),
    ("two payments announced, one sent", _swap(b"<NbOfTxs>1<", b"<NbOfTxs>2<"), ("AM19", "AM18")),
    ("an amount of zero", _between(b'Amt Ccy="AED">', b"<", lambda text: b"0.00"), ("AM01", "AM12")),
    ("three decimals where INR has two", _between(b'Amt Ccy="INR">', b"<", lambda text: text + b"5"), ("CH20", "AM12")),
    ("a currency that is not settled here", _swap(b'Ccy="INR"', b'Ccy="CHF"'), ("AM03", "AM11")),
    ("a rate that does not join the amounts", _between(b"<XchgRate>", b"</XchgRate>", _tenth_more), ("AM09",)),
    ("a settlement date gone by", _between(b"<IntrBkSttlmDt>", b"</", lambda text: b"2026-11-20"), ("DT01",)),
    ("a creditor agent nobody knows", _swap(b"<CdtrAgt><FinInstnId><BICFI>", b"<CdtrAgt><FinInstnId><BICFI>XX"), ()),
    ("a payer's account with a wrong check digit", _between(b"<IBAN>", b"</IBAN>", _last_digit), ("AC02",)),
    ("a payer's LEI with a wrong check digit", _between(b"<LEI>", b"</LEI>", _last_digit), ("BE16",)),
    ("an unknown purpose", _between(b"<Purp><Cd>", b"</Cd>", lambda text: b"QQQQ"), ("FF07",)),
)  # fmt: skip


def faulty(day: list[Planned], sender: Sender, *, at: int) -> Iterator[Faulty]:
    """Make the twelve from a firm's payment of the day from AED to INR."""
    item = next(
        item
        for item in day
        if (item.source, item.target) == ("AED", "INR") and item.payer.lei and item.payer.is_iban
    )
    for number, (what, spoil, codes) in enumerate(SPOILS, start=1):
        uetr = f"{number:08d}{item.uetr[8:]}"
        one = replace(item, number=90_000_000 + number, uetr=uetr)
        raw = spoil(sender.pacs_008(one, at=at), one)
        if not codes:
            raw, codes = sender.pacs_008(one, at=at).replace(
                b"<CdtrAgt><FinInstnId><BICFI>" + one.payee.bank.encode(), b"<CdtrAgt><FinInstnId><BICFI>NONEINB0", 1
            ), ("CNOR", "RC07", "RC11")  # fmt: skip
        yield Faulty(what, one.payer.bank, raw, codes)
