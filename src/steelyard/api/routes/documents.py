"""The address book: the OpenAPI document, and a page that lists every route and can try those that read."""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape

import msgspec

from steelyard.api import openapi
from steelyard.api.call import Call, Reply
from steelyard.api.route import HTML, JSON, PUBLIC, Route
from steelyard.api.shape_examples import asked

SVG = "image/svg+xml"
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem;
  color-scheme: light dark }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
td, th { text-align: start; padding: .3rem .6rem; border-bottom: 1px solid #8884; vertical-align: top }
th:nth-child(1) { width: 4.5rem } th:nth-child(2) { width: 46% } th:nth-child(4) { width: 6rem }
nav { line-height: 1.9 } nav a { margin-inline-end: .9rem; white-space: nowrap }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere }
pre { overflow: auto; background: #8881; padding: 1rem }
input { font: inherit; padding: .3rem; width: 100%; max-width: 40rem }
details pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .5rem; font-size: .85em }
button { font: inherit; padding: .3rem 1rem }
"""
_NAMES = {"api": "API", "fx": "FX", "otc": "OTC", "pvp": "PvP", "rfq": "RFQ"}
_ICON = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M2 5h12M8 2v11M5 14h6M2 5v4h3V5M12 5v2"'
    b' fill="none" stroke="#567" stroke-width="1.5"/></svg>'
)
_SCRIPT = """
const form = document.querySelector("form"), out = document.querySelector("pre");
const empty = out.textContent;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const key = form.key.value, headers = key ? {Authorization: "Bearer " + key} : {};
  out.textContent = "…";
  try {
    const reply = await fetch(form.address.value, {headers}), text = await reply.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch (_) { /* not JSON: as it came */ }
    out.textContent = reply.status + " " + (reply.headers.get("content-type") || "") + "\\n\\n" + shown;
  } catch (error) { out.textContent = String(error); }
});
form.address.addEventListener("input", () => { out.textContent = empty; });
for (const link of document.querySelectorAll("a[data-try]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    form.address.value = link.getAttribute("href");
    out.textContent = empty;
    form.address.focus();
  });
}
"""


async def openapi_document(call: Call) -> Reply:
    """Give the OpenAPI 3.1 document of this node."""
    return Reply(200, openapi.encoded(call.gateway.routes), JSON)


async def explorer(call: Call) -> Reply:
    """Give a page that lists every route; it loads nothing from anywhere and reads without script."""
    found = resources(call.gateway.routes)
    groups = "".join(_group(name, lines) for name, lines in found.items())
    places = " ".join(f'<a href="#{escape(name)}">{escape(_title(name))}</a>' for name in found)
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Steelyard: addresses</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f'<h1>Addresses of this node</h1><p>The document behind this page: <a href="/openapi.json">openapi.json</a>.'
        f' Every problem has a page: <a href="/problems">problems</a>.</p>'
        f"<h2>Try one that reads</h2><form><p><label>Address<br><input name=address value=/v1/status></label></p>"
        f"<p><label>API key<br><input name=key type=password autocomplete=off></label></p>"
        f"<p><button>Send</button></p></form><pre>The answer appears here.</pre>"
        f"<nav>{places}</nav>{groups}<script>{_SCRIPT}</script></body></html>"
    )
    policy = (
        "default-src 'none'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"style-src '{_hash(_STYLE)}'; script-src '{_hash(_SCRIPT)}'"
    )
    return Reply(200, page.encode(), f"{HTML}; charset=utf-8", (("Content-Security-Policy", policy),))


async def front(call: Call) -> Reply:
    """Lead whoever comes to the bare address to the explorer."""
    return Reply(307, headers=(("Location", "/explorer"),))


async def icon(call: Call) -> Reply:
    """Give the picture that browsers ask every site for: a balance beam."""
    return Reply(200, _ICON, SVG)


def resources(routes: Iterable[Route]) -> dict[str, list[Route]]:
    """Give the routes by what they are about, the first step of their address; those of the node itself first."""
    groups: dict[str, list[Route]] = {"node": []}
    for line in routes:
        first, *rest = line.path.strip("/").split("/")
        groups.setdefault(rest[0] if first == "v1" and rest else "node", []).append(line)
    return {name: groups[name] for name in ("node", *sorted(groups.keys() - {"node"}))}


def _title(name: str) -> str:
    """Give what a resource is called in a heading.

    >>> _title("api-keys"), _title("own-rfq"), _title("credit-lines")
    ('API keys', 'Own RFQ', 'Credit lines')
    """
    first, *rest = name.split("-")
    return " ".join((_NAMES.get(first, first.capitalize()), *(_NAMES.get(word, word) for word in rest)))


def _group(name: str, lines: list[Route]) -> str:
    rows = "".join(_row(line) for line in lines)
    return (
        f'<h2 id="{escape(name)}">{escape(_title(name))}</h2>'
        f"<table><thead><tr><th scope=col>Method<th scope=col>Address<th scope=col>What it does"
        f"<th scope=col>Right</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(line: Route) -> str:
    address = escape(line.path)
    shown = f"<code>{address}</code>"
    if line.method == "GET":
        shown = f'<a data-try href="{address}">{shown}</a>'
    tried = curl(line)
    if tried:
        shown += f"<details><summary>example</summary><pre>{escape(tried)}</pre></details>"
    return f"<tr><td>{line.method}<td>{shown}<td>{escape(line.about)}<td>{escape(line.action)}</tr>"


def curl(line: Route) -> str:
    """Give a command for a shell that sends a route's example; nothing where it takes no JSON.

    `$NODE` is the node's address, `$KEY` an API key; what stands in braces in the address is for the caller to fill.
    """
    body = asked(line, JSON) if line.asked is not None and JSON in line.asks else None
    if body is None:
        return ""
    text = msgspec.json.encode(body).decode().replace("'", "'\\''")
    keyed = ' -H "Idempotency-Key: $(uuidgen)"' if line.keyed else ""
    return (
        f'curl -X {line.method} "$NODE{line.path}" -H "Authorization: Bearer $KEY"{keyed} \\\n'
        f"  -H 'Content-Type: {JSON}' -d '{text}'"
    )


def _hash(text: str) -> str:
    """Give the hash by which a content policy names one inline text."""
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


ROUTES = (
    Route("GET", "/openapi.json", PUBLIC, openapi_document, "The OpenAPI document"),
    Route("GET", "/", PUBLIC, front, "Leads to the explorer", tells=(HTML,), status=307),
    Route("GET", "/favicon.ico", PUBLIC, icon, "The picture of this site", tells=(SVG,)),
    Route("GET", "/explorer", PUBLIC, explorer, "All addresses, to look at and try", tells=(HTML,)),
)
