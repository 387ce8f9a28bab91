"""Claims are filed, confirmed, taken back and set off in circles: no money, no net position moves."""

from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.engine.refusals import Refusal as E
from steelyard.flows import batch_snapshot, claim
from steelyard.flows.claim import FileFields, NamedFields
from steelyard.flows.command import Outcome
from steelyard.flows.liquidity_facts import BatchReported, ClaimMoved, ClaimSetOff
from steelyard.flows.set_off import AgainFields, AllowFields, ProposeFields, RequestFields
from steelyard.flows.world import World
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.batches import Batch
from steelyard.liquidity.claims import Claims, pack_claims, unpack_claims
from steelyard.liquidity.fx_snapshot import BatchSnapshot
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.members.packs import Pack, digest_of
from steelyard.members.refusals import MemberRefusal
from steelyard.members.rulebook import content_of
from steelyard.solve.propose import propose
from steelyard.values.instants import DAY, MINUTE, SECOND
from tests.flows.batches import same_state
from tests.flows.creditworld import Credits
from tests.flows.payworld import ANNA, ARNE, ASSETS, BANKS, BRAM, CLEO, facts, is_refused

PAPER = sha256(b"invoice").digest()
decode = msgspec.msgpack.Decoder(ProposeFields).decode


class Circle(Credits):
    """A network whose members let claims be set off, and a solver in the same process."""

    def __init__(self, world: World | None = None, **figures: Any) -> None:
        super().__init__(world)
        self.asked: list[tuple[bytes, BatchSnapshot]] = []
        self.world.on_batch = self._take
        if world is None:
            content = content_of({"version": "1", "liquidity": figures})
            self.world.packs.put(Pack("rulebook", "rulebook", "1", digest_of(content), content, 0))
            for asset in ASSETS:
                assert self.allow(asset).code == 0

    def _take(self, world: World, batch: Batch) -> None:
        self.asked.append((batch.batch_id, batch_snapshot.of(world, batch, world.now)))

    def allow(self, asset: str, *, allowed: bool = True) -> Outcome:
        agent = self.world.members.assets[asset].settlement_agent
        return self.two(agent, "set_off.allow", AllowFields(allowed))

    def file(self, debtor: str, creditor: str, minor: int, /, asset: str = "NOR", **more: Any) -> Outcome:
        sender = more.pop("sender", creditor)
        fields = FileFields(debtor, creditor, asset, minor, 20_030, PAPER)
        return self.give("claim.file", msgspec.structs.replace(fields, **more), sender)

    def filed(self, debtor: str, creditor: str, minor: int, **more: Any) -> bytes:
        """File a claim that has to be taken, and give its id."""
        (fact,) = moves(self.file(debtor, creditor, minor, **more))
        return fact.claim_id

    def owed(self, debtor: str, creditor: str, minor: int, **more: Any) -> bytes:
        """File a claim and let the other side confirm it."""
        claim_id = self.filed(debtor, creditor, minor, **more)
        other = debtor if more.get("sender", creditor) == creditor else creditor
        assert self.confirm(other, claim_id).code == 0
        return claim_id

    def confirm(self, bic: str, claim_id: bytes) -> Outcome:
        return self.give("claim.confirm", NamedFields(claim_id), bic)

    def withdraw(self, bic: str, claim_id: bytes) -> Outcome:
        return self.give("claim.withdraw", NamedFields(claim_id), bic)

    def request(self, asset: str = "NOR", sender: str = "operator") -> Outcome:
        return self.give("set_off.request", RequestFields(asset), sender)

    def fields(self) -> ProposeFields:
        batch_id, snapshot = self.asked[-1]
        return decode(propose(batch_id, snapshot, solver=SuccessivePaths()))

    def propose(self, **changes: Any) -> Outcome:
        """Propose, with some fields other than the honest ones."""
        fields = msgspec.structs.replace(self.fields(), **changes)
        return self.give("set_off.propose", fields, "operator", actor="node")

    def again(self) -> Outcome:
        return self.give("set_off.again", AgainFields(self.asked[-1][0]), "operator", actor="node")

    def open_of(self, claim_id: bytes) -> int:
        found = self.world.claims.get(claim_id.hex())
        assert found is not None
        return found.open_minor

    def net(self, bic: str, asset: str = "NOR") -> int:
        """Give what a bank is owed less what it owes, as the claims book says."""
        sides = (claim.account(self.world, purpose, bic, asset) for purpose in (claim.OWED, claim.OWES))
        owed, owes = (self.world.engine.balance(no).balance if no else 0 for no in sides)
        return owed - owes


def moves(outcome: Outcome) -> list[ClaimMoved]:
    return [fact for fact in facts(outcome) if isinstance(fact, ClaimMoved)]


def report(outcome: Outcome) -> BatchReported:
    (found,) = [fact for fact in facts(outcome) if isinstance(fact, BatchReported)]
    return found


def ring(net: Circle) -> list[bytes]:
    return [net.owed(ANNA, BRAM, 100), net.owed(BRAM, CLEO, 80), net.owed(CLEO, ANNA, 70)]


@pytest.fixture
def net() -> Circle:
    return Circle()


def test_a_claim_is_booked_once_both_sides_have_confirmed_it(net: Circle) -> None:
    claim_id = net.filed(ANNA, BRAM, 100)
    assert (0, "filed") == (net.net(BRAM), net.world.claims.get(claim_id.hex()).state)
    outcome = net.confirm(ANNA, claim_id)

    assert (100, -100) == (net.net(BRAM), net.net(ANNA))
    assert ["confirmed"] == [one.state for one in moves(outcome)]
    assert [(BRAM, "claim.confirmed")] == [(one.recipient, one.kind) for one in outcome.notices]
    net.check()


def test_who_has_confirmed_confirms_again_without_effect(net: Circle) -> None:
    claim_id = net.filed(ANNA, BRAM, 100)
    before = same_state(net)
    outcome = net.confirm(BRAM, claim_id)

    assert (2, before) == (outcome.code, same_state(net))


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"sender": CLEO}, No.CLAIM_UNKNOWN),
        ({"asset": "XXX"}, MemberRefusal.CURRENCY_NOT_FOUND),
        ({"debtor": "NOBODY00"}, MemberRefusal.PARTICIPANT_NOT_FOUND),
        ({"debtor": BRAM}, No.CLAIM_IS_MALFORMED),
        ({"amount_minor": 0}, No.CLAIM_IS_MALFORMED),
        ({"amount_minor": 10**18}, No.CLAIM_IS_MALFORMED),
    ],
)
def test_a_claim_that_breaks_a_rule_changes_nothing(net: Circle, change: Any, refusal: Any) -> None:
    before = same_state(net)

    assert is_refused(net.file(ANNA, BRAM, 100, **change), refusal)
    assert before == same_state(net)


def test_a_participant_files_only_so_many_claims() -> None:
    net = Circle(claims_max=2)
    first = net.filed(ANNA, BRAM, 1)
    net.filed(ANNA, BRAM, 1)

    assert is_refused(net.file(ANNA, BRAM, 1), No.TOO_MANY_CLAIMS)
    assert net.file(ANNA, BRAM, 1, sender=ANNA).code == 0
    net.withdraw(BRAM, first)
    assert net.file(ANNA, BRAM, 1).code == 0


def test_either_side_takes_back_a_claim_until_both_have_confirmed_it(net: Circle) -> None:
    by_debtor, by_creditor = net.filed(ANNA, BRAM, 5), net.filed(ANNA, BRAM, 6)
    outcome = net.withdraw(ANNA, by_debtor)

    assert ["withdrawn"] == [one.state for one in moves(outcome)]
    assert net.withdraw(BRAM, by_creditor).code == 0
    assert is_refused(net.withdraw(BRAM, by_creditor), No.CLAIM_UNKNOWN)
    assert is_refused(net.confirm(BRAM, by_debtor), No.CLAIM_UNKNOWN)


def test_the_creditor_alone_gives_up_a_confirmed_claim(net: Circle) -> None:
    claim_id = net.owed(ANNA, BRAM, 100)
    assert is_refused(net.withdraw(ANNA, claim_id), No.CLAIM_IS_CONFIRMED)
    assert net.withdraw(BRAM, claim_id).code == 0

    assert (0, 0) == (net.net(BRAM), net.net(ANNA))
    net.check()


def test_a_circle_is_set_off_without_a_change_of_any_net_position(net: Circle) -> None:
    claims = ring(net)
    nets = [net.net(bic) for bic in BANKS]
    net.fund(ANNA, "NOR", 5)
    net.request()
    outcome = net.propose()

    assert [30, 10, 0] == [net.open_of(one) for one in claims]
    assert nets == [net.net(bic) for bic in BANKS]
    assert (5, 0, 0) == tuple(net.balance(bic, "NOR") for bic in (ANNA, BRAM, CLEO))
    found = report(outcome)
    assert ("set_off", "70", "140", True, "210") == (
        found.kind, found.settled, found.parts, found.proved, found.bound
    )  # fmt: skip
    told = [fact for fact in facts(outcome) if isinstance(fact, ClaimSetOff)]
    assert {70} == {fact.minor for fact in told}
    assert 6 == len([one for one in outcome.notices if one.kind == "claim.set_off"])
    net.check()


def test_claims_set_off_are_over(net: Circle) -> None:
    claims = ring(net)
    net.request()
    net.propose()

    assert is_refused(net.withdraw(ANNA, claims[2]), No.CLAIM_ALREADY_SET_OFF)
    assert is_refused(net.confirm(ANNA, claims[2]), No.CLAIM_ALREADY_SET_OFF)


def test_a_member_whose_law_forbids_it_is_left_out(net: Circle) -> None:
    claims = ring(net)
    net.allow("SUD", allowed=False)

    assert is_refused(net.request(), No.SET_OFF_HAS_NO_CLAIMS)
    net.allow("SUD")
    net.request()
    honest = net.fields()
    net.allow("SUD", allowed=False)
    assert is_refused(
        net.give("set_off.propose", honest, "operator", actor="node"), No.SET_OFF_NOT_ALLOWED_HERE
    )
    assert [100, 80, 70] == [net.open_of(one) for one in claims]


def test_only_settlement_agents_say_what_their_law_is(net: Circle) -> None:
    assert is_refused(net.give("set_off.allow", AllowFields(True), ANNA), E.SENDER_HAS_NO_RIGHT)


def test_a_set_off_is_asked_for_once_at_a_time_and_by_whom_it_concerns(net: Circle) -> None:
    ring(net)
    agent = net.world.members.assets["SUD"].settlement_agent

    assert is_refused(net.request("XXX"), MemberRefusal.CURRENCY_NOT_FOUND)
    assert is_refused(net.request("NOR", agent), MemberRefusal.OBJECT_IS_NOT_YOURS)
    assert is_refused(net.request("SUD"), No.SET_OFF_HAS_NO_CLAIMS)
    assert net.request().code == 0
    assert is_refused(net.request(), No.BATCH_IS_OPEN)


HOSTILE: list[tuple[Any, Any]] = [
    (lambda f: {"parts": [f.parts[0], f.parts[1], f.parts[2] - 1]}, No.SET_OFF_CHANGES_NETS),
    (lambda f: {"parts": [10**6] * 3}, No.SET_OFF_EXCEEDS_CLAIM),
    (lambda f: {"parts": f.parts[:2]}, No.PROPOSAL_IS_MALFORMED),
    (lambda f: {"claims": f.claims[::-1]}, No.PROPOSAL_IS_MALFORMED),
    (lambda f: {"claims": [bytes(16), *f.claims[1:]]}, No.CLAIM_UNKNOWN),
    (lambda f: {"claims": [f.claims[0]] * 3}, No.PROPOSAL_IS_MALFORMED),
    (lambda f: {"snapshot_seq": f.snapshot_seq + 1}, No.BATCH_NOT_REQUESTED),
    (lambda f: {"batch_id": bytes(16)}, No.BATCH_NOT_REQUESTED),
    (lambda f: {"certificates": [b"\x00"]}, No.CERTIFICATE_MALFORMED),
]


@pytest.mark.parametrize(("change", "refusal"), HOSTILE)
def test_a_hostile_proposal_is_refused_and_changes_nothing(net: Circle, change: Any, refusal: Any) -> None:
    ring(net)
    net.request()
    before = same_state(net)

    assert is_refused(net.propose(**change(net.fields())), refusal)
    assert before == same_state(net)


def test_a_proposal_of_an_unconfirmed_claim_is_refused(net: Circle) -> None:
    ring(net)
    open_claim = net.filed(ANNA, BRAM, 70)
    net.request()
    fields = net.fields()
    claims = sorted([*fields.claims, open_claim])

    assert is_refused(net.propose(claims=claims, parts=[70] * 4), No.CLAIM_NOT_CONFIRMED)


def test_less_than_could_be_set_off_counts_as_unproved(net: Circle) -> None:
    ring(net)
    net.request()
    outcome = net.propose(parts=[60, 60, 60])

    assert (False, "180") == (report(outcome).proved, report(outcome).parts)
    net.check()


def test_a_proof_of_other_claims_counts_as_none(net: Circle) -> None:
    ring(net)
    net.request()
    early = net.fields()
    net.propose(parts=[10, 10, 10])
    net.request()
    late = net.fields()
    proof = msgspec.msgpack.decode(early.certificates[0])
    proof["snapshot_seq"] = late.snapshot_seq
    outcome = net.propose(certificates=[msgspec.msgpack.encode(proof)])

    assert not report(outcome).proved


def test_a_blocked_account_stays_out(net: Circle) -> None:
    ring(net)
    account_no = claim.account(net.world, claim.OWED, BRAM, "NOR")
    net.world.engine.block(account_no, debits=True, credits=True, freeze=False)
    net.request()

    assert [] == net.fields().claims
    assert is_refused(net.confirm(ANNA, net.filed(ANNA, BRAM, 5)), E.ACCOUNT_CREDITS_ARE_BLOCKED)


def test_a_refused_set_off_is_asked_for_again_and_then_over(net: Circle) -> None:
    claims = ring(net)
    net.request()
    early = net.fields()
    net.withdraw(ANNA, claims[2])
    net.owed(CLEO, ANNA, 40)
    assert is_refused(net.give("set_off.propose", early, "operator", actor="node"), No.CLAIM_UNKNOWN)
    net.again()
    net.propose()

    assert [60, 40] == [net.open_of(one) for one in claims[:2]]
    assert is_refused(net.again(), No.BATCH_NOT_REQUESTED)


def test_without_an_answer_nothing_happens(net: Circle) -> None:
    claims = ring(net)
    net.request()
    honest = net.fields()
    net.at += MINUTE
    outcome = net.give("tick", None, "operator", actor="node")

    assert "none" == report(outcome).algorithm
    assert [100, 80, 70] == [net.open_of(one) for one in claims]
    assert is_refused(net.give("set_off.propose", honest, "operator", actor="node"), No.BATCH_NOT_REQUESTED)


def test_a_proposal_comes_while_its_snapshot_is_young(net: Circle) -> None:
    ring(net)
    net.request()
    net.at += 121 * SECOND

    assert is_refused(net.propose(), No.SNAPSHOT_TOO_OLD)


def test_a_day_that_ends_asks_for_its_set_off(net: Circle) -> None:
    ring(net)
    net.at += DAY
    net.give("tick", None, "operator", actor="node")

    assert ["NOR"] == list(net.world.claims.open)
    assert "timer" == net.world.claims.open["NOR"].trigger


def test_a_snapshot_outlives_its_bytes_and_the_state_a_restart(net: Circle) -> None:
    ring(net)
    net.request()
    snapshot = net.asked[-1][1]
    again = World.decode(dict(net.world.sections()))

    assert snapshot == unpack_claims(pack_claims(snapshot))
    assert net.world.state_hash() == again.state_hash()
    assert 3 == again.claims.filed_by(ANNA) + again.claims.filed_by(BRAM) + again.claims.filed_by(CLEO)


def test_what_was_set_off_is_forgotten_after_a_month(net: Circle) -> None:
    claims = ring(net)
    net.request()
    net.propose()
    kept = Claims.decode(net.world.claims.encode())
    on = net.at // DAY
    kept.forget(on + 30)
    assert kept.get(claims[2].hex()) is not None
    kept.forget(on + 31)

    assert (None, 10) == (kept.get(claims[2].hex()), kept.get(claims[1].hex()).open_minor)


people = st.sampled_from((ANNA, ARNE, BRAM, CLEO))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(people, people, st.integers(1, 50), st.booleans()), max_size=12))
def test_any_claims_keep_every_net_position(rows: list[tuple[str, str, int, bool]]) -> None:
    """And the book agrees with the claims, whatever was filed, confirmed and set off."""
    net = Circle()
    for debtor, creditor, minor, confirmed in rows:
        if debtor != creditor:
            (net.owed if confirmed else net.filed)(debtor, creditor, minor)
    nets = [net.net(bic) for bic in BANKS]
    if net.request().code == 0:
        outcome = net.propose()
        assert report(outcome).proved

    assert nets == [net.net(bic) for bic in BANKS]
    net.check()
