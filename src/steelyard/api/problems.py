"""Problems (RFC 9457): every kind there is, in one table, and the exception that carries one to the edge.

A kind never changes its meaning. Its `type` is a path on this node that answers with its explanation; so does
`/problems/refusals/NAME` for every refusal of every layer. A refusal by rule is an answer (200, in the field
`refusal`), not an HTTP error. Nothing of the inside, and no secret, is ever in a problem.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from steelyard.api import refusals
from steelyard.client.types import Fault, Problem
from steelyard.values.refusal import Refusal

MEDIA_TYPE = "application/problem+json"
FAULTS_MAX = 100


class Kind(NamedTuple):
    """One kind of problem: the last part of its address, its status, its title, what to do about it."""

    slug: str
    status: int
    title: str
    explanation: str
    retryable: bool = False


KINDS: tuple[Kind, ...] = (
    Kind("malformed-body", 400, "The body cannot be read",
         "The body is not JSON, not XML, or not UTF-8. Look at the place that `detail` names and send it anew."),
    Kind("batch-is-malformed", 400, "The batch of legs has the wrong form",
         "A batch is 1 to 8,000 records of 128 bytes, reserved bytes zero, the last record not linked to a next."),
    Kind("schema-violation", 422, "The request has the wrong shape",
         "Every fault found is listed under `errors` with the place in the body (JSON pointer) or the query field."),
    Kind("unknown-field", 422, "The request has fields that do not exist",
         "Fields that nobody reads are refused, so that a misspelt one is never lost. Each is listed."),
    Kind("idempotency-key-missing", 422, "The header Idempotency-Key is missing or malformed",
         "Every change needs a key of 1 to 255 visible ASCII characters: best a UUID of version 7, but any text does."
         " With it the same request may be sent again at any time and is done once. What else is wrong with the"
         " request is listed too."),
    Kind("idempotency-key-reused", 409, "The idempotency key came with another request",
         "A key stands for one request. Use a new key for a new request."),
    Kind("request-in-progress", 409, "The first request under this key is still running",
         "Ask again after the time that Retry-After names; the answer of the first will be given.", True),
    Kind("not-authenticated", 401, "We cannot tell who you are",
         "`code` says which check failed: no key, an unknown, revoked or expired one, or no session. Where a"
         " password or code was wrong, nothing more is said."),
    Kind("signature-invalid", 401, "The signature does not hold",
         "The request's signature is missing, broken or by a key that is not yours."),
    Kind("step-up-needed", 401, "Log in once more for this",
         "The act asks for a password and code that were given within the last minutes."),
    Kind("not-allowed", 403, "You have no right to this",
         "The right that the address needs is not among those of your roles or of your key's scopes."),
    Kind("signer-does-not-own-account", 403, "The key is bound to another BIC",
         "A key orders for its own participant alone: the sender in the message or request is another."),
    Kind("not-found", 404, "There is no such thing",
         "The address or the thing named by it does not exist, or you may not know that it does."),
    Kind("method-not-allowed", 405, "The address does not take this method",
         "The header Allow lists the methods that it takes."),
    Kind("not-acceptable", 406, "The address cannot answer in that form",
         "The forms in which the address answers stand in the reference."),
    Kind("request-too-slow", 408, "The body came too slowly", "A body is read within 30 seconds.", True),
    Kind("state-forbids", 409, "The state has no place for this",
         "What is asked came too late or too early; the present state is in `detail`."),
    Kind("version-is-stale", 412, "Somebody changed it meanwhile",
         "The version in If-Match is not the present one. Read it again and decide anew."),
    Kind("body-too-large", 413, "The body is too large",
         "JSON may have 4 MiB, files 32 MiB. Larger files go in pieces."),
    Kind("media-type-not-supported", 415, "The body is of a kind that is not read here",
         "Send JSON as application/json, messages as application/xml, files as the reference says; without"
         " Content-Encoding."),
    Kind("precondition-missing", 428, "The change needs If-Match",
         "Settings are changed against a version: read the thing, and send its ETag back in If-Match."),
    Kind("too-many-requests", 429, "Too many requests",
         "Wait for the time that Retry-After names. A repeat of an accepted payment is never refused so.", True),
    Kind("headers-too-large", 431, "The headers are too large", "All headers together may have 16 KiB."),
    Kind("cursor-does-not-fit", 422, "The cursor is not of this list",
         "A cursor goes with the filters, the order and the caller it was given to."),
    Kind("internal", 500, "Something went wrong here",
         "It is our fault and it is logged under the id in `instance`. Nothing is said about the inside."),
    Kind("node-is-busy", 503, "The node has as much waiting as it can hold",
         "Nothing was recorded. Send the same request again after the time that Retry-After names.", True),
    Kind("node-is-not-leader", 503, "Another node writes this journal",
         "Nothing was recorded. Send the request to the leader.", True),
    Kind("node-is-stopping", 503, "The node is shutting down",
         "Nothing was recorded. Send the same request again in a moment.", True),
    Kind("projection-lags", 503, "The tables for questions are behind",
         "The row asked for is not in them yet. Ask again in a moment.", True),
    Kind("outcome-unknown", 504, "What became of it is not known here",
         "The connection to the node was lost, or the time was over, before the answer came. Send the same"
         " request again under the same key, or ask for the thing by its id: both are always safe.", True),
    Kind("refused", 200, "Refused by a rule",
         "The command was recorded and refused; nothing moved. `code` names the rule, `type` explains it. Where terms"
         " are refused for their fields, all of these stand under `errors`, each with its rule."),
    Kind("message-breaks-rules", 200, "The message breaks rules of its usage",
         "Every finding is listed under `errors` with its ISO 20022 code and its place. Nothing was booked."),
)  # fmt: skip
BY_SLUG = {kind.slug: kind for kind in KINDS}


class ProblemError(Exception):
    """A request ends with a problem; `headers` go out with it."""

    def __init__(
        self,
        slug: str,
        detail: str = "",
        *,
        code: str = "",
        errors: Sequence[Fault] = (),
        iso_code: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(slug)
        self.problem = problem(slug, detail, code=code, errors=errors, iso_code=iso_code)
        self.headers = headers or {}


def problem(
    slug: str, detail: str = "", *, code: str = "", errors: Sequence[Fault] = (), iso_code: str = ""
) -> Problem:
    """Make a problem of a kind; without a code of its own the kind's name is the code."""
    kind = BY_SLUG[slug]
    listed = list(errors[:FAULTS_MAX])
    if len(errors) > FAULTS_MAX:
        detail = f"{detail} ({len(errors) - FAULTS_MAX} more are not listed)".strip()
    return Problem(
        f"/problems/{slug}",
        kind.title,
        kind.status,
        code or slug,
        detail,
        "",
        iso_code,
        kind.retryable,
        listed,
    )


def refused(refusal: Refusal, *, iso_code: str = "", detail: str = "") -> Problem:
    """Make the problem object of a refusal by rule, as it stands in an answer."""
    return Problem(
        f"/problems/refusals/{refusal.name}",
        refusals.title(refusal),
        200,
        refusal.name,
        f"{refusals.sentence(refusal)} ({detail})" if detail else refusals.sentence(refusal),
        iso_code=iso_code,
    )


def encode(item: Problem) -> bytes:
    """Give a problem's JSON."""
    return msgspec.json.encode(item)
