"""Whole bodies and whole replies on a real server: the same to a caller as over ASGI."""

import asyncio
from functools import partial

import uvicorn

from steelyard.api import exchange
from steelyard.api.connections import Lobby

HEADERS = [(b"content-type", b"text/plain"), (b"x-word", b"one")]


class Echo:
    """Answers with the body it got and notes the ways it took."""

    def __init__(self, extra=()):
        self.bodies, self.replies = [], []
        self.extra = list(extra)

    async def __call__(self, scope, receive, send):
        body = exchange.whole_body(scope)
        self.bodies.append(body is not None)
        while body is None:
            message = await receive()
            assert message["type"] == "http.request"
            self.pieces = [*getattr(self, "pieces", []), message["body"]]
            if not message["more_body"]:
                body = b"".join(self.pieces)
        length = [(b"content-length", str(len(body)).encode())]
        whole = exchange.send_whole(scope, 200, [*HEADERS, *self.extra, *length], body)
        self.replies.append(whole)
        if not whole:
            start = {
                "type": "http.response.start",
                "status": 200,
                "headers": [*HEADERS, *self.extra, *length],
            }
            await send(start)
            await send({"type": "http.response.body", "body": body})


async def ask(app, *pieces, pause=0.05):
    """Send pieces over one connection to a server of the application; gives all it answers until it closes."""
    config = uvicorn.Config(
        app, loop="none", http=partial(exchange.Protocol, lobby=Lobby(100)), ws="none", lifespan="off", log_config=None,
        server_header=False, date_header=False, port=0,
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    serving = asyncio.ensure_future(server._serve())
    while not server.started:
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(pause)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    server.should_exit = True
    await serving
    return answer


def request(body, *, method="POST", close=False):
    """Give a request."""
    last = b"Connection: close\r\n" if close else b""
    return b"%b / HTTP/1.1\r\nHost: a\r\n%bContent-Length: %d\r\n\r\n%b" % (
        method.encode(), last, len(body), body,
    )  # fmt: skip


def reply(body, *, close=False):
    """Give what answers it."""
    last = b"connection: close\r\n" if close else b""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nx-word: one\r\ncontent-length: %d\r\n" % len(body)
    return head + last + b"\r\n" + body


def test_requests_on_one_connection_are_answered_in_order():
    """One after the other, two in one packet, and the last closes."""
    app = Echo()
    sent = (request(b"a"), request(b"bb") + request(b"ccc"), request(b"dddd", close=True))
    answer = asyncio.run(ask(app, *sent))

    assert reply(b"a") + reply(b"bb") + reply(b"ccc") + reply(b"dddd", close=True) == answer
    assert [True] * 4 == app.replies


def test_a_body_in_pieces_comes_over_asgi():
    """What is still on its way is waited for."""
    app = Echo()
    whole = request(b"abcdef", close=True)
    answer = asyncio.run(ask(app, whole[:-4], whole[-4:]))

    assert reply(b"abcdef", close=True) == answer
    assert [False] == app.bodies


def test_a_head_request_gets_no_body():
    """It goes over ASGI, where the server leaves the body out."""
    app = Echo()
    answer = asyncio.run(ask(app, request(b"abc", method="HEAD", close=True)))

    assert answer.endswith(b"\r\n\r\n")
    assert [False] == app.replies


def test_a_line_break_in_a_header_reaches_nobody():
    """The server refuses it as it does over ASGI."""
    app = Echo(extra=[(b"x-bad", b"a\r\nset-cookie: b")])
    answer = asyncio.run(ask(app, request(b"abc", close=True)))

    assert b"set-cookie" not in answer
    assert b"" == answer


def test_expect_continue_is_answered_before_the_body_is_sent():
    """A caller who asks first is told to go on."""
    app = Echo()
    whole = request(b"abc", close=True).replace(b"Host: a", b"Host: a\r\nExpect: 100-continue")
    answer = asyncio.run(ask(app, whole[:-3], whole[-3:]))

    assert b"HTTP/1.1 100 Continue\r\n\r\n" + reply(b"abc", close=True) == answer
