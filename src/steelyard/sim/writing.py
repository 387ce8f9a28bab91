"""Days written as CSV, with what a pacs.008 of each row needs: UETR and BICs, all invented and always the same."""

import csv
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from steelyard.sim.synthetic import Day

_COUNTRIES = {
    "ARE": "AE", "BRA": "BR", "CHN": "CN", "EGY": "EG", "ETH": "ET", "IDN": "ID", "IND": "IN", "IRN": "IR",
    "RUS": "RU", "SAU": "SA", "ZAF": "ZA",
}  # fmt: skip
DATE = datetime(2030, 1, 7, tzinfo=UTC)
"""The date that a drawn day bears: a Monday."""
HEADINGS = (
    "id", "at", "payer", "payee", "payer_member", "payee_member", "currency", "amount_minor", "priority",
)  # fmt: skip
REFERENCES = ("uetr", "payer_bic", "payee_bic")


def write_csv(day: Day, path: Path, *, drawn: bool = True) -> None:
    """Write a day so that `read` gives it back; one that was drawn with what a pacs.008 of each row needs too."""
    start = int(DATE.timestamp()) + day.opens_s
    owner = [day.members[member] for member in day.bank_member.tolist()]
    bics = [bic(name, member) for name, member in zip(day.banks, owner, strict=True)] if drawn else []
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADINGS + (REFERENCES if drawn else ()))
        columns = (day.payer, day.payee, day.currency, day.amount_minor, day.priority, day.at_s)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        for number, (payer, payee, currency, amount, priority, at_s) in enumerate(rows, 1):
            at = datetime.fromtimestamp(start + at_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            cells = [
                f"p{number}", at, day.banks[payer], day.banks[payee], owner[payer], owner[payee],
                day.currencies[currency], amount, priority,
            ]  # fmt: skip
            writer.writerow([*cells, uetr(day, number), bics[payer], bics[payee]] if drawn else cells)


def write_scenario(day: Day, path: Path, file: str) -> None:
    """Write a scenario that reads a drawn day again from its file: a minor unit is worth the same in every currency."""
    rates = "\n".join(f"{code} = 1" for code in day.currencies)
    path.write_text(
        f'name = "A drawn day"\n\n[data]\nsource = "file"\npath = "{file}"\n\n[data.rates]\n{rates}\n',
        "utf-8",
    )


def bic(bank: str, member: str) -> str:
    """Give an invented BIC of a drawn bank: its number, the member's country, and XX for an office that is none."""
    country = _COUNTRIES.get(member, member[:2])
    return f"S{int(bank.removeprefix(member)):03d}{country}XX"


def uetr(day: Day, number: int) -> str:
    """Give the UETR of a payment of a day, a version 4 UUID that its name decides."""
    raw = bytearray(sha256(f"{day.source}/{number}".encode()).digest()[:16])
    raw[6], raw[8] = raw[6] & 0x0F | 0x40, raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
