"""Grain for tests of the faces: Sidr keeps the warehouse, Bnyn inspects, Fynb carries, Mrul keeps the far quay."""

import msgspec

from steelyard.api.auth import keys
from steelyard.flows.person import PersonFields
from steelyard.members.roles import Role
from tests.api.world import BNYN, FYNB, MRUL, SIDR

HOUSE, JUDGE, CARRIER, FAR = f"{SIDR} house", f"{BNYN} judge", f"{FYNB} carrier", f"{MRUL} quay"
HANDS = {
    "house": (HOUSE, SIDR, Role.WAREHOUSE), "judge": (JUDGE, BNYN, Role.INSPECTOR),
    "carry": (CARRIER, FYNB, Role.CARRIER),
    "quay": (FAR, MRUL, Role.WAREHOUSE),
}  # fmt: skip
PAPER = "d2325455b2a3b1f2411a6db30431746ffe1630c1249bcb1dd96798a7f262f216"
RYE, GRADE = "RYE-1-26.PORT", "RYE 1"


async def enter(world):
    """Let the people who handle goods in, two each; their keys are `HOUSE`, `HOUSE 2` and so on."""
    access = world.app.gateway.stores.access
    for short, (name, owner, role) in HANDS.items():
        for number in (1, 2):
            person = f"p-{short}-{number}"
            await world.builder.operators(
                "person.add", PersonFields(person, owner, (role,), credential=b"c" * 32)
            )
            made = keys.make(env="test", owner=owner, holder=person, at=0, days=400)
            access.add_key(msgspec.structs.replace(made.key, expires_at=1 << 62))
            world.keys[name if number == 1 else f"{name} 2"] = made.text.reveal()


class Trade:
    """A live network whose people handle goods."""

    def __init__(self, live):
        self.live = live
        live.run(enter(live.world))

    def done(self, answer, **expected):
        """Demand that an order is done, and give its answer."""
        assert answer.status == 200, answer
        found = answer.json
        assert "done" == found["outcome"], found
        assert expected == {name: found[name] for name in expected}
        return found

    def one(self, path, body=None, key=HOUSE, **expected):
        return self.done(self.live.post(path, body, key=key), **expected)

    def two(self, path, body=None, key=HOUSE, method="POST"):
        """Let one person order and the second approve; gives what the projection then has to be asked for."""
        asked = self.done(self.live.ask(method, path, body=body, key=key), state="PROPOSED")
        shown = {"shown": asked["details"]["shown"]}
        return self.done(self.live.post(f"/v1/approvals/{asked['subject']}/approve", shown, key=f"{key} 2"))

    def get(self, path, key):
        return self.live.get(path, key=key)

    def items(self, path, key):
        found = self.get(path, key)
        assert found.status == 200, found
        return found.json["items"]

    def site(self, name="PORT", warehouse=SIDR):
        body = {
            "warehouse": warehouse, "inspector": BNYN, "capacity_kg": 5_000_000, "capital_kg": 4_000_000,
            "currency": "AED", "storage": "0.03",
        }  # fmt: skip
        self.two(f"/v1/sites/{name}", body, "operator", "PUT")

    def stock(self, kg=1_000_000):
        self.one("/v1/receipt-classes", {"code": RYE, "site": "PORT", "grade": GRADE, "crop": "2026"})
        self.one(
            "/v1/sites/PORT/stocks/certify",
            {"grade": GRADE, "kg": kg, "document": PAPER},
            JUDGE,
            subject=GRADE,
        )

    def draft(self, kg, holder, **more):
        body = {
            "code": RYE,
            "holder": holder,
            "kg": kg,
            "taken_in_on": "2026-11-20",
            "document": PAPER,
        } | more
        return self.one("/v1/warehouse-receipts", body, state="DRAFT")["subject"]

    def issue(self, kg, holder, **more):
        receipt = self.draft(kg, holder, **more)
        self.two(f"/v1/warehouse-receipts/{receipt}/issue")
        return receipt

    def act(self, receipt, word, body=None, key=HOUSE, **expected):
        return self.one(f"/v1/warehouse-receipts/{receipt}/{word}", body, key, **expected)
