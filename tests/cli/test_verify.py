"""`steelyard verify batch`: what is proved, what is not, and what is no batch at all."""

import json
from copy import deepcopy
from hashlib import sha256

import msgspec
import pytest

from steelyard.liquidity import batch_file
from steelyard.liquidity.algorithms.flow import flow_bound
from steelyard.liquidity.algorithms.plan import plan_split
from steelyard.liquidity.algorithms.pool import plan_pool
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.certificate import to_json, to_msgpack
from steelyard.liquidity.queue import Queued, Room

RING = (Queued("1", "A", "B", 100), Queued("2", "B", "C", 80, 1), Queued("3", "C", "A", 70))
BALANCES = {"A": 5, "B": 0, "C": 0}
LIMIT = Room("A", "B", 60)


def row(participant, paid, received, left):
    names = {"paid": paid, "received": received, "left": left}
    return {"participant": participant} | {
        name: {"asset": "AED", "amount_minor": str(minor)} for name, minor in names.items()
    }


FIGURES = {
    "settled": "0", "settled_count": 0, "parts": "180", "parts_count": 3, "left": "70", "left_count": 3,
    "queued": "250", "queued_count": 3, "bound_free": "210", "bundle_id": "00",
    "participants": [row("A", 60, 60, 40), row("B", 60, 60, 20), row("C", 60, 60, 10)],
}  # fmt: skip
"""What the report says of the ring: 60 of each payment, so much as the limit lets through"""
NO_ORDERS = {"kind": "orders", "seq": 7, "orders": [], "values": {}}


def shift(whole, name):
    """Let C have paid or received what B did, so that the sums hold."""
    rows = whole["report"]["participants"]
    for place, minor in ((1, "0"), (2, "120")):
        rows[place][name]["amount_minor"] = minor


def packed(certificates):
    return [json.loads(to_json(one)) for one in certificates]


def report(certificates, *, settled, bound, kind="currency", **more):
    digest = sha256(b"".join(map(to_msgpack, certificates))).hexdigest() if certificates else None
    return {
        "kind": kind, "currencies": ["AED"], "snapshot_seq": 7, "state": "applied", "settled": str(settled),
        "parts": "0", "bound": str(bound), "certificate": digest, "proved": True,
        "distance_bp": (bound - settled) * 10_000 // bound,
    } | more  # fmt: skip


def made(*, limits=(LIMIT,)):
    """Give a batch file of the ring, with its queue."""
    solver = SuccessivePaths()
    bound = flow_bound(BALANCES, RING, solver=solver, limits=limits, snapshot_seq=7)
    plan = plan_split(BALANCES, RING, solver=solver, limits=limits, snapshot_seq=7)
    certificates = [bound.certificate, *plan.certificates]
    return {
        "format": batch_file.FORMAT,
        "report": report(certificates, settled=plan.value_minor, bound=bound.value_minor) | deepcopy(FIGURES),
        "certificates": packed(certificates),
        "snapshot": {
            "kind": "queue", "seq": 7, "asset": "AED", "balances": dict(BALANCES),
            "payments": [msgspec.to_builtins(one) for one in RING],
            "limits": [msgspec.to_builtins(one) for one in limits],
        },
    }  # fmt: skip


@pytest.fixture
def verify(alone, tmp_path):
    """Give a function that verifies a file with some content."""

    def run(content, *words):
        file = tmp_path / "batch.json"
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return alone("verify", "batch", str(file), *words)

    return run


def test_a_batch_with_its_queue_is_proved_anew(verify):
    shown = verify(made())

    assert (0, "") == (shown.code, shown.err)
    assert shown.out.startswith("proved: 180 of at most 180 minor units of AED settled")
    assert "made anew from the queue" in shown.out


def test_without_its_queue_the_certificates_stand_for_themselves(verify, tmp_path):
    """The queue may come in a file of its own."""
    whole = made()
    queue = tmp_path / "queue.json"
    queue.write_text(json.dumps(whole.pop("snapshot")))

    assert "the queue itself is not in the file" in verify(whole).out
    shown = verify(whole, "--snapshot", str(queue), "--json")
    assert (0, True, True) == (shown.code, shown.json[0]["proved"], shown.json[0]["has_queue"])


def tampered():
    """Give files in which one thing was changed, with a word of what must be said."""
    cases = []

    def case(word, change):
        whole = made()
        change(whole)
        cases.append(pytest.param(whole, word, id=word))

    case("could earn more", lambda one: one["certificates"][0]["arcs"][0].__setitem__(4, 5))
    case("the value is", lambda one: one["certificates"][0].update(value=1))
    case("shortest distance", lambda one: one["certificates"][0]["potential"].__setitem__(0, -9))
    case("other certificates by their digest", lambda one: one["report"].update(certificate="00" * 32))
    case("no certificate bears the bound", lambda one: one["report"].update(bound="9999"))
    case("the distance is", lambda one: one["report"].update(distance_bp=3))
    case("more than the bound", lambda one: one["report"].update(settled="9999"))
    case("has not been applied", lambda one: one["report"].update(state="open"))
    case("another place in time", lambda one: one["report"].update(snapshot_seq=8))
    case("not that of the queue", lambda one: one["snapshot"]["payments"][1].update(amount_minor=79))
    case("funds of A are not its own", lambda one: one["snapshot"]["balances"].update(A=6))
    case("another currency", lambda one: one["snapshot"].update(asset="INR"))
    case("1 settled cannot", lambda one: one["report"].update(settled_count=1))
    case("settled in parts cannot", lambda one: one["report"].update(parts_count=0))
    case("nothing settled", lambda one: one["report"].update(parts="0"))
    case("below that with them", lambda one: one["report"].update(bound_free="1"))
    case("of the report", lambda one: one["report"].update(queued="240"))
    case("and 0 was queued", lambda one: one["snapshot"].update(payments=[]))
    case("more settled than", lambda one: one["report"].update(parts_count=4))
    case("holds 3 payments", lambda one: one["report"].update(queued_count=2))
    case("participants paid", lambda one: one["report"]["participants"][0]["paid"].update(amount_minor="61"))
    case("and received", lambda one: one["report"]["participants"][1]["received"].update(amount_minor="59"))
    case("have 71 left", lambda one: one["report"]["participants"][0]["left"].update(amount_minor="41"))
    case("more AED than it had queued", lambda one: shift(one, "paid"))
    case("more AED than was queued for it", lambda one: shift(one, "received"))
    case("row stands twice", lambda one: one["report"]["participants"][1].update(participant="A"))
    case("in several currencies", lambda one: one["report"]["participants"][1]["left"].update(asset="INR"))
    case("of another place in time than the batch", lambda one: one["snapshot"].update(seq=6))
    case("not of the batch's kind", lambda one: one.update(snapshot=NO_ORDERS))
    case("and the report none", lambda one: one["report"].update(bound=None, distance_bp=None))
    return cases


@pytest.mark.parametrize(("whole", "word"), tampered())
def test_one_change_anywhere_is_said(verify, whole, word):
    shown = verify(whole)

    assert 1 == shown.code
    assert word in shown.err
    assert shown.out.startswith("not proved: ")


def test_a_batch_without_a_solver_proves_nothing(verify):
    """The machine did what it could itself: an honest report, and no bound."""
    whole = {"format": batch_file.FORMAT, "certificates": [], "snapshot": None,
             "report": report([], settled=0, bound=1, proved=False) | {"bound": None, "distance_bp": None}}  # fmt: skip
    shown = verify(whole)

    assert (1, "") == (shown.code, shown.err)
    assert "did without a solver" in shown.out


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "truncated"),
        (b"\xff", "malformed"),
        (b"[" * 100_000, "batch.json"),
        (b'{"format": "steelyard-batch/2", "report": {}, "certificates": []}', "required field"),
        (made() | {"format": "x"}, "the format is not"),
        (made() | {"certificates": [{}]}, "$.certificates[0]"),
        (made() | {"snapshot": {"kind": "queue", "seq": 1}}, "$.snapshot"),
        (made() | {"snapshot": made()["snapshot"] | {"balances": {}}}, "no balance"),
        (
            made() | {"snapshot": {"kind": "orders", "seq": 1, "orders": [], "values": {"A": "1/0"}}},
            "cannot be",
        ),
    ],
)
def test_what_is_no_batch_ends_with_2_in_one_line(verify, content, word):
    shown = verify(content)

    assert (2, "", 1) == (shown.code, shown.out, len(shown.err.splitlines())), shown
    assert word in shown.err
    assert "is no file of `steelyard batch certificate`" in shown.err


def test_a_file_that_is_not_there_ends_with_2(alone, tmp_path):
    assert 2 == alone("verify", "batch", str(tmp_path / "none.json")).code


POOL = {
    "units": {"INR": 3, "RUB": 4, "CNY": 40}, "accounts": {("A", "INR"): 0, ("A", "RUB"): 0, ("A", "CNY"): 0,
    ("B", "INR"): 0, ("B", "RUB"): 0, ("B", "CNY"): 0, ("C", "INR"): 10, ("C", "RUB"): 0, ("C", "CNY"): 0},
    "payments": {"RUB": (Queued("1", "A", "B", 301),), "CNY": (Queued("2", "B", "C", 30),),
                 "INR": (Queued("3", "C", "A", 410),)},
    "home": {"A": "INR", "B": "RUB", "C": "CNY"},
}  # fmt: skip


def test_a_pool_is_made_anew_from_its_queues(verify):
    plan = plan_pool(
        POOL["accounts"],
        POOL["payments"],
        POOL["units"],
        home=POOL["home"],
        solver=SuccessivePaths(),
        snapshot_seq=7,
    )
    whole = {
        "format": batch_file.FORMAT, "certificates": packed([plan.certificate]),
        "report": report([plan.certificate], settled=3_634, bound=plan.bound_value, kind="pool",
                         units={asset: str(unit) for asset, unit in POOL["units"].items()}),
        "snapshot": {
            "kind": "pool", "seq": 7, "units": POOL["units"], "home": POOL["home"],
            "accounts": [[*account, minor] for account, minor in POOL["accounts"].items()],
            "payments": {asset: [msgspec.to_builtins(one) for one in rows] for asset, rows in POOL["payments"].items()},
        },
    }  # fmt: skip
    assert 0 == verify(whole).code, verify(whole)

    whole["snapshot"]["units"]["INR"] = 4
    assert 1 == verify(whole).code
