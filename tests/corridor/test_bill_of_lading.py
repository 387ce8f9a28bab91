"""Bills of lading: one holder at every moment, and a chain in which no link can be changed, left out or put in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from steelyard.corridor.bill_of_lading import (
    ENDS,
    STEPS,
    Bill,
    BillEvent,
    BillState,
    Link,
    chain_of,
    linked,
    moved,
)
from steelyard.corridor.refusals import CorridorRefusal
from steelyard.corridor.voyage import Voyage, VoyageState
from steelyard.corridor.voyages import Voyages

S, E = BillState, BillEvent


def bill(state=S.ISSUED, **more):
    """Give a bill of Anna's over 50 t of rye."""
    return Bill(b"b" * 16, b"v" * 16, "CARL", "ANNA", "RYE", 50_000, state, **more)


def link(held, event, document=b""):
    """Write down the link of what has just happened, as the facts of the journal show it."""
    return Link(
        held.bill_id, held.voyage_id, held.carrier, held.links, event.value, held.state.value, held.holder,
        held.pledgee, held.cargo, held.kg, document,
    )  # fmt: skip


@pytest.mark.parametrize("event", [E.TRANSFERRED, E.PLEDGED, E.LOCKED, E.SURRENDERED, E.CONVERTED, E.AMENDED])
@pytest.mark.parametrize(
    ("state", "refusal"),
    [(S.PLEDGED, CorridorRefusal.BILL_IS_PLEDGED), (S.LOCKED, CorridorRefusal.BILL_IS_LOCKED)],
)
def test_what_serves_one_thing_serves_nothing_else(state, refusal, event):
    """Pledged or locked, a bill stays in the hands that control it."""
    assert refusal is moved(bill(state), event)


@pytest.mark.parametrize("state", ENDS)
def test_what_is_over_stays_over(state):
    """Surrendered, turned into paper or void."""
    assert {} == STEPS[state]
    assert CorridorRefusal.BILL_STATE_FORBIDS is moved(bill(state), E.TRANSFERRED)


def test_an_issued_bill_is_not_taken_back():
    """It is its holder's."""
    assert CorridorRefusal.BILL_STATE_FORBIDS is moved(bill(), E.VOIDED)


def test_a_pledge_and_a_lock_end_with_their_state():
    """Nobody is left who controls it."""
    freed = moved(bill(S.PLEDGED, pledgee="BANK"), E.RELEASED)
    given = moved(bill(S.LOCKED, bound_to=b"d"), E.DELIVERED, holder="BRAM")

    assert ("", "ANNA") == (freed.pledgee, freed.holder)
    assert (b"", "BRAM") == (given.bound_to, given.holder)


events = st.lists(st.tuples(st.sampled_from(list(E)), st.sampled_from(["ANNA", "BRAM", "CLEO"])), max_size=30)


def history(wanted):
    """Let a bill live through what of a list of events has its place, and give it with its links."""
    held = linked(bill(S.DRAFT), E.DRAFTED)
    links = [link(held, E.DRAFTED)]
    for event, owner in wanted:
        named = {"pledgee": owner} if event is E.PLEDGED else {"holder": owner}
        after = moved(held, event, **named)
        if isinstance(after, Bill):
            held = after
            links.append(link(held, event))
    return held, links


@given(events)
def test_the_chain_ends_in_the_hash_that_the_bill_carries(wanted):
    """From the links alone, anybody gets it."""
    held, links = history(wanted)

    assert held.links == len(links)
    assert held.chain == chain_of(links)


@given(events, st.data())
def test_a_chain_with_a_link_changed_left_out_or_doubled_does_not_end_there(wanted, data):
    """Whichever link it is."""
    held, links = history(wanted)
    place = data.draw(st.integers(0, len(links) - 1))
    changed = [*links[:place], structs.replace(links[place], holder="THIEF"), *links[place + 1 :]]
    missing = links[:place] + links[place + 1 :]
    doubled = [*links[: place + 1], *links[place:]]

    for false in (changed, missing, doubled):
        assert held.chain != chain_of(false)


def test_bills_are_counted_with_their_voyage_and_come_back_from_their_bytes():
    """What is over counts no more."""
    voyages = Voyages()
    voyages.put(Voyage(b"v" * 16, "CARL", "9074729", "PORT", "QUAY", "RYE", 90_000, 20, 5))
    voyages.put_bill(bill())
    voyages.put_bill(Bill(b"c" * 16, b"v" * 16, "CARL", "BRAM", "RYE", 20_000))

    assert 70_000 == voyages.billed_kg(b"v" * 16)
    assert voyages.encode() == Voyages.decode(voyages.encode()).encode()
    voyages.put_bill(moved(bill(), E.SURRENDERED))
    assert 20_000 == voyages.billed_kg(b"v" * 16)
    assert CorridorRefusal.BILL_NOT_FOUND is voyages.bill(b"b" * 16)


def test_a_discharged_voyage_may_still_be_asked_and_a_cancelled_one_is_gone():
    """What waits for its last step is paid after it."""
    voyages = Voyages()
    made = Voyage(b"v" * 16, "CARL", "9074729", "PORT", "QUAY", "RYE", 90_000, 20, 5)
    voyages.put(structs.replace(made, state=VoyageState.DISCHARGED))
    assert voyages.has_taken(b"v" * 16, "DISCHARGED")
    assert voyages.has_taken(b"v" * 16, "LOADING")
    assert voyages.encode() == Voyages.decode(voyages.encode()).encode()

    voyages.put(structs.replace(made, voyage_id=b"w" * 16, state=VoyageState.CANCELLED))
    assert not voyages.has_taken(b"w" * 16, "REGISTERED")
    assert CorridorRefusal.VOYAGE_NOT_FOUND is voyages.get(b"w" * 16)
