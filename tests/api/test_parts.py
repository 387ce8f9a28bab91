"""A payment that settles in parts, as both banks see it: its state, their messages, their statements."""

import uuid

import pytest

from steelyard.flows import batch_snapshot
from steelyard.flows.batch import RequestFields
from steelyard.flows.choose import SettingsFields
from steelyard.flows.fund import IssueFields
from steelyard.flows.packs import PackFields
from steelyard.members.packs import digest_of
from steelyard.members.rulebook import content_of
from steelyard.node import own as nodes_own
from steelyard.solve.flow import OrToolsFlow
from steelyard.solve.propose import propose
from tests.api.messages import message, transfer
from tests.api.world import GHAF, OPENING, TAMR

JSON = "application/json"
AMOUNT = 150_000_000_00
REST = AMOUNT - OPENING


def split_any(live):
    """Let any payment in AED settle in parts."""
    content = content_of({"version": "parts", "liquidity": {"split_above_minor": {"AED": 0}}})
    fields = PackFields("rulebook", "rulebook", "parts", digest_of(content), content)
    live.run(live.world.builder.operators("pack.load", fields))


def batch(live):
    """Ask for a batch and let it be answered at once."""

    async def story():
        node = live.world.node
        world = node.sequencer.machine.world
        world.on_batch = lambda world, one: taken.append(
            (one.batch_id, batch_snapshot.of(world, one, world.now))
        )
        taken = []
        await live.world.builder.give("batch.request", RequestFields("AED"), "operator", "p-operator-1")
        told = []
        node.sequencer.give(nodes_own.PROPOSE, bytes(propose(*taken[-1], solver=OrToolsFlow())), told.append)
        await node.link().read("balance", (f"{GHAF}/AED",))
        assert told[0].outcome.code == 0, told[0].outcome

    live.run(story())


def sent(live, amount="150000000.00"):
    """Send more than GHAF has to TAMR."""
    uetr = str(uuid.uuid4())
    answer = live.send(
        message(GHAF, transfer(GHAF, TAMR, target="AED", amount=amount, uetr=uetr)), accept=JSON
    )
    assert "QUEUED" == answer.json["payments"][0]["state"]
    return uetr


def messages(live, uetr, key):
    """Give what a bank is told of a payment, in order: (event, message, raw)."""
    items = live.get(f"/v1/payments/{uetr}/messages", key=key).json
    return [(item["event"], item["message"], live.get(item["raw"], key=key).body) for item in items]


def minors(seen, *names):
    """Give amounts in minor units."""
    return [int(seen[name]["value"].replace(".", "")) for name in names]


@pytest.fixture
def net(own):
    split_any(own)
    return own


def test_both_banks_hear_of_each_part_and_of_the_end(net):
    uetr = sent(net)
    batch(net)
    seen = net.get(f"/v1/payments/{uetr}").json

    assert ("QUEUED", "ACSP", "yes") == (seen["state"], seen["status"], seen["split"])
    assert [OPENING, REST, 0] == minors(seen, "settled", "open", "abandoned")
    net.run(net.world.builder.agents("AE", "issue", IssueFields("AED", GHAF, REST, "lock more")))
    seen = net.get(f"/v1/payments/{uetr}").json
    assert ("SETTLED", "ACSC") == (seen["state"], seen["status"])
    assert [AMOUNT, 0, 0] == minors(seen, "settled", "open", "abandoned")
    steps = [step["event"] for step in net.get(f"/v1/payments/{uetr}/timeline").json]
    assert ["ENTERED", "PART_SETTLED", "SETTLED_NOW"] == steps
    debtor, creditor = (messages(net, uetr, key) for key in (GHAF, TAMR))
    assert [
        ("payment.part_settled", "pacs.002"), ("payment.part_settled", "camt.054"),
        ("payment.settled", "pacs.002"), ("payment.settled", "camt.054"),
    ] == [one[:2] for one in debtor if one[0] != "payment.queued"]  # fmt: skip
    assert [
        ("payment.part_settled", "pacs.008"), ("payment.part_settled", "camt.054"),
        ("payment.settled", "pacs.002"), ("payment.settled", "camt.054"),
    ] == [one[:2] for one in creditor]  # fmt: skip
    told = {one[:2]: one[2] for one in debtor}
    assert b"<TxSts>ACSP</TxSts>" in told["payment.part_settled", "pacs.002"]
    assert b"100000000.00 settled, 50000000.00 open" in told["payment.part_settled", "pacs.002"]
    assert b"100000000.00</Amt>" in told["payment.part_settled", "camt.054"]
    assert b"50000000.00</Amt>" in told["payment.settled", "camt.054"]


def test_a_bank_that_wants_it_hears_only_when_all_is_there(net):
    net.run(
        net.world.builder.give("participant.choose", SettingsFields(tells_parts=False), TAMR, f"k-{TAMR}")
    )
    uetr = sent(net)
    batch(net)
    assert [] == messages(net, uetr, TAMR)
    net.run(net.world.builder.agents("AE", "issue", IssueFields("AED", GHAF, REST, "lock more")))
    creditor = messages(net, uetr, TAMR)

    assert [("payment.settled", kind) for kind in ("pacs.008", "pacs.002", "camt.054")] == [
        one[:2] for one in creditor
    ]
    assert b"150000000.00</Amt>" in creditor[-1][2]


def test_what_ends_it_gives_the_rest_up(net):
    uetr = sent(net)
    batch(net)
    assert net.post(f"/v1/payments/{uetr}/cancel", {}).status == 200
    seen = net.get(f"/v1/payments/{uetr}").json

    assert ("SETTLED", "SENDER_WITHDREW") == (seen["state"], seen["refusal"]["code"])
    assert [OPENING, 0, REST] == minors(seen, "settled", "open", "abandoned")
    creditor = messages(net, uetr, TAMR)
    assert ("payment.closed_partly", "pacs.002") == creditor[-1][:2]
    assert b"100000000.00 settled, 50000000.00 given up" in creditor[-1][2]
    events = net.get("/v1/events?type=payment.closed_partly", key=TAMR).json["items"]
    assert [OPENING, REST] == minors(events[-1]["data"], "settled_minor", "open_minor")
