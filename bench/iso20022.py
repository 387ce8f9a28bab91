"""ISO 20022: how fast bytes become a dict, and outcomes bytes. One core, except where it says two threads.

The message is a pacs.008.001.08 with header, about 2.6 kB: structured parties, LEI, structured remittance.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from bench.figures import ROOT, Figure, main, per_second
from steelyard.iso20022 import schema, tables, write
from steelyard.iso20022.context import FILE_TREE, MESSAGE_ROUTE
from steelyard.iso20022.extract import extract
from steelyard.iso20022.guard import guard
from steelyard.iso20022.parse import parse
from steelyard.iso20022.write import slot

HEADER_ID, PAYMENT_ID, STATUS_ID = "head.001.001.02", "pacs.008.001.08", "pacs.002.001.10"
TIMES = 2_000


def header(definition: str) -> dict[str, object]:
    """Give a business application header."""
    return {
        "from": {"bic": "AAAABRSPXXX"},
        "to": {"bic": "HUBXZAJJXXX"},
        "business_message_id": "SHUB2026112300001",
        "definition": definition,
        "service": "hub.xborder.01",
        "created_at": "2026-11-23T10:15:30.123+00:00",
        "priority": "NORM",
    }


def party(name: str, street: str, town: str, country: str, lei: str) -> dict[str, object]:
    """Give a party with a structured address."""
    address = {"street": street, "building": "27", "post_code": "380009", "town": town, "country": country}
    return {"name": name, "address": address, "lei": lei}


def payment(number: int) -> dict[str, object]:
    """Give one transaction."""
    remittance = {
        "documents": [{"type": {"code": "CINV"}, "number": f"INV-2026-{number:05}", "on": "2026-10-30"}],
        "amounts": {"due": ("INR", "1250000.50"), "remitted": ("INR", "1250000.50")},
        "creditor_reference": {"type": {"code": "SCOR"}, "reference": "RF18539007547034"},
        "text": ["urea in bulk, 2,500 t, bill of lading 7 of 30 October, delivered at Kandla"],
    }
    return {
        "instruction_id": f"SI{number:08}",
        "end_to_end_id": f"SE2E{number:08}",
        "uetr": f"dcf2f8ee-5b60-470e-967a-{number:012x}",
        "service_levels": [{"code": "G001"}],
        "category_purpose": {"code": "SUPP"},
        "settlement": ("INR", "1250000.50"),
        "settlement_on": "2026-11-25",
        "instructed": ("BRL", "84005.41"),
        "rate": "14.8800",
        "charge_bearer": "SHAR",
        "instructing_agent": {"bic": "AAAABRSPXXX"},
        "instructed_agent": {"bic": "BBBBINBBXXX"},
        "debtor": party(
            "Planalto Graos e Fertilizantes Exportadora S.A.",
            "Avenida Central",
            "Sao Paulo",
            "BR",
            "HUBTESTDEBTORBR00164",
        ),
        "debtor_account": {"iban": "BR1500000000000010932840814P2"},
        "debtor_agent": {"bic": "AAAABRSPXXX"},
        "creditor_agent": {"bic": "BBBBINBBXXX"},
        "creditor": party(
            "Deccan Fertiliser and Chemicals Private Limited",
            "Mill Road",
            "Pune",
            "IN",
            "HUBTESTCREDTORIN0137",
        ),
        "creditor_account": {"other": {"id": "502100012345678"}},
        "purpose": {"code": "GDDS"},
        "remittance": {"structured": [remittance]},
    }


def message(count: int) -> bytes:
    """Give a message of `count` payments."""
    group = {
        "message_id": "SHUB2026112300001",
        "created_at": "2026-11-23T10:15:30.123+00:00",
        "count": str(count),
        "settlement_method": "CLRG",
        "clearing_system": {"proprietary": "HUBX"},
    }
    body = {"group": group, "transactions": [payment(number) for number in range(count)]}
    return write.document(header(PAYMENT_ID), body, (HEADER_ID, PAYMENT_ID))


def status() -> tuple[write.Template, dict[str, str]]:
    """Give the template of a status report with header, and what fills it."""
    head = header(STATUS_ID) | {
        "to": {"bic": slot("to")},
        "business_message_id": slot("id"),
        "created_at": slot("at"),
    }
    one = {
        "original_group": {"message_id": slot("message"), "definition": PAYMENT_ID},
        "original_instruction_id": slot("instruction"),
        "original_end_to_end_id": slot("end_to_end"),
        "original_uetr": slot("uetr"),
        "status": "RJCT",
        "reasons": [
            {"originator": {"bic": "HUBXZAJJXXX"}, "reason": {"code": slot("code")}, "text": [slot("text")]}
        ],
    }
    body = {"group": {"message_id": slot("id"), "created_at": slot("at")}, "transactions": [one]}
    filling = {
        "to": "AAAABRSPXXX",
        "id": "HUB20261123abcdef0123456789abcdef",
        "at": "2026-11-23T12:00:00Z",
        "message": "SHUB2026112300001",
        "instruction": "SI00000001",
        "end_to_end": "SE2E00000001",
        "uetr": "dcf2f8ee-5b60-470e-967a-f71cee08a0b9",
        "code": "AC03",
        "text": "AC03 /Document/FIToFICstmrCdtTrf/CdtTrfTxInf[1]/CdtrAcct/Id/IBAN: check digits",
    }
    return write.document_template(head, body, (HEADER_ID, STATUS_ID)), filling


def judge(raw: bytes) -> None:
    """Parse and validate the Document; what fails here is a broken benchmark."""
    if schema.validate(PAYMENT_ID, parse(raw)[1], size=len(raw)) is not None:
        raise AssertionError(PAYMENT_ID)


def read(raw: bytes) -> None:
    """Guard, parse, validate and read both parts."""
    root = parse(_guarded(raw))
    for message_id, element in zip((HEADER_ID, PAYMENT_ID), root, strict=True):
        if schema.validate(message_id, element, size=len(raw)) is not None:
            raise AssertionError(message_id)
        extract(element, TABLES[message_id])


def _guarded(raw: bytes) -> bytes:
    passed = guard(raw, MESSAGE_ROUTE if len(raw) < 1 << 20 else FILE_TREE)
    if not isinstance(passed, bytes):
        raise AssertionError(passed)
    return passed


TABLES = {message_id: tables.message(message_id) for message_id in (HEADER_ID, PAYMENT_ID, STATUS_ID)}


def rows() -> Iterator[Figure]:
    """Measure the part of the specification's table that needs no rules."""
    raw = message(1)
    size = f"{len(raw)} bytes"
    yield Figure(
        "guard + parse + two schemas + extraction", _rate(lambda: read(raw)), "messages/s", 10_000, note=size
    )
    thousand = message(1_000)
    took = 1_000 / per_second(lambda: (read(thousand), 1)[1])
    yield Figure("file of 1,000 payments, read", took, "ms", 100, at_most=True, note=f"{len(thousand)} bytes")
    values = extract(parse(raw)[1], TABLES[PAYMENT_ID])
    yield Figure(
        "pacs.008 written from its values", _rate(lambda: write.write(PAYMENT_ID, values)), "messages/s"
    )
    template, filling = status()
    yield Figure(
        "pacs.002 from template", _rate(lambda: template.fill(filling), 20_000), "messages/s", 200_000
    )
    yield Figure(
        "pacs.002 from template, self-check", _rate(lambda: _checked(template, filling)), "messages/s", 40_000
    )
    one, two = _threads(raw, 1), _threads(raw, 2)
    note = "Document; both hold the lock for what Python does"
    yield Figure("two threads against one, parse + schema", two / one, "times", 1.5, note=note)
    yield Figure("import of the package", _fresh("import steelyard.iso20022.check"), "ms", 150, at_most=True)
    yield Figure(
        "first message of a kind", _first(), "ms", 20, at_most=True, note="table, schema and trie made"
    )


def _rate(work: Callable[[], object], times: int = TIMES) -> float:
    def round_() -> int:
        for _ in range(times):
            work()
        return times

    return per_second(round_)


def _checked(template: write.Template, filling: dict[str, str]) -> None:
    """Fill and validate what was made, as a node does before it sends."""
    raw = template.fill(filling)
    root = parse(raw)
    for message_id, element in zip((HEADER_ID, STATUS_ID), root, strict=True):
        if schema.validate(message_id, element, size=len(raw)) is not None:
            raise AssertionError(message_id)


def _threads(raw: bytes, count: int) -> float:
    def work(_: int) -> None:
        for _ in range(TIMES):
            judge(raw)

    with ThreadPoolExecutor(count) as pool:
        return per_second(lambda: (list(pool.map(work, range(count))), TIMES * count)[1])


def _fresh(code: str) -> float:
    """Give the median time of code in a new interpreter, less that of an empty one, in ms."""

    def once(text: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", text], cwd=ROOT, check=True)
        return time.perf_counter() - start

    pairs = sorted(once(code) - once("pass") for _ in range(7))
    return 1000 * pairs[3]


def _first() -> float:
    """Give the time of the first pacs.008 in a new interpreter, in ms."""
    code = (
        "import sys, time; from bench import iso20022 as b; raw = sys.stdin.buffer.read();"
        "b.tables.message.cache_clear(); start = time.perf_counter();"
        "b.TABLES = {i: b.tables.message(i) for i in (b.HEADER_ID, b.PAYMENT_ID)};"
        "b.read(raw); print(1000 * (time.perf_counter() - start))"
    )
    made = message(1)
    taken = [
        float(
            subprocess.run(
                [sys.executable, "-c", code], input=made, cwd=ROOT, check=True, capture_output=True
            ).stdout
        )
        for _ in range(7)
    ]
    return sorted(taken)[3]


if __name__ == "__main__":
    main(rows)
