"""Rule cases: an index of ISO 20022 messages beside it, each accepted, rejected or refused as a whole.

`INDEX.tsv` has a line for each file: `expected` (ACCEPT or REJECT), `answer_message` (pacs.002 or admi.002),
`accepted_reason_codes` (any of them is right; none where the reason is free text). The cases assume a hub of two
banks at noon UTC on 2026-11-23, as written out in `PROFILE`.
"""

import csv
from functools import cache
from pathlib import Path
from typing import Any

from steelyard.cli.vectors.compare import Check, Failure, judged, same
from steelyard.iso20022.answers import answer_kind
from steelyard.iso20022.check import check
from steelyard.iso20022.context import Context, Outcome
from steelyard.iso20022.profiles import file
from steelyard.packs.reference import reference

PROFILE = """
base = "hub"
clock = "2026-11-23T12:00:00Z"
business_on = 2026-11-23
hub_bic = "HUBXZAJJXXX"
settled_currencies = ["AED", "BRL", "CNY", "EGP", "ETB", "IDR", "INR", "IRR", "RUB", "ZAR"]
settlement_methods = ["CLRG"]
clearing_system = { proprietary = "HUBX" }
business_services = []
rate_tolerance_ppm = 100
horizon_days = 365
unstructured_address_until = 2026-11-14

[[participant]]
bic = "AAAABRSPXXX"
[[participant]]
bic = "BBBBINBBXXX"

[calendar.default]
weekend = ["sat", "sun"]
"""
COLUMNS = ("file", "expected", "answer_message", "accepted_reason_codes")
OUTCOMES = {Outcome.ACCEPTED: "ACCEPT", Outcome.REJECTED: "REJECT", Outcome.REFUSED: "REJECT"}


def cases(path: Path) -> list[dict[str, Any]]:
    """Read an index: one case for each line."""
    found = []
    with path.open(encoding="utf-8", newline="") as index:
        for row in csv.DictReader(index, delimiter="\t"):
            missing = [name for name in COLUMNS if row.get(name) is None]
            if missing:
                raise ValueError(f"a line has no {', '.join(missing)}")
            expect: dict[str, Any] = {"outcome": row["expected"], "answer": row["answer_message"]}
            if row["accepted_reason_codes"]:
                expect["reason_code"] = row["accepted_reason_codes"].split(",")
            found.append({"name": row["file"], "file": path.parent / row["file"], "expect": expect})
    return found


def judge(case: dict[str, Any]) -> list[Failure]:
    """Check one message."""
    verdict = check(case["file"].read_bytes(), _context())
    first = verdict.codes[0] if verdict.codes else None
    checks: dict[str, Check] = {
        "outcome": lambda expected: same("outcome", expected, OUTCOMES[verdict.outcome]),
        "answer": lambda expected: same("answer", expected, answer_kind(verdict)),
        "reason_code": lambda codes: [] if first in codes else [Failure("reason_code", codes, first)],
    }
    return judged(case["expect"], checks)


@cache
def _context() -> Context:
    return file.context_of(file.read(PROFILE), reference(), now_at=0)
