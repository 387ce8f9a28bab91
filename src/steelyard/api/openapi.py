"""The OpenAPI 3.1 document, made from the table of routes and the wire shapes: nothing is written twice.

`document()` gives it as data. The committed copy under docs/reference is compared with it by a test.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from steelyard import __version__
from steelyard.api.examples import EXAMPLES
from steelyard.api.listing import BOM, ORDERING
from steelyard.api.problems import MEDIA_TYPE
from steelyard.api.query import PAGE, WAIT
from steelyard.api.route import ANYONE, JSON, PUBLIC, Param, Route
from steelyard.api.shape_examples import asked
from steelyard.client.types import Problem
from steelyard.members.rights import ACTIONS

SHARED = (*PAGE, *WAIT, ORDERING, BOM)
"""Query fields that stand once in the document"""
_PARAM = re.compile(r"\{(\w+)\}")
_SCHEMA: dict[str, dict[str, Any]] = {
    "text": {"type": "string", "minLength": 1, "maxLength": 2000},
    "number": {"type": "integer", "minimum": 0, "maximum": 1 << 60},
    "date": {"type": "string", "format": "date"},
    "instant": {"type": "string", "format": "date-time"},
    "asset": {"type": "string", "pattern": "^[A-Z0-9.-]{1,32}(,[A-Z0-9.-]{1,32})*$"},
    "bic": {"type": "string", "pattern": "^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$"},
    "flag": {"type": "string", "enum": ["true", "false"]},
}
ADDRESSES = {
    "uetr": "A payment's UETR.", "id": "Id of the thing.", "bic": "A participant's BIC.", "asset": "Code of an asset.",
    "code": "A member's code.", "actor": "A person or system key.", "account": "An account's name or number.",
    "on": "A date, YYYY-MM-DD.", "proposal": "Id of a proposal.", "bundle": "Id of a bundle.",
    "slug": "Kind of problem.", "name": "Name of a refusal.", "sell": "What the customer gives.",
    "buy": "What the customer gets.", "instrument": "Code of an instrument.",
    "session": "Name of a session of orders.", "series": "Code of a series of prices.",
    "number": "Number of a complaint.",
    "site": "Name of a site.",
}  # fmt: skip


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """Give the document of some routes."""
    lines = list(routes)
    kinds = [kind for line in lines for kind in (line.asked, line.told) if kind is not None]
    schemas, components = msgspec.json.schema_components(
        [*kinds, Problem], ref_template="#/components/schemas/{name}"
    )
    schema_of = dict(zip(map(_id, [*kinds, Problem]), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for line in lines:
        paths.setdefault(line.path, {})[line.method.lower()] = _operation(line, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Steelyard",
            "version": __version__,
            "summary": "Settlement between countries that share no currency.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": {name: _clean(components[name]) for name in sorted(components)},
            "parameters": {_KEY["name"]: _KEY} | {param.name: _in_query(param) for param in SHARED},
            "responses": {
                str(status): {
                    "description": said,
                    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
                for status, said in _SAID.items()
                if status >= 400
            },
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key, sk_..."},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-steelyard"},
            },
        },
    }


def encoded(routes: Iterable[Route]) -> bytes:
    """Give the document as JSON that reads well in a diff."""
    return msgspec.json.format(msgspec.json.encode(document(routes)), indent=1) + b"\n"


def _shared(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def _id(kind: Any) -> str:
    return str(kind)


def _operation(line: Route, schema_of: dict[str, Any]) -> dict[str, Any]:
    parameters = [_in_path(name) for name in _PARAM.findall(line.path)]
    parameters += [_in_query(param) if param not in SHARED else _shared(param.name) for param in line.query]
    if line.method == "GET" and line.action != PUBLIC:
        parameters += [_shared(param.name) for param in WAIT]
    if line.keyed:
        parameters.append(_shared(_KEY["name"]))
    operation: dict[str, Any] = {
        "operationId": line.name,
        "summary": line.about,
        "description": _words(line),
        "tags": [line.path.split("/")[2] if line.path.startswith("/v1/") else "service"],
        "parameters": parameters,
        "responses": _responses(line, schema_of),
    }
    if line.action == PUBLIC:
        operation["security"] = []
    if line.method in ("POST", "PUT", "PATCH") and (line.asked is not None or line.asks != (JSON,)):
        operation["requestBody"] = {"required": not _may_be_empty(line), "content": _body(line, schema_of)}
    return operation


def _words(line: Route) -> str:
    text = (line.run.__doc__ or "").strip().partition("\n\n")[0]
    text = " ".join(text.split())
    if line.action == PUBLIC:
        return f"{text} Needs no log-in."
    if line.action == ANYONE:
        return f"{text} For every authenticated caller."
    return f"{text} Needs the right `{line.action}`: {ACTIONS[line.action]}."


def _may_be_empty(line: Route) -> bool:
    kind = line.asked
    return kind is not None and len(kind.__struct_defaults__) == len(kind.__struct_fields__)


def _body(line: Route, schema_of: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for media in line.asks:
        shape = _clean(schema_of[_id(line.asked)]) if media == JSON else {"type": "string"}
        if media == JSON and line.path == "/v1/payments":
            shape = {"oneOf": [shape, {"type": "array", "minItems": 1, "maxItems": 1000, "items": shape}]}
        content[media] = {"schema": shape}
        example = asked(line, media)
        if example is not None:
            content[media]["example"] = example
    return content


def _responses(line: Route, schema_of: dict[str, Any]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for media in line.tells:
        shape = _clean(schema_of[_id(line.told)]) if line.told is not None and media == JSON else {}
        if media == JSON and line.path == "/v1/payments" and line.method == "POST":
            shape = {"oneOf": [shape, {"type": "array", "items": shape}]}
        content[media] = {"schema": shape or ({} if media == JSON else {"type": "string"})}
        example = EXAMPLES.get(f"{line.method} {line.path}", {}).get("told")
        if example is not None and media == line.tells[0]:
            content[media]["example"] = example
    good: dict[str, Any] = {"description": _SAID.get(line.status, "Done.")}
    if line.status != 204:
        good["content"] = content
    responses: dict[str, Any] = {str(line.status): good}
    for status in _statuses(line):
        plain = (
            not (line.path.startswith("/v1/messages") and line.method == "POST")
            and line.path != "/health/ready"
        )
        if plain:
            responses[str(status)] = {"$ref": f"#/components/responses/{status}"}
            continue
        forms: dict[str, Any] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        if line.path.startswith("/v1/messages") and line.method == "POST":
            forms |= {"application/xml": {"schema": {"type": "string"}}}
        if line.path == "/health/ready":
            forms |= {JSON: {"schema": {}}}
        responses[str(status)] = {"description": _SAID[status], "content": forms}
    return dict(sorted(responses.items()))


def _statuses(line: Route) -> list[int]:
    """Give the statuses that a route may end with beside the good one."""
    found = {405, 422, 429, 431, 500, 503, 504}
    if line.action != PUBLIC or "sessions" in line.path or "enrol" in line.path:
        found |= {401, 403}
    names_one = any(param.name == "participant" and line.told is not None for param in line.query)
    if "{" in line.path or names_one or line.path in ("/v1/api-keys", "/v1/sessions/current"):
        found |= {404}
    if line.method != "GET":
        found |= {400, 403, 404, 408, 409, 412, 413, 415, 428}
    if line.path.startswith("/v1/messages"):
        found |= {406}
    return sorted(found)


_SAID = {
    200: "Done, or refused by a rule: the answer says which.",
    201: "Made.",
    204: "Done.",
    400: "The body cannot be read.",
    401: "We cannot tell who asks.",
    403: "No right to this.",
    404: "There is no such thing, or it is another's.",
    405: "The address does not take this method.",
    406: "No answer in that form.",
    408: "The body came too slowly.",
    409: "The key came with another request, or the state forbids it.",
    412: "It was changed meanwhile.",
    413: "The body is too large.",
    415: "The body is of a kind that is not read here.",
    422: "The request has the wrong shape; every fault is listed.",
    428: "The change needs If-Match.",
    429: "Too many requests.",
    431: "The headers are too large.",
    500: "Our fault.",
    503: "Nothing was recorded; send again.",
    504: "Unknown; send the same again.",
}
_KEY: dict[str, Any] = {
    "name": "Idempotency-Key", "in": "header", "required": True,
    "description": "1 to 255 visible ASCII characters; best a UUIDv7 of the node's time.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}  # fmt: skip


def _in_path(name: str) -> dict[str, Any]:
    return {
        "name": name, "in": "path", "required": True, "description": ADDRESSES[name],
        "schema": {"type": "string", "minLength": 1},
    }  # fmt: skip


def _in_query(param: Param) -> dict[str, Any]:
    shape = _SCHEMA.get(param.kind) or {
        "type": "string", "pattern": f"^({'|'.join(param.choices)})(,({'|'.join(param.choices)}))*$"
    }  # fmt: skip
    return {"name": param.name, "in": "query", "required": False, "description": param.about, "schema": shape}


def _clean(shape: Any) -> Any:
    """Take out what only Python needs: its pattern for "no line break at the end"."""
    if isinstance(shape, dict):
        return {
            name: part.removesuffix("(?!\\n)")
            if name == "pattern" and isinstance(part, str)
            else _clean(part)
            for name, part in shape.items()
        }
    return [_clean(part) for part in shape] if isinstance(shape, list) else shape
