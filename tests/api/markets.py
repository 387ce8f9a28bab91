"""A market in the small network over HTTP: MRUL keeps the warehouse, BNYN inspects, GHAF sells, FYNB and TAMR buy."""

from hashlib import sha256

from steelyard.flows.command import Code
from steelyard.flows.facts import decode_fact
from steelyard.flows.person import PersonFields, RolesFields
from steelyard.flows.receipt import DraftFields, NamedFields
from steelyard.flows.title_facts import ReceiptMoved
from steelyard.flows.warehouse import ClassFields, SiteFields, StockFields
from steelyard.members.roles import Role
from steelyard.values.instants import DAY
from tests.api.world import BNYN, FYNB, GHAF, MRUL, PROVIDER, TAMR

SITE, CLASS = "PORT", "WHEAT-1-26.PORT"
PAPER = sha256(b"paper").digest()
WIDE, SPOT = "WHEAT-WIDE", "WHEAT-SPOT"
LISTED = {
    "contract": "WHEAT", "way": "spot", "asset": CLASS, "unit_kg": 1000, "tick": "0.25", "lot": 5,
}  # fmt: skip


async def found(world):
    """Give the roles, the site and its stock, once."""
    if getattr(world, "has_market", False):
        return
    world.has_market = True
    b = world.builder
    for bic in (GHAF, FYNB, TAMR):
        await b.operators("actor.roles", RolesFields(f"k-{bic}", (Role.MAKER, Role.TRADER)))
    await b.operators("actor.roles", RolesFields(f"k-{PROVIDER}", (Role.FX_PROVIDER, Role.TRADER)))
    for owner, role in ((MRUL, Role.WAREHOUSE), (BNYN, Role.INSPECTOR)):
        for n in (1, 2):
            person = PersonFields(f"p-{owner}-goods-{n}", owner, (role,), credential=b"c" * 32)
            await b.operators("person.add", person)
    await b.operators("site.put", SiteFields(SITE, MRUL, BNYN, 10**9, 10**9, "ZAR", 3))
    await b.give("receipt.class", ClassFields(CLASS, SITE, "WHEAT 1", "2026"), MRUL, f"p-{MRUL}-goods-1")
    await b.give("stock.certify", StockFields(SITE, "WHEAT 1", 10**8, PAPER), BNYN, f"p-{BNYN}-goods-1")


async def receipt(world, holder, tonnes):
    """Issue a receipt and give its id as text."""
    b = world.builder
    fields = DraftFields(CLASS, holder, tonnes * 1000, b.at() // DAY, 0, PAPER)
    outcome = await b.give("receipt.draft", fields, MRUL, f"p-{MRUL}-goods-1")
    made = next(one for one in map(decode_fact, outcome.facts) if isinstance(one, ReceiptMoved))
    issued = await b.both(
        "receipt.issue", NamedFields(made.receipt_id), MRUL, f"p-{MRUL}-goods-1", f"p-{MRUL}-goods-2"
    )
    assert issued.code == Code.DONE
    text = made.receipt_id.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def open_market(live):
    """List two instruments, open them, let providers and buyers be ready."""
    live.run(found(live.world))
    for code, more in (
        (SPOT, {"currency": "ZAR", "reference": "4600.00"}),
        (WIDE, {"basket": "UNIT", "basket_holds": {"ZAR": "1.00"}}),
    ):
        two(live, "POST", "/v1/market", {"code": code, **LISTED, **more})
        for phase in ("opening_call", "continuous"):
            two(live, "PUT", f"/v1/market/{code}/phase", {"phase": phase, "reason": "test"})
    for owner in (GHAF, FYNB, TAMR, PROVIDER):
        for asset in ("AED", "INR", "ZAR"):
            assert "done" == live.post(f"/v1/trade-accounts/{asset}/open", {}, key=owner).json["outcome"]


def two(live, method, path, body):
    """Let one operator order and the other approve."""
    asked = live.ask(method, path, body=body, key="operator").json
    assert "PROPOSED" == asked["state"], asked
    shown = {"shown": asked["details"]["shown"]}
    done = live.post(f"/v1/approvals/{asked['subject']}/approve", shown, key="operator 2").json
    assert "done" == done["outcome"], done
    return done


def ready(live, owner, asset, value):
    """Put money onto a trade account."""
    body = {"amount": {"asset": asset, "value": value}}
    assert "done" == live.post("/v1/trade-accounts/deposit", body, key=owner).json["outcome"]


def stocked(live, owner, tonnes):
    """Issue a receipt and commit it to trade."""
    found = live.run(receipt(live.world, owner, tonnes))
    answer = live.post(f"/v1/warehouse-receipts/{found}/commit", {}, key=owner).json
    assert "done" == answer["outcome"], answer
    return found


def order(live, owner, side, quantity, price, instrument=SPOT, **more):
    """Enter an order."""
    body = {"instrument": instrument, "side": side, "quantity": quantity, "price": price, **more}
    return live.post("/v1/orders", body, key=owner).json
