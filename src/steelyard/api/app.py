"""The gateway's application: every route of the table behind one door, routed by Litestar, served by uvicorn.

`serve_gateway` is the entry that the node's supervisor names. `build_app` gives the ASGI application over a
link, for tests and for faces that add their own pages.
"""

import asyncio
import gc
import socket
from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import unquote

import uvicorn
from litestar import Litestar, Request, Response, asgi, route
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Receive, Scope, Send

from steelyard.api import door
from steelyard.api.auth.vault import open_vault
from steelyard.api.connections import Lobby, Server, room
from steelyard.api.exchange import Protocol
from steelyard.api.gateway import Gateway
from steelyard.api.problems import ProblemError
from steelyard.api.route import Route
from steelyard.api.stores import Stores, open_stores
from steelyard.api.streams import Hub
from steelyard.api.table import ROUTES
from steelyard.node.config import Config
from steelyard.node.link import Link
from steelyard.node.logs import log, where

GRACE_SECONDS, KEEP_ALIVE_SECONDS = 2, 75
WATCH_SECONDS = 5.0
METHODS: tuple[Any, ...] = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
BACKLOG = 1024


class App:
    """An application and the gateway it works with."""

    def __init__(
        self, gateway: Gateway, routes: Sequence[Route] = ROUTES, *, pages: Sequence[Any] = ()
    ) -> None:
        self.gateway = gateway
        gateway.hub = Hub(gateway)
        self.routes = tuple(line for line in routes if exists(line, gateway.config.profile))
        gateway.routes = self.routes
        self._plain = {path: methods for path, methods in addresses(self.routes).items() if "{" not in path}
        self.litestar = Litestar(
            [*handlers(gateway, self.routes), *pages],
            openapi_config=None,
            exception_handlers={
                HTTPException: partial(_not_found, gateway),
                Exception: partial(_internal, gateway),
            },
            logging_config=None,
            debug=False,
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raw = scope.get("raw_path", b"")
        if b"%2F" in raw or b"%2f" in raw:  # a slash inside an account's name is no step of the address
            path = raw.partition(b"?")[0].replace(b"%2F", b"~").replace(b"%2f", b"~")
            scope = {**scope, "path": unquote(path.decode("ascii", "replace"))}
        plain = self._plain.get(scope.get("path", ""))
        if plain is not None and scope["type"] == "http":  # nothing to be found out on the way to the door
            await door.serve(self.gateway, plain, scope, receive, send)
        else:
            await self.litestar(scope, receive, send)


def build_app(
    link: Link, stores: Stores, config: Config, *, limits_share: float = 1.0, **of_gateway: Any
) -> App:
    """Give the application over a link and stores. `of_gateway` are clocks, for tests."""
    vault = open_vault(config.data_folder)
    return App(Gateway(link, stores, config, vault, limits_share=limits_share, **of_gateway))


async def serve_gateway(
    config: Config, link: Link, sockets: list[socket.socket], stop: asyncio.Event
) -> None:
    """Serve on sockets that are bound already until told to stop; open streams get a last event and end."""
    if config.gateway_count:  # a process of our own: what is loaded by now stays, so let collections skip it
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
    share = 1.0 / max(config.gateway_count, 1)
    app = build_app(link, open_stores(config), config, limits_share=share)
    lobby = Lobby(room(config.connections_max))
    protocol: Any = partial(Protocol, lobby=lobby)
    server = Server(
        uvicorn.Config(
            app, loop="none", http=protocol, ws="none", lifespan="off", access_log=False, log_config=None,
            timeout_keep_alive=KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=GRACE_SECONDS, backlog=BACKLOG,
            server_header=False, date_header=False, proxy_headers=False,
        ),
        lobby,
    )  # fmt: skip
    watch = asyncio.ensure_future(_watch(app.gateway))
    serving = asyncio.ensure_future(server.serve(sockets))
    stopped = asyncio.ensure_future(stop.wait())
    await asyncio.wait((serving, stopped), return_when=asyncio.FIRST_COMPLETED)
    app.gateway.stopping.set()
    server.should_exit = True
    await serving
    watch.cancel()
    stopped.cancel()
    app.gateway.close()


def exists(line: Route, profile: str) -> bool:
    """Tell whether a route exists under a profile; sandbox routes do not in production."""
    return not line.profiles or profile in line.profiles


def handlers(gateway: Gateway, routes: Sequence[Route]) -> list[Any]:
    """Give the handlers of all addresses."""
    return [_handler(gateway, path, methods) for path, methods in addresses(routes).items()]


def addresses(routes: Sequence[Route]) -> dict[str, dict[str, Route]]:
    """Give the methods of every address; lists have a second address that ends in .csv."""
    by_path: dict[str, dict[str, Route]] = {}
    for line in routes:
        for path in paths_of(line):
            by_path.setdefault(path, {})[line.method] = line
    return by_path


def paths_of(line: Route) -> tuple[str, ...]:
    """Give the addresses of a route."""
    is_list = line.method == "GET" and "text/csv" in line.tells
    return (line.path, f"{line.path}.csv") if is_list else (line.path,)


def _handler(gateway: Gateway, path: str, methods: dict[str, Route]) -> Any:
    """Give the handler of one address.

    Litestar gives no path parameters to plain ASGI handlers, so addresses that have some take its way of
    handing back an ASGI application, which costs 17 us more.
    """

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        await door.serve(gateway, methods, scope, receive, send)

    async def hand_back(request: Request[Any, Any, Any]) -> ASGIApp:
        return handle

    if "{" not in path:
        return asgi(path, copy_scope=False)(handle)
    return route(path.replace("}", ":str}"), http_method=list(METHODS))(hand_back)


def _not_found(gateway: Gateway, request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    slug = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "internal")
    return _problem(gateway, ProblemError(slug))


def _internal(gateway: Gateway, request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log().error("request failed", why=where(error))
    return _problem(gateway, ProblemError("internal"))


def _problem(gateway: Gateway, error: ProblemError) -> Response[bytes]:
    request_id = gateway.request_id()
    reply = door.problem_reply(error, request_id)
    headers = {
        "steelyard-request-id": request_id,
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(reply.body, status_code=reply.status, media_type=reply.media, headers=headers)


async def _watch(gateway: Gateway) -> None:
    """Look every few seconds at what the gateway keeps an eye on."""
    while True:
        try:
            await gateway.directory()
            await gateway.look_at_memory()
        except ProblemError:
            log().debug("the projection or the node cannot be asked for now")
        await asyncio.sleep(WATCH_SECONDS)
