"""A tender beside a real node: its solver evaluates it with proof, and without one the machine does in time."""

from steelyard.flows.tender import DraftFields, NamedFields
from steelyard.flows.tender_bid import BidFields, OfferFields, RevealFields, sealed
from steelyard.market.tender import ALWAYS, FOREVER, Vessel
from steelyard.market.tenders import TenderState, Terms
from steelyard.values.instants import HOUR, SECOND
from tests.api.world import GHAF, SIDR, TAMR
from tests.node.nodes import run
from tests.node.test_solver import beside, built, folder, proved  # noqa: F401

SALT = b"s" * 16
BIDS = {
    SIDR: (OfferFields("a", "ONE", "P", 24_420, 3, 2, "", ALWAYS, FOREVER, 0),),
    TAMR: (OfferFields("c", "TWO", "P", 24_650, 3, 1, "", ALWAYS, FOREVER, 0),),
}


async def opened(here):
    """Bring a tender to its opening: two bids, revealed."""
    now = here.node.sequencer.last_at
    terms = Terms(
        "AED", 3, 50, (Vessel("v", "P", 0, 9),), now + 60 * SECOND, now + 120 * SECOND, HOUR, 9 * HOUR, HOUR, 100,
        origin_max=2,
    )  # fmt: skip

    async def give(name, fields, bank):
        here.builder.number += 1
        await here.builder.give(name, fields, bank, f"k-{bank}")

    await give("tender.draft", DraftFields(terms), GHAF)
    (case,) = here.world.tenders.live.values()
    await give("tender.publish", NamedFields(case.tender_id), GHAF)
    for bank, offers in BIDS.items():
        await give("tender.bid", BidFields(case.tender_id, sealed(case.tender_id, bank, offers, SALT)), bank)
    await here.advance(60 * SECOND)
    await here.until(lambda: case.state is TenderState.SEALED)
    for bank, offers in BIDS.items():
        await give("tender.reveal", RevealFields(case.tender_id, offers, SALT), bank)
    await here.advance(60 * SECOND)
    await here.until(lambda: case.state not in (TenderState.SEALED, TenderState.PUBLISHED))
    return case


def test_the_solver_evaluates_a_tender_and_the_machine_takes_it(folder):  # noqa: F811
    """With proof; the journal replays to the same bytes without any solver."""

    async def story():
        async with beside(folder) as here:
            case = await opened(here)
            await here.until(lambda: case.state is TenderState.EVALUATED)
            assert case.award.proved
            assert {f"{SIDR}/a": 2, f"{TAMR}/c": 1} == {
                offer: count for offer, _, count in case.award.cargoes
            }
            return here.world.state_hash()

    assert run(story()).hex() == proved(folder).state_hash


def test_a_node_started_anew_asks_again(folder):  # noqa: F811
    """Its solver hung when it stopped; the next one's answers."""

    async def begin():
        async with beside(folder, "tests.node.evil:hangs") as here:
            case = await opened(here)
            assert case.state is TenderState.OPENED

    async def go_on():
        async with beside(folder) as here:
            (case,) = here.world.tenders.live.values()
            await here.until(lambda: case.state is TenderState.EVALUATED)
            assert case.award.proved

    run(begin())
    run(go_on())


def test_a_dead_solver_leaves_it_to_the_machine(folder):  # noqa: F811
    """Nonsense for an answer; after thirty seconds the machine has an award without proof."""

    async def story():
        async with beside(folder, "tests.node.evil:nonsense") as here:
            case = await opened(here)
            await here.advance(30 * SECOND)
            await here.until(lambda: case.state is TenderState.EVALUATED)
            assert not case.award.proved
            assert case.award.cargoes

    run(story())
