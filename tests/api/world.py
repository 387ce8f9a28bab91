"""A small network in a real node, built by commands alone: AE, IN and ZA, two banks each, one FX provider.

Everything that needs two people gets two. The gateway's application answers in the same process and loop
(`gateways = 0`), over the ASGI interface itself: no socket, no sleep.
"""

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from hashlib import sha256

import msgspec

from steelyard.api.app import build_app
from steelyard.api.auth import keys
from steelyard.api.stores import Stores
from steelyard.flows.approve import ApproveFields, ProposeFields
from steelyard.flows.calendar import CalendarFields
from steelyard.flows.choose import SettingsFields
from steelyard.flows.command import NO_FIELDS, Code, Command, encode, raw
from steelyard.flows.currency import CapFields
from steelyard.flows.facts import ApprovalMoved, decode_fact
from steelyard.flows.fund import IssueFields
from steelyard.flows.member import MemberFields
from steelyard.flows.member import MoveFields as MemberMove
from steelyard.flows.onboard import ApplyFields
from steelyard.flows.onboard import MoveFields as ParticipantMove
from steelyard.flows.person import KeyFields, PersonFields
from steelyard.flows.sheet import SheetFields
from steelyard.members.roles import Role
from steelyard.node.assembly import Node
from steelyard.node.config import load_config
from steelyard.node.init import init
from steelyard.node.link import End, Submission
from steelyard.node.projector import ProjectorThread
from steelyard.storage.access import open_access
from steelyard.storage.database import DatabaseFault
from steelyard.storage.queries import Reader
from steelyard.values.instants import DAY, parse_instant

HUB = "STYDZAJ0"
START = parse_instant("2026-11-23T09:00:00Z")
MEMBERS = {"AE": ("AED", "STAGAEA0"), "IN": ("INR", "STAGINB0"), "ZA": ("ZAR", "STAGZAJ0")}
BANKS = {
    "GHAFAEA0": "AE", "SIDRAEA0": "AE", "TAMRINB0": "IN", "BNYNIND0": "IN", "FYNBZAC0": "ZA", "MRULZAJ0": "ZA",
}  # fmt: skip
PROVIDER = "BALNAEA0"
GHAF, SIDR, TAMR, BNYN, FYNB, MRUL = BANKS
OPENING = 100_000_000_00


class Refused(Exception):
    """A command of the set-up was refused."""


class Builder:
    """Gives commands over a link, with the persons they need."""

    def __init__(self, link, at):
        self.link = link
        self.at = at
        self.number = 0

    async def give(self, name, fields, sender, actor, *, added=NO_FIELDS):
        """Give one command and its outcome; a refusal raises."""
        outcome = await self.give_any(name, fields, sender, actor, added=added)
        if outcome.code == Code.REFUSED:
            raise Refused(name, fields, outcome.refusal)
        return outcome

    async def give_any(self, name, fields, sender, actor, *, added=NO_FIELDS):
        answer = await self.link.submit(Submission(self.command(name, fields, sender, actor, added)))
        assert answer.end == End.RECORDED, (name, answer)
        return answer.decoded()

    def command(self, name, fields, sender, actor, added=NO_FIELDS):
        self.number += 1
        seed = sha256(self.number.to_bytes(8, "big")).digest()
        id = (self.at() // 1_000_000).to_bytes(6, "big") + seed[:10]
        return encode(Command(name, 1, id, sender, actor, 0, raw(fields), added, seed[16:]))

    async def both(self, name, fields, sender, first, second):
        """Let two people give a command: one proposes, the other approves what was shown."""
        inner = self.command(name, fields, sender, first)
        outcome = await self.give("propose", ProposeFields(inner), sender, first)
        moved = next(f for f in map(decode_fact, outcome.facts) if isinstance(f, ApprovalMoved))
        return await self.give("approve", ApproveFields(moved.proposal, moved.shown), sender, second)

    async def operators(self, name, fields):
        return await self.both(name, fields, "operator", "p-operator-1", "p-operator-2")

    async def agents(self, code, name, fields):
        low = code.lower()
        return await self.both(name, fields, MEMBERS[code][1], f"p-{low}-1", f"p-{low}-2")

    async def build(self):
        """Build the network."""
        for code in MEMBERS:
            await self.member(code)
        await self.operators(
            "person.add", PersonFields("p-auditor", "operator", (Role.AUDITOR,), credential=b"a" * 32)
        )
        for bic, code in BANKS.items():
            await self.participant(bic, code)
        await self.participant(PROVIDER, "AE", provider=True)
        for code, (asset, _) in MEMBERS.items():
            for bic in (*BANKS, PROVIDER):
                await self.agents(code, "issue", IssueFields(asset, bic, OPENING, f"lock {bic}"))
        await self.sheets()

    async def member(self, code):
        asset, agent = MEMBERS[code]
        await self.operators(
            "member.propose", MemberFields(code, f"Member {code}", asset, 2, agent, (), True)
        )
        for n in (1, 2):
            person = PersonFields(
                f"p-{code.lower()}-{n}", agent, (Role.SETTLEMENT_AGENT,), credential=b"c" * 32
            )
            await self.operators("person.add", person)
        await self.operators(
            "person.add", PersonFields(f"p-{code.lower()}-see", agent, (Role.OVERSEER,), credential=b"c" * 32)
        )
        key = KeyFields(
            f"k-{agent}", agent, (Role.SETTLEMENT_AGENT,), f"p-{code.lower()}-1", credential=b"k" * 32
        )
        await self.operators("key.register", key)
        await self.agents(code, "calendar.amend", CalendarFields(asset, 1, self.at(), 0, (), (), True))
        await self.operators("member.configure", MemberMove(code))
        await self.agents(code, "currency.cap", CapFields(asset, 10**17))
        await self.operators("member.activate", MemberMove(code))

    async def participant(self, bic, code, *, provider=False):
        currencies = tuple(asset for asset, _ in MEMBERS.values())
        apply = ApplyFields(bic, code, f"Bank {bic}", "", provider, currencies, provider)
        await self.operators("participant.apply", apply)
        maker = Role.FX_PROVIDER if provider else Role.MAKER
        for n, role in ((1, maker), (2, Role.CHECKER)):
            person = PersonFields(f"p-{bic}-{n}", bic, (role,), credential=b"c" * 32)
            await self.operators("person.add", person)
        key = KeyFields(f"k-{bic}", bic, (maker,), f"p-{bic}-1", credential=b"k" * 32)
        await self.operators("key.register", key)
        await self.operators("participant.admit", ParticipantMove(bic))
        await self.operators("participant.let_in", ParticipantMove(bic))
        accepts = tuple((asset, -1) for asset in currencies)
        await self.give("participant.choose", SettingsFields(accepts_minor=accepts), bic, f"k-{bic}")

    async def sheets(self):
        """Let the provider quote every pair, at invented rates."""
        worth = {"AED": 22_50, "INR": 1_00, "ZAR": 4_70}
        for sell, one in worth.items():
            for buy, other in worth.items():
                if sell != buy:
                    num = one * 10_000 // other
                    sheet = SheetFields(sell, buy, ((0, num, 10_000),), 1, 10**15, 0, self.at() + 30 * DAY)
                    await self.give("sheet.put", sheet, PROVIDER, f"k-{PROVIDER}")


class Answer:
    """An answer over ASGI."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return msgspec.json.decode(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:2000]!r}>"


class World:
    """A running node with its application, and keys of all owners."""

    def __init__(self, node, app, builder, texts, projector):
        self.node = node
        self.app = app
        self.builder = builder
        self.keys = texts
        self.projector = projector
        self.number = 0

    async def ask(self, method, path, *, key=GHAF, body=None, headers=None, idem=None, raw=None, query=""):
        """Send one request; `key` is an owner, or the text of a key, or None for nobody."""
        sent = {k.lower(): v for k, v in (headers or {}).items()}
        data = raw if raw is not None else b"" if body is None else msgspec.json.encode(body)
        if body is not None:
            sent.setdefault("content-type", "application/json")
        if data:
            sent.setdefault("content-length", str(len(data)))
        if key:
            sent.setdefault("authorization", f"Bearer {self.keys.get(key, key)}")
        if idem is not False and method != "GET":
            sent.setdefault("idempotency-key", idem or self.new_key())
        path, _, asked = path.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
            "raw_path": path.encode(), "query_string": (asked or query).encode(), "root_path": "", "scheme": "http",
            "headers": [(k.encode(), v.encode("latin-1")) for k, v in sent.items()],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {}, "extensions": {},
        }  # fmt: skip
        return await self.send(scope, data)

    async def send(self, scope, data):
        """Send one request by its scope; the body comes in pieces of 64 KiB."""
        pieces = deque(data[at : at + 65536] for at in range(0, len(data), 65536) or (0,))
        found = {"status": 0, "headers": {}, "body": bytearray()}

        async def receive():
            if not pieces:
                await asyncio.sleep(3600)
            piece = pieces.popleft()
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def answer(message):
            if message["type"] == "http.response.start":
                found["status"] = message["status"]
                found["headers"] = {k.decode(): v.decode("latin-1") for k, v in message["headers"]}
            else:
                found["body"] += message.get("body", b"")

        await self.app(scope, receive, answer)
        return Answer(found["status"], found["headers"], bytes(found["body"]))

    def new_key(self):
        """Give a UUIDv7 of the node's time."""
        self.number += 1
        ms = self.node.sequencer.clock.now() // 1_000_000
        text = f"{ms:012x}7{self.number % 4096:03x}8{self.number:015x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    async def project(self):
        """Let the projection hold everything that is durable."""
        while self.projector.applied_seq < self.node.sequencer.watermark:
            await asyncio.sleep(0.002)


@asynccontextmanager
async def running(folder, *, clock="simulated", profile="test", build=True, limits_share=0.0, **of_gateway):
    """Make a node in a folder, build the network in it and give it with its application."""
    begins = START if clock == "simulated" else 0
    init(folder, network_id="small", hub_bic=HUB, profile=profile, begins_at=begins, passphrase="x" * 12)
    config, _ = load_config(folder, environment={}, flags={"gateways": 0, "projector": "thread"})
    stops = []
    node = await Node.open(config, on_stop=stops.append)
    projector = ProjectorThread(config, node)
    access = open_access(config.address("access"))
    reader = Reader(config.address("projection"))
    app = build_app(
        node.link(), Stores(access, node.evidence, reader), config, limits_share=limits_share, **of_gateway
    )
    builder = Builder(node.link(), node.sequencer.clock.now)
    try:
        if build:
            await builder.build()
        world = World(node, app, builder, make_keys(access, profile), projector)
        yield world
    finally:
        app.gateway._threads.shutdown(wait=True)
        projector.end()
        access.close()
        with_suppressed(reader.close)
        await node.close()
    assert not stops


def make_keys(access, env):
    """Give every owner a key: system keys for banks and agents, persons for the rest."""
    holders = {bic: f"k-{bic}" for bic in (*BANKS, PROVIDER)}
    holders |= {agent: f"k-{agent}" for _, agent in MEMBERS.values()}
    rows = [(owner, owner, holder) for owner, holder in holders.items()]
    rows += [("operator", "operator", "p-operator-1"), ("operator 2", "operator", "p-operator-2")]
    rows += [("auditor", "operator", "p-auditor")]
    for bic in (*BANKS, PROVIDER):
        rows += [(f"{bic} maker", bic, f"p-{bic}-1"), (f"{bic} checker", bic, f"p-{bic}-2")]
    for code, (_, agent) in MEMBERS.items():
        rows += [(f"{agent} {n}", agent, f"p-{code.lower()}-{n}") for n in (1, 2)]
        rows += [(f"{agent} overseer", agent, f"p-{code.lower()}-see")]
    texts = {}
    for name, owner, holder in rows:
        made = keys.make(env=env, owner=owner, holder=holder, at=0, days=400)
        made = made._replace(key=msgspec.structs.replace(made.key, expires_at=1 << 62))
        access.add_key(made.key)
        texts[name] = made.text.reveal()
    return texts


def with_suppressed(call):
    """Call what may fail because the tables have gone already."""
    try:
        call()
    except DatabaseFault:
        return


def run(story):
    """Run a coroutine to its end, at most a minute."""
    return asyncio.run(asyncio.wait_for(story, 60))
