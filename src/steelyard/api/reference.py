"""The pages of docs/reference that are made from the API itself: `python -m steelyard.api.reference DIR`.

`openapi.json`, `problems.md` and `routes.md`; a test compares the committed ones with these.
"""

import sys
from pathlib import Path

from steelyard.api import openapi, refusals
from steelyard.api.problems import KINDS
from steelyard.api.route import ANYONE, PUBLIC, Route
from steelyard.api.table import ROUTES
from steelyard.iso20022.reasons import code_of_number

_PROBLEMS = """# Problems

Made from `steelyard.api.problems` by `python -m steelyard.api.reference`; a test compares.

What ends a request is a document `application/problem+json` (RFC 9457).
Its `type` is one of the addresses below and never changes its meaning; each answers on every node with the words that stand here.
`code` says more exactly what it is, `errors` lists every fault found with its place, `instance` is the request's id, which the node's log has too.
`retryable` problems end when the same request is sent again.

A refusal by a rule is no error: the command was recorded, the answer is 200 with the outcome `refused`, and its `refusal` names the rule.

## Kinds

{kinds}
## Codes of not-authenticated

{codes}

## Refusals

Each answers under `/problems/refusals/NAME`.
The pages of the layers explain them: [door](refusals-door.md), [engine](refusals-engine.md), [fx](refusals-fx.md), [liquidity](refusals-liquidity.md), [members](refusals-members.md), [payments](refusals-payments.md).

| number | name | ISO 20022 |
|---|---|---|
{refusals}
"""  # noqa: E501  a sentence a line
CODES = {
    "no-credentials": "there is neither a key nor a session",
    "key-malformed": "the text is no API key, or the scheme is not Bearer",
    "key-of-another-environment": "the key is of a node with another profile",
    "key-unknown": "there is no such key, or its secret is another",
    "key-revoked": "the key was revoked",
    "key-expired": "the key's last day is over",
    "address-not-allowed": "the key is good from other addresses alone",
    "holder-may-not-act": "whose key or session it is may not act any more",
    "session-over": "the session has ended: by log-out, idleness, its age, or a new enrolment",
    "log-in-failed": "person, password or code is wrong, or log-ins of this person pause; no more is said",
    "enrolment-failed": "the code is unknown, used or over",
}
"""What `code` of not-authenticated may be"""
_ROUTES = """# Addresses

Made from `steelyard.api.table.ROUTES` by `python -m steelyard.api.reference`; a test compares.
The [API page](api.md) says what holds for all of them, `openapi.json` has their shapes, `/explorer` tries them.
`public` needs nobody to be anybody, `self` is for every caller about its own affairs; the rest are [rights](rights.md).
A list answers as CSV too, under the same address with `.csv`.

{tables}"""


def problems_page() -> str:
    """Write the page of problems."""
    kinds = "".join(
        f"### {kind.slug}\n\n**{kind.status}** {kind.title}{' (retryable)' if kind.retryable else ''}.\n"
        f"{_lines(kind.explanation)}\n\n"
        for kind in KINDS
    )
    codes = "\n".join(f"- `{code}`: {words}." for code, words in CODES.items())
    rows = "\n".join(
        f"| {number} | `{one.name}` | {code_of_number(number) or '–'} |"
        for number, one in sorted(refusals.BY_CODE.items())
    )
    return _PROBLEMS.format(kinds=kinds, codes=codes, refusals=rows)


def routes_page() -> str:
    """Write the page of addresses, a table for each resource."""
    by_resource: dict[str, list[Route]] = {}
    for line in ROUTES:
        by_resource.setdefault(resource(line), []).append(line)
    return _ROUTES.format(tables="\n".join(_table(name, lines) for name, lines in by_resource.items()))


def resource(line: Route) -> str:
    """Name what a route is about.

    >>> resource(next(line for line in ROUTES if line.path == "/v1/payments/{uetr}/legs"))
    'payments'
    """
    steps = line.path.strip("/").split("/")
    return steps[1] if steps[0] == "v1" else "service"


def _table(name: str, lines: list[Route]) -> str:
    rows = "\n".join(
        f"| `{line.method} {line.path}` | {line.about} | {_right(line)} | {_media(line)} |" for line in lines
    )
    return f"## {name}\n\n| address | what it does | right | reads, answers |\n|---|---|---|---|\n{rows}\n"


def _right(line: Route) -> str:
    profiles = f" ({', '.join(line.profiles)} alone)" if line.profiles else ""
    return (line.action if line.action in (PUBLIC, ANYONE) else f"`{line.action}`") + profiles


def _media(line: Route) -> str:
    """Name the forms of body and answer."""
    short = [media.rpartition("/")[2] for media in line.tells] if line.status != 204 else ["nothing"]
    takes = line.method != "GET" and (line.asked is not None or "json" not in line.asks[0])
    reads = [media.rpartition("/")[2] for media in line.asks] if takes else []
    return f"{', '.join(reads)} → {', '.join(short)}" if reads else ", ".join(short)


def _lines(text: str) -> str:
    """Put every sentence on a line."""
    return text.replace(". ", ".\n")


def write(folder: Path) -> None:
    """Write all pages."""
    (folder / "openapi.json").write_bytes(openapi.encoded(ROUTES))
    (folder / "problems.md").write_text(problems_page(), "utf-8")
    (folder / "routes.md").write_text(routes_page(), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
