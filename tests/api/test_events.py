"""Events: polled and as a stream, the same ones; resumed, coalesced, ended; a slow reader never holds others up."""

import ast
import asyncio
import contextlib
import json
from pathlib import Path

import msgspec
import pytest

from steelyard import flows
from steelyard.api import streams
from steelyard.api.views.events import KINDS, data_of
from tests.api.test_lists import pay
from tests.api.world import GHAF, SIDR


def frames(text):
    """Split a stream into (event, id, data)."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(
            line.partition(": ")[::2] for line in block.split("\n") if ": " in line and line[0] != ":"
        )
        if fields:
            found.append((fields.get("event"), fields.get("id"), json.loads(fields.get("data", "null"))))
    return found


class Reader:
    """Reads a stream over ASGI, on the world's loop."""

    def __init__(self, live, *, key=GHAF, path="/v1/events", last=None, pause=0.0, method="GET"):
        self.live = live
        self.text = ""
        self.status = None
        self.pause = pause
        self.headers = {"accept": "text/event-stream"} | ({"last-event-id": last} if last else {})
        self.key, self.path, self.method = key, path, method
        self.task = asyncio.run_coroutine_threadsafe(self._read(), live.loop)

    async def _read(self):
        path, _, query = self.path.partition("?")
        headers = self.headers | {"authorization": f"Bearer {self.live.keys.get(self.key, self.key)}"}
        scope = {
            "type": "http", "http_version": "1.1", "method": self.method, "path": path, "raw_path": path.encode(),
            "query_string": query.encode(), "root_path": "", "scheme": "http", "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80), "state": {}, "extensions": {},
            "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        }  # fmt: skip

        self.gone = asyncio.Event()

        async def receive():
            await self.gone.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            if message["type"] == "http.response.start":
                self.status = message["status"]
            else:
                self.text += message.get("body", b"").decode()
                if self.pause:
                    await asyncio.sleep(self.pause)

        await self.live.world.app(scope, receive, send)

    def until(self, done, seconds=10):
        """Wait until something is true of the reader."""

        async def story():
            async with asyncio.timeout(seconds):
                while not done(self):
                    await asyncio.sleep(0.01)

        self.live.run(story())
        return self

    def events(self):
        return [event for kind, _, data in frames(self.text) if kind == "events" for event in data]

    def leave(self):
        """Close the connection as a client does."""
        self.live.loop.call_soon_threadsafe(self.gone.set)
        self.task.result(5)

    def end(self):
        self.task.cancel()
        with contextlib.suppress(BaseException):
            self.task.result(5)


@pytest.fixture
def reader(live):
    made = []

    def begin(world=live, **how):
        made.append(Reader(world, **how))
        return made[-1]

    yield begin
    for one in made:
        one.end()


def test_a_stream_tells_what_happens_and_polling_gives_the_same(live, reader):
    one = reader(path="/v1/events?type=payment").until(lambda r: "steelyard events" in r.text)
    (uetr,) = pay(live, 1)

    one.until(lambda r: any(event["subject"] == uetr for event in r.events()))

    event = next(event for event in one.events() if event["subject"] == uetr)
    assert ("payment.settled", "debtor", "SETTLED") == (
        event["type"],
        event["data"]["role"],
        event["data"]["state"],
    )
    assert {"asset": "AED", "value": "1.00", "amount_minor": "100"} == event["data"]["debit_minor"]
    seq, position, n = map(int, event["id"].split("-"))
    polled = live.get(f"/v1/events?after={seq}-{position}-{max(n - 1, 0) if n else 0}&limit=10" if n else
                      f"/v1/events?after={seq - 1}-1048575-0&type=payment&limit=1000").json["items"]  # fmt: skip
    assert event in polled


def test_readers_who_come_at_once_are_told_everything_once(own, reader):
    made = [reader(own) for _ in range(10)]
    for one in made:
        one.until(lambda r: "steelyard events" in r.text)

    pay(own, 3)
    own.project()

    for one in made:
        ids = [event["id"] for event in one.until(lambda r: len(r.events()) >= 3).events()]
        assert len(ids) == len(set(ids))


def test_a_stream_goes_on_after_the_last_event_that_came(live, reader):
    pay(live, 2)
    last, page = "", live.get("/v1/events?type=payment&limit=1000").json
    while page["items"]:
        last = page["items"][-1]["id"]
        page = live.get(f"/v1/events?type=payment&limit=1000&after={last}").json
    missed = pay(live, 3)
    live.project()

    one = reader(path="/v1/events?type=payment", last=last)
    one.until(lambda r: set(missed) <= {event["subject"] for event in r.events()})

    assert missed == [event["subject"] for event in one.events()]
    ids = [event["id"] for event in one.events()]
    assert ids == sorted(ids, key=lambda id: [int(part) for part in id.split("-")])


def test_nobody_reads_anothers_events(live, reader):
    one = reader(key="MRULZAJ0").until(lambda r: "steelyard events" in r.text)
    watcher = reader().until(lambda r: "steelyard events" in r.text)
    (uetr,) = pay(live, 1)
    watcher.until(lambda r: any(event["subject"] == uetr for event in r.events()))

    assert [] == one.events()


def test_five_thousand_events_come_in_few_frames(own, reader):
    """Frames of 100 ms at most, and nothing missing."""
    one = reader(own, path="/v1/events?type=payment").until(lambda r: "steelyard events" in r.text)
    sent = [uetr for _ in range(5) for uetr in pay(own, 1000)]

    one.until(lambda r: r.text.count('"payment.settled"') >= len(sent), 60)

    assert set(sent) == {event["subject"] for event in one.events()}
    assert len(frames(one.text)) <= 300


def test_a_slow_reader_is_reset_and_holds_nobody_up(own, reader, monkeypatch):
    """Who falls more than the bound behind starts anew; the others read on."""
    monkeypatch.setattr(streams, "BEHIND_BYTES_MAX", 2_000)
    monkeypatch.setattr(streams, "SLOW_SECONDS", 0.3)
    slow = reader(own, path="/v1/events?type=payment", pause=0.5)
    swift = reader(own, path="/v1/events?type=payment").until(lambda r: "steelyard events" in r.text)
    slow.until(lambda r: "steelyard events" in r.text)

    sent = set()
    while "event: reset" not in slow.text:
        sent |= set(pay(own, 20))

    swift.until(lambda r: sent <= {event["subject"] for event in r.events()})
    assert "reset" not in swift.text
    slow.pause = 0.0
    while "event: events" not in slow.text.rpartition("event: reset")[2]:
        pay(own, 1)


def test_a_reader_who_goes_frees_its_place(live, reader):
    hub = live.world.app.gateway.hub
    before = hub.reader_count
    one = reader().until(lambda r: "steelyard events" in r.text)
    assert before + 1 == hub.reader_count

    one.leave()

    assert before == hub.reader_count


def test_asking_for_the_head_of_a_stream_keeps_no_place(live, reader):
    hub = live.world.app.gateway.hub
    before = hub.reader_count

    one = reader(method="HEAD").until(lambda r: r.task.done())

    assert (200, "", before) == (one.status, one.text, hub.reader_count)


def test_what_is_too_long_ago_is_a_reset(live, reader, monkeypatch):
    monkeypatch.setattr(streams, "STEP", 5)
    pay(live, 10)
    live.project()

    one = reader(last="1-0-0").until(lambda r: "event: reset" in r.text)

    assert frames(one.text)[0][1] is not None


def test_a_stream_without_events_has_a_heart_beat(live, reader, monkeypatch):
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.2)

    found = reader(path="/v1/events?type=nothing").until(lambda r: r.text.count(": beat") > 1)

    assert [] == found.events()


def test_ten_streams_a_person_and_no_more(live, reader):
    held = [reader(key=SIDR).until(lambda r: "steelyard events" in r.text) for _ in range(10)]

    more = reader(key=SIDR).until(lambda r: r.status is not None)

    assert 429 == more.status
    held[0].leave()
    reader(key=SIDR).until(lambda r: "steelyard events" in r.text)


@pytest.mark.parametrize("id", ["x", "1-2", "1-2-x", "1-2-3-4", "-1-0-0", "9" * 40 + "-0-0"])
def test_an_id_that_is_none_is_refused(live, id):
    for answer in (live.get(f"/v1/events?after={id}"), live.get("/v1/events", headers={"last-event-id": id})):
        assert (422, "cursor-does-not-fit") == (answer.status, answer.json["code"])


def test_an_id_far_ahead_has_nothing_after_it(live):
    answer = live.get(f"/v1/events?after={'9' * 15}-{'9' * 15}-{'9' * 15}")

    assert (200, []) == (answer.status, answer.json["items"])


def test_a_stopping_gateway_says_bye(own, reader):
    one = reader(own).until(lambda r: "steelyard events" in r.text)

    own.loop.call_soon_threadsafe(own.world.app.gateway.stopping.set)

    one.until(lambda r: "event: bye" in r.text)
    assert one.task.result(5) is None


def test_every_kind_that_flows_tell_is_known_to_be_listed():
    told = set()
    for path in Path(flows.__file__).parent.glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            name = getattr(getattr(call, "func", None), "attr", "")
            if name in ("tell", "tell_of"):
                told |= {arg.value for arg in call.args[1:3] if isinstance(getattr(arg, "value", None), str)}

    assert {kind for kind in told if "." in kind} <= set(KINDS)


def test_what_cycles_and_lines_tell_has_names_and_amounts(live):
    """Sums that know no bound cross as text inside; outside they are amounts as all others."""
    directory = live.run(live.world.app.gateway.directory())
    packed = msgspec.msgpack.encode(
        ("AED", "150000", "40000", 110_000, 1_800_000_000_000_000_000, "", b"\1" * 32)
    )
    notified = data_of("cycle.notified", packed, directory)
    drawn = data_of("credit.drawn", msgspec.msgpack.encode(("member", "A", "B", "AED", 700)), directory)
    late = data_of("cycle.not_repaid", msgspec.msgpack.encode(("AED", 5, bytes(16), 3, 633)), directory)

    assert ("1500.00", "400.00", "1100.00") == tuple(
        notified[name]["value"] for name in ("out_minor", "in_minor", "call_minor")
    )
    assert ("2027-01-15T08:00:00Z", "01" * 32) == (notified["deadline_at"], notified["certificate"])
    assert ("member", "7.00") == (drawn["kind"], drawn["amount_minor"]["value"])
    assert "CREDIT_LINE_CLOSED" == late["refusal"]
