"""`steelyard verify cycle`: what is proved, what is not, and what is no cycle at all."""

import json
from hashlib import sha256

import pytest

from steelyard.liquidity import cycle_file
from steelyard.liquidity.algorithms.flow import flow_bound
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.certificate import to_json, to_msgpack
from steelyard.liquidity.queue import Queued, Room

A, B, C = "ANNANOR0", "BRAMNOR0", "CLEONOR0"
ROWS = ((A, B, 100, 1, 3), (B, C, 80, 2, 1), (C, A, 70, 2, 2))  # Anna -30, Bram +20, Cleo +10


def uetr(seq):
    return f"00000000-0000-4000-8000-{seq:012x}"


def money(minor):
    return {"asset": "NOR", "value": f"{minor}", "amount_minor": str(minor)}


def digest(bic, settled):
    """Hash the legs of a member as a node does."""
    found = sha256()
    for (payer, payee, _, _, seq), minor in zip(ROWS, settled, strict=True):
        if minor and bic in (payer, payee):
            own = bytes.fromhex(uetr(seq).replace("-", ""))
            found.update(own + minor.to_bytes(16, "big") + bytes([bic == payee]))
    return found.hexdigest()


def made(settled=(100, 80, 70), *, limits=(), paid=(30, 0, 0), state="STATEMENTS"):
    """Give a cycle's file of the ring."""
    rows = [Queued(str(seq), payer, payee, minor, priority) for payer, payee, minor, priority, seq in ROWS]
    bound = flow_bound({A: 100, B: 80, C: 70}, rows, solver=SuccessivePaths(), limits=limits, snapshot_seq=9)
    most, total = bound.value_minor, sum(settled)
    out = dict(zip((A, B, C), settled, strict=True))
    back = {B: settled[0], C: settled[1], A: settled[2]}
    return {
        "format": cycle_file.FORMAT,
        "report": {
            "cycle": {"cycle_id": uetr(7), "number": 1, "currencies": ["NOR"], "state": state, "cut_seq": 8,
                      "proved": True, "trigger": "command"},
            "by_currency": [{"currency": "NOR", "gathered_count": 3, "gathered": money(250),
                             "settles_count": sum(1 for one in settled if one), "settles": money(total),
                             "bound": money(most), "distance_bp": (most - total) * 10_000 // most}],
            "participants": [
                {"participant": bic, "out": money(out[bic]), "back": money(back[bic]),
                 "net": money(back[bic] - out[bic]), "called": money(30 if bic == A else 0),
                 "paid_in": money(paid[place])}
                for place, bic in enumerate((A, B, C))
            ],
            "certificate": sha256(to_msgpack(bound.certificate)).hexdigest(),
        },
        "obligations": [
            {"uetr": uetr(seq), "payer": payer, "payee": payee, "currency": "NOR", "priority": priority, "seq": seq,
             "open_minor": minor, "settled_minor": part}
            for (payer, payee, minor, priority, seq), part in zip(ROWS, settled, strict=True)
        ],
        "told": [{"participant": bic, "currency": "NOR", "digest": digest(bic, settled)} for bic in (A, B, C)],
        "certificates": [json.loads(to_json(bound.certificate))],
    }  # fmt: skip


@pytest.fixture
def verify(alone, tmp_path):
    """Give a function that verifies a file with some content."""

    def run(content, *words):
        file = tmp_path / "cycle.json"
        file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return alone("verify", "cycle", str(file), *words)

    return run


def test_a_cycle_is_proved_from_its_file_alone(verify):
    shown = verify(made())

    assert (0, "") == (shown.code, shown.err)
    assert shown.out.startswith("proved: 3 of 3 obligations settled")
    assert "250 of at most 250 minor units of NOR (0 bp from the bound)" in shown.out
    assert (0, True, 3) == (
        (told := verify(made(), "--json")).code,
        told.json[0]["proved"],
        told.json[0]["settled"],
    )


@pytest.mark.parametrize("limits", [(Room(A, B, 20),), (Room(C, "*", 70),), (Room(B, C, 80), Room(C, A, 75))])
def test_own_limits_fit_into_what_is_owed(verify, limits):
    """Their networks have more arcs and nodes; nothing flows that nobody owes."""
    rows = [Queued(str(seq), payer, payee, minor, priority) for payer, payee, minor, priority, seq in ROWS]
    bound = flow_bound({A: 100, B: 80, C: 70}, rows, solver=SuccessivePaths(), limits=limits, snapshot_seq=9)
    assert bound.value_minor == 250  # the ring nets within them
    assert 0 == verify(made(limits=limits)).code


def test_a_cycle_that_left_something_says_how_much(verify):
    """Anna paid in 25 alone: 95 of her 100 settle."""
    shown = verify(made((95, 80, 70), paid=(25, 0, 0)))

    assert 0 == shown.code, shown.err
    assert "245 of at most 250 minor units of NOR (200 bp from the bound)" in shown.out


def tampered():
    """Give files in which one thing was changed, with a word of what must be said."""
    cases = []

    def case(word, change):
        whole = made()
        change(whole)
        cases.append(pytest.param(whole, word, id=word))

    def head(one):
        return one["report"]["cycle"]

    def row(one):
        return one["report"]["by_currency"][0]

    def member(one, place):
        return one["report"]["participants"][place]

    case("has not settled", lambda one: head(one).update(state="CANCELLED"))
    case("before the cut", lambda one: head(one).update(cut_seq=3))
    case("does not say when", lambda one: head(one).update(cut_seq=None))
    case("order of the cut", lambda one: one["obligations"].reverse())
    case("there twice", lambda one: one["obligations"].append(one["obligations"][-1]))
    case("that the cycle is not of", lambda one: one["obligations"][0].update(currency="SUD"))
    case("to its own payer", lambda one: one["obligations"][0].update(payee=A))
    case("more of an obligation settled", lambda one: one["obligations"][1].update(settled_minor=81))
    case("of other currencies than the cycle", lambda one: head(one).update(currencies=["NOR", "SUD"]))
    case("obligations gathered is 3", lambda one: row(one).update(gathered_count=4))
    case("gathered is 250", lambda one: row(one).update(gathered=money(251)))
    case("obligations settled is 3", lambda one: row(one).update(settles_count=2))
    case("settled is 250", lambda one: row(one).update(settles=money(249), distance_bp=40))
    case("obligations gathered is 2", lambda one: one["obligations"].pop())
    case("what it pays is 100", lambda one: member(one, 0).update(out=money(99)))
    case("what it gets is 100", lambda one: member(one, 1).update(back=money(101)))
    case("its net is -30", lambda one: member(one, 0).update(net=money(-29)))
    case("the nets come to 1", lambda one: member(one, 0).update(net=money(-29)))
    case("its part is not in the report", lambda one: one["report"]["participants"].pop())
    case("twice in one currency", lambda one: one["report"]["participants"].append(member(one, 0)))
    case("and paid in 29", lambda one: member(one, 0).update(paid_in=money(29)))
    case("was called for 30", lambda one: member(one, 0).update(paid_in=money(31)))
    case("the hash it was told", lambda one: one["told"][1].update(digest="00" * 32))
    case("was told of no legs", lambda one: one["told"].pop())
    case("other certificates by their digest", lambda one: one["report"].update(certificate="00" * 32))
    case("more than the bound", lambda one: row(one).update(bound=money(249), distance_bp=0))
    case("the distance is 0", lambda one: row(one).update(distance_bp=1))
    case("no certificate bears the bound", lambda one: row(one).update(bound=money(251), distance_bp=39))
    case("could earn more", lambda one: one["certificates"][0]["arcs"][0].__setitem__(4, 5))
    case("the value is", lambda one: one["certificates"][0].update(value=1))
    case("shortest distance", lambda one: one["certificates"][0]["potential"].__setitem__(0, -9))
    case("a certificate is of before", lambda one: one["certificates"][0].update(snapshot_seq=8))
    case(
        "lets flow what nobody owes",
        lambda one: one["obligations"][2].update(open_minor=69, settled_minor=69),
    )
    case("lets flow", lambda one: one["certificates"][0].update(objective="class2"))
    return cases


@pytest.mark.parametrize(("whole", "word"), tampered())
def test_one_change_anywhere_is_said(verify, whole, word):
    shown = verify(whole)

    assert 1 == shown.code
    assert word in shown.err
    assert shown.out.startswith("not proved: ")


def test_what_settled_without_a_bound_is_said(verify):
    """A second currency, of which nothing says how much could have settled: the first one's proof is not its own."""
    whole = made()
    report = whole["report"]
    report["cycle"]["currencies"].append("SUD")
    own = {"asset": "SUD", "value": "5", "amount_minor": "5"}
    nothing, minus = own | {"amount_minor": "0"}, own | {"amount_minor": "-5"}
    report["by_currency"].append(
        {"currency": "SUD", "gathered_count": 1, "gathered": own, "settles_count": 1, "settles": own,
         "bound": None, "distance_bp": None}
    )  # fmt: skip
    report["participants"] += [
        {"participant": A, "out": own, "back": nothing, "net": minus, "called": own, "paid_in": own},
        {"participant": B, "out": nothing, "back": own, "net": own, "called": nothing, "paid_in": nothing},
    ]
    last = max(whole["obligations"], key=lambda one: one["seq"])
    whole["obligations"].append(
        last | {"uetr": uetr(7), "payer": A, "payee": B, "currency": "SUD", "priority": 2, "seq": 7,
                "open_minor": 5, "settled_minor": 5}
    )  # fmt: skip
    leg = bytes.fromhex(uetr(7).replace("-", "")) + (5).to_bytes(16, "big")
    whole["told"] += [
        {"participant": bic, "currency": "SUD", "digest": sha256(leg + bytes([bic == B])).hexdigest()}
        for bic in (A, B)
    ]
    shown = verify(whole)

    assert (1, "not proved: 1 fault\n") == (shown.code, shown.out)
    assert "SUD: something settled, and nothing says how much could have" in shown.err


def test_more_than_a_cycle_takes_in_is_said():
    """Five times 10^18 minor units from one payer are more than 2^62."""
    found = cycle_file.read(json.dumps(made()).encode())
    many = tuple(cycle_file.Obligation(uetr(seq), A, B, "NOR", 2, seq, 10**18 - 1, 0) for seq in range(4, 9))
    changed = cycle_file.File(
        found.format, found.report, (*found.obligations, *many), found.told, found.certificates
    )

    assert any("one payer pays more" in fault for fault in cycle_file.verify(changed).faults)


def test_a_cycle_without_a_solver_proves_nothing(verify):
    """The machine netted everything itself: an honest report, and no bound."""
    whole = made()
    whole["certificates"] = []
    whole["report"]["certificate"] = None
    whole["report"]["cycle"]["proved"] = False
    whole["report"]["by_currency"][0].update(bound=None, distance_bp=None)
    shown = verify(whole)

    assert (1, "") == (shown.code, shown.err)
    assert "did without a solver" in shown.out


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "truncated"),
        (b"\xff", "malformed"),
        (b"[" * 100_000, "cycle.json"),
        (made() | {"format": "steelyard-batch/1"}, "the format is not"),
        (made() | {"certificates": [{}]}, "$.certificates[0]"),
        (made() | {"obligations": [made()["obligations"][0] | {"uetr": "x"}]}, "$.obligations[0].uetr"),
        (made() | {"obligations": [made()["obligations"][0] | {"open_minor": 1.5}]}, "open_minor"),
        (made() | {"told": [{"participant": A}]}, "$.told[0]"),
    ],
)
def test_what_is_no_cycle_ends_with_2_in_one_line(verify, content, word):
    shown = verify(content)

    assert (2, "", 1) == (shown.code, shown.out, len(shown.err.splitlines())), shown
    assert word in shown.err
    assert "is no file of `steelyard cycle certificate`" in shown.err


def test_a_file_that_is_not_there_ends_with_2(alone, tmp_path):
    assert 2 == alone("verify", "cycle", str(tmp_path / "none.json")).code
