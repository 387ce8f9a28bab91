"""Which payments may settle in parts: the sender's wish, the cap of the currency, the law; never a reason to refuse."""

import json

import msgspec
import pytest

from steelyard.engine.refusals import Refusal as E
from steelyard.flows import day_end, queue_view
from steelyard.flows import splitting as splitting_flow
from steelyard.flows.diary import Diary
from steelyard.flows.facts import PaymentEntered
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.liquidity.rules import read
from steelyard.liquidity.snapshot import pack
from steelyard.members.packs import Pack, digest_of
from steelyard.members.rulebook import content_of
from steelyard.payments.payment import Split
from steelyard.values.instants import DAY
from tests.flows.batches import calm, request, splitting
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, CLEO, PONS, Network, entered, is_refused


def split_of(net: Network, payer: str = ANNA, payee: str = BRAM, minor: int = 5_000, **more) -> Split:
    """Queue a payment and give what was decided, the same in its state and its fact."""
    uetr, outcome = net.paid(payer, payee, "NOR", minor, **more)
    fact = entered(outcome)

    assert isinstance(fact, PaymentEntered)
    assert fact.split == net.world.payments.live[uetr].split
    return Split(fact.split)


def rule_pack(net: Network, member: str, unlawful: bool) -> None:
    content = json.dumps({"parts_are_unlawful": unlawful}).encode()
    net.world.packs.put(Pack("jurisdiction", f"{member}/rules", "1", digest_of(content), content, 0))


def put(net: Network, figures: dict[str, object]) -> None:
    """Bring another rulebook into force."""
    content = content_of({"version": "2", "liquidity": figures})
    net.world.packs.put(Pack("rulebook", "rulebook", "2", digest_of(content), content, net.at))


def test_before_a_first_day_is_over_nothing_is_large() -> None:
    assert Split.NOT_LARGE == split_of(Network())


def test_after_a_day_the_99th_percentile_is_the_cap() -> None:
    net = Network()
    net.fund(BRAM, "NOR", 10**6)
    for minor in range(1, 101):
        net.pay(BRAM, ANNA, "NOR", minor)
    assert Split.NOT_LARGE == split_of(net, CLEO, minor=100)
    day_end.close(net.world, Diary(), "NOR", net.at // DAY, net.at)

    assert 100 == net.world.tranches.cap("NOR")
    assert Split.NOT_LARGE == split_of(net, CLEO, minor=100)
    assert Split.MAY == split_of(net, CLEO, minor=101)


def test_a_figure_of_the_rulebook_takes_the_place_of_the_count() -> None:
    net = splitting(split_above_minor={"NOR": 700})

    assert (Split.NOT_LARGE, Split.MAY) == (split_of(net, minor=700), split_of(net, minor=701))


@pytest.mark.parametrize(
    ("wish", "splits", "expected"),
    [
        (None, True, Split.MAY), (None, False, Split.WHOLE), (True, False, Split.MAY), (False, True, Split.WHOLE),
    ],
)  # fmt: skip
def test_the_payment_says_or_else_its_sender_for_all(wish, splits, expected) -> None:
    net = splitting()
    net.set(ANNA, splits=splits)

    assert expected == split_of(net, may_split=wish)


def test_a_rule_pack_of_either_side_forbids_and_the_payment_says_so() -> None:
    net = splitting()
    rule_pack(net, "sud", unlawful=True)

    assert Split.NOT_LAWFUL == split_of(net, ANNA, BRAM)
    assert Split.NOT_LAWFUL == split_of(net, BIRK, CLEO)
    assert Split.MAY == split_of(net, ANNA, CLEO)
    rule_pack(net, "ost", unlawful=False)
    assert Split.MAY == split_of(net, CLEO, ARNE)


def test_a_pack_that_cannot_be_read_forbids_nothing() -> None:
    net = splitting()
    content = b'parts_are_unlawful"'
    net.world.packs.put(Pack("jurisdiction", "sud/rules", "1", digest_of(content), content, 0))

    assert Split.MAY == split_of(net)


def test_a_rule_pack_is_read_once_not_with_every_payment_and_its_next_version_counts() -> None:
    net = splitting()
    splitting_flow._forbids.cache_clear()
    rule_pack(net, "sud", unlawful=True)
    for _ in range(3):
        assert Split.NOT_LAWFUL == split_of(net)
    assert 1 == splitting_flow._forbids.cache_info().misses
    rule_pack(net, "sud", unlawful=False)

    assert Split.MAY == split_of(net)


def test_a_payment_with_an_exchange_settles_whole() -> None:
    net = splitting()
    net.sheet(PONS, "NOR", "SUD", (0, 2, 1))
    net.fund(PONS, "SUD", 10**6, "fx")
    quote = net.quote(ANNA, "NOR", "SUD", 5_000)[0]
    uetr, outcome = net.paid(
        ANNA, BRAM, "NOR", quote.source_minor, "SUD", target_minor=quote.target_minor, quote_id=quote.quote_id,
        may_split=True,
    )  # fmt: skip

    assert Split.WHOLE == entered(outcome).split
    assert uetr in net.world.payments.live


def test_the_cap_survives_a_snapshot() -> None:
    net = Network()
    net.fund(BRAM, "NOR", 10**6)
    net.pay(BRAM, ANNA, "NOR", 50)
    day_end.close(net.world, Diary(), "NOR", net.at // DAY, net.at)
    again = net.again()

    assert 50 == again.world.tranches.cap("NOR")
    assert net.world.state_hash() == again.world.state_hash()


def test_the_least_part_is_the_share_in_force_when_a_payment_came_in() -> None:
    """Whoever sent a payment under one rulebook keeps its floor; the solver is told each payment's own."""
    net = splitting(part_floor_bp=2_500)
    much = 9 * 10**17 + 9_999
    solver = calm(net)
    first = net.pay(CLEO, ANNA, "NOR", 1_001)
    put(net, {"part_floor_bp": 50, "split_above_minor": {"NOR": 0}})
    others = [net.pay(ANNA, BRAM, "NOR", minor) for minor in (much, 1_001, 3)]
    view = queue_view.view(net.world, "NOR", net.at)
    packed = queue_view.hold(net.world, "NOR", net.at).packed()
    floors = {one.id: one.floor_minor for one in view.payments}
    request(net)

    expected = {first: 250, others[0]: much // 200, others[1]: 5, others[2]: 1}
    assert {uetr.hex(): floor for uetr, floor in expected.items()} == floors
    assert pack(view) == pack(packed)
    seq = net.world.payments.live[first].seq
    for part, refusal in (
        (249, No.PART_BELOW_FLOOR),
        (752, No.PART_BELOW_FLOOR),
        (250, E.LIQUIDITY_IS_SHORT),
    ):
        assert is_refused(solver.answer(seqs=[seq], parts=[(0, part)]), refusal)


@pytest.mark.parametrize("share", [-1, 10_001])
def test_a_least_part_beyond_the_whole_is_no_figure(share: int) -> None:
    with pytest.raises(msgspec.ValidationError, match="part_floor_bp"):
        read({"part_floor_bp": share})
