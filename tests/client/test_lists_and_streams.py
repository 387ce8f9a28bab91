"""Pages as iterables, CSV, messages as bytes, and the stream of events over lost connections."""

import asyncio
import json

import pytest

from steelyard.client import AsyncSteelyard, ProblemError
from tests.client.clients import KEY, QUICK
from tests.client.server import Break, Silence, in_turn, problem, says, serving

ASSET = {"asset": "AED", "asset_class": "CURRENCY", "scale": 2, "issuer": "STAGAEA0", "state": "open"}


def page(codes, *, next=None, prev=None):
    """Write a page of assets."""
    items = [ASSET | {"asset": code} for code in codes]
    return says({"items": items, "next": next, "prev": prev, "applied_seq": 9})


def test_a_list_goes_on_over_all_its_pages(against):
    """Filters stay, the cursor moves."""
    client, server = against(in_turn(page(["AED", "BRL"], next="c+1"), page(["CNY"], prev="c+0")))

    found = client.all("directory.assets", limit=2)

    assert ["AED", "BRL", "CNY"] == [one.asset for one in found]
    assert ["/v1/assets?limit=2", "/v1/assets?limit=2&after=c%2B1"] == [one.target for one in server.asked]


def test_filters_are_plain_query_fields(against):
    """Several words are joined by commas; what is not given is not sent."""
    client, server = against(in_turn(page([])))

    client.all("payments.list", state=["queued", "held"], from_at="2026-11-23T08:00:00Z", q="a b&c")

    assert "/v1/payments?state=queued,held&from_at=2026-11-23T08:00:00Z&q=a%20b%26c" == server.asked[0].target


def test_parts_of_an_address_are_escaped(against):
    """What a caller gives never becomes another address."""
    client, server = against(in_turn(says([])))

    client.do("payments.timeline", "../accounts?x=1")

    assert "/v1/payments/..%2Faccounts%3Fx%3D1/timeline" == server.asked[0].target


def test_messages_go_and_come_as_bytes(against):
    """No key goes with a message; an admi.002 under a 400 is an answer, for JSON a problem is raised."""
    refused = says(b"<admi/>", 400, media="application/xml")
    client, server = against(in_turn(says(b"<pacs/>", media="application/xml"), refused))

    assert b"<pacs/>" == client.do("messages.send_for_xml", b"<in/>")
    assert b"<admi/>" == client.do("messages.send_for_xml", b"<bad/>")
    assert ("application/xml", b"<in/>") == (server.asked[0].headers["content-type"], server.asked[0].body)
    assert "idempotency-key" not in server.asked[0].headers
    with pytest.raises(ProblemError):
        client.do("messages.send", b"<bad/>")


def event(n, **more):
    """Give an event."""
    return {
        "id": f"{n}-0-0",
        "type": "payment.settled",
        "at": "",
        "seq": n,
        "subject": "",
        "data": {},
        **more,
    }


def frame(body, *, id="", name="payment.settled"):
    """Write a frame of the stream."""
    return f"id: {id}\nevent: {name}\ndata: {json.dumps(body)}\n\n".encode()


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"


def test_a_stream_that_breaks_goes_on_after_the_last_event_that_came_whole(against):
    """Heartbeats and the farewell are no events; several events in a frame are several."""
    first = HEAD + b": heartbeat\n\n" + frame(event(1), id="1-0-0") + frame([event(2), event(3)], id="3-0-0")
    client, server = against(
        in_turn(
            Break(first + frame({}, name="bye") + b"data: {"),
            problem("node-is-stopping", 503),
            Break(HEAD + frame(event(4), id="4-0-0").replace(b"\n", b"\r\n")),
            Silence(),
        )
    )

    found = client.first(4, "events.stream", after="0-9-9", types=["payment.settled"])

    assert [1, 2, 3, 4] == [one.seq for one in found]
    assert ["0-9-9", "3-0-0", "3-0-0"] == [one.headers["last-event-id"] for one in server.asked[:3]]
    assert "/v1/events?type=payment.settled" == server.asked[0].target


def test_a_gap_in_the_stream_is_told(against):
    """`reset` says that lists are to be read anew."""
    client, _ = against(in_turn(Break(HEAD + frame({}, id="77-0-0", name="reset"))))

    (found,) = client.first(1, "events.stream")

    assert ("reset", "77-0-0") == (found.type, found.id)


def test_a_stream_that_is_not_allowed_raises(against):
    """Trying again would not help."""
    client, _ = against(in_turn(problem("not-authenticated", 401)))

    with pytest.raises(ProblemError):
        client.first(1, "events.stream")


def test_a_slow_reader_of_a_stream_gets_all_of_it():
    """The connection is paused meanwhile, not cut."""
    frames = b"".join(frame(event(n, subject="x" * 900), id=f"{n}-0-0") for n in range(3_000))

    async def story(server):
        found = []
        async with AsyncSteelyard(server.address, key=KEY, resend=QUICK) as client:
            stream = client.events.stream()
            async for one in stream:
                found.append(one.seq)
                if one.seq % 500 == 0:
                    await asyncio.sleep(0.01)
                if one.seq == 2_999:
                    break
            await stream.aclose()
        return found

    with serving(in_turn(Break(HEAD + frames))) as server:
        assert [*range(3_000)] == asyncio.run(asyncio.wait_for(story(server), 20))
