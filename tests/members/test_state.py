"""The directory: looked up fast, encoded canonically, read again as it was."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.engine.refusals import Refusal, SettingRefusal
from steelyard.flows import currency, member, openings
from steelyard.members import accounts as account_rows
from steelyard.members import people, rulebook
from steelyard.members.accounts import Accounts
from steelyard.members.members import Member, MemberState
from steelyard.members.money import Money, Unlike
from steelyard.members.participants import Participant, ParticipantState, Settings
from steelyard.members.people import KEY, PERSON, Actor
from steelyard.members.roles import Role
from steelyard.members.state import Members
from tests.members.network import BANKS, MEMBERS, key_of, ready


@pytest.mark.parametrize(
    "module", [people, rulebook, member, openings, account_rows, currency], ids=lambda m: m.__name__
)
def test_the_examples_hold(module):
    assert 0 == doctest.testmod(module).failed


def test_encode_and_decode_are_inverse_over_a_whole_network():
    net = ready()
    for name in ("members", "calendars", "packs", "money"):
        part = getattr(net.world, name)
        again = type(part).decode(part.encode())

        assert part.encode() == again.encode()


def test_the_order_in_which_things_came_does_not_show():
    """Equal state, equal bytes: two directories built in other orders."""

    def build(order):
        members = Members()
        members.put_member(Member("NOR", "North", "NOR", 2, "STAGNOR0", state=MemberState.ACTIVE))
        for n in order:
            members.put_participant(Participant(f"BANKNOR{n}", "NOR", "b"))
            members.put_actor(Actor(f"p-{n}", f"BANKNOR{n}", PERSON, (Role.MAKER,)))
            members.accounts.put("settlement", f"BANKNOR{n}", "NOR", n)
        settings = Settings(accepts_minor={str(n): n for n in order})
        members.participants["BANKNOR1"].settings = settings
        return members.encode()

    assert build([1, 2, 3]) == build([3, 1, 2])


def test_what_is_derived_comes_back_with_the_rest():
    """Passes at the door, keys and the gates of participants are no part of the bytes, yet the same after."""
    net = ready()
    again = Members.decode(net.world.members.encode())

    assert again.actor_of_key(key_of("k-anna")).id == "k-anna"
    assert again.participants[BANKS["anna"]].sends
    assert again.refuse(actor="k-anna", sender=BANKS["anna"], action="redeem", two_people=False) is None
    assert again.issuer_account("NOR") == net.world.members.issuer_account("NOR")
    assert again.agents[MEMBERS["SUD"]].asset == "SUD"


@pytest.mark.parametrize(
    ("actor", "sender", "action", "two_people", "refusal"),
    [
        ("k-anna", "ANNANOR0", "redeem", False, None),
        ("k-anna", "ANNANOR0", "redeem", True, SettingRefusal.TWO_PEOPLE_NEEDED),
        ("k-anna", "BRAMSUD0", "redeem", False, Refusal.SENDER_HAS_NO_RIGHT),
        ("k-anna", "ANNANOR0", "issue", False, Refusal.SENDER_HAS_NO_RIGHT),
        ("k-nobody", "ANNANOR0", "redeem", False, Refusal.SENDER_HAS_NO_RIGHT),
        ("p-op-1", "operator", "grant", False, SettingRefusal.TWO_PEOPLE_NEEDED),
        ("node", "operator", "", False, None),
        ("p-op-1", "operator", "", False, Refusal.SENDER_HAS_NO_RIGHT),
        ("node", "operator", "grant", False, Refusal.SENDER_HAS_NO_RIGHT),
    ],
)
def test_the_door(actor, sender, action, two_people, refusal):
    members = ready().world.members

    assert refusal == members.refuse(actor=actor, sender=sender, action=action, two_people=two_people)


def test_how_far_a_right_reaches():
    members = ready().world.members
    reaches = [
        members.reaches("p-nor-1", "admit", member="NOR"),
        members.reaches("p-nor-1", "suspend", owner=BANKS["anna"]),
        members.reaches("p-nor-1", "issue", asset="NOR"),
        members.reaches("p-op-1", "suspend", owner=BANKS["bram"]),
        members.reaches("p-nor-1", "grant", owner=MEMBERS["NOR"]),
    ]
    not_reached = [
        members.reaches("p-nor-1", "admit", member="SUD"),
        members.reaches("p-nor-1", "suspend", owner=BANKS["bram"]),
        members.reaches("p-nor-1", "issue", asset="SUD"),
        members.reaches("p-nor-1", "issue", asset="WES"),
        members.reaches("p-nor-1", "grant", owner=BANKS["anna"]),
        members.reaches("k-anna", "redeem", owner=BANKS["bram"]),
        members.reaches("p-op-1", "issue", asset="NOR"),
    ]

    assert [True] * 5 == reaches
    assert [False] * 7 == not_reached


@pytest.mark.parametrize("of_member", MemberState)
@pytest.mark.parametrize("own", ParticipantState)
def test_who_sends_and_receives_follows_from_both_states(of_member, own):
    members = Members()
    members.put_member(Member("NOR", "North", "NOR", 2, "STAGNOR0", state=of_member))
    members.put_participant(Participant("ANNANOR0", "NOR", "Anna", state=own))
    anna = members.participants["ANNANOR0"]
    alive = of_member is MemberState.ACTIVE

    assert (alive and own == "ACTIVE") == anna.sends
    assert (alive and own in ("ACTIVE", "SENDING_BARRED")) == anna.receives


def test_accounts_are_found_by_purpose_owner_and_asset():
    accounts = Accounts()
    accounts.put("settlement", "ANNA", "NOR", 1)
    accounts.put("fx", "ANNA", "SUD", 2)
    accounts.put("grain", "ANNA", "NOR", 3)
    again = Accounts.load(accounts.rows())

    for found in (accounts, again):
        assert (1, 1, 2, None) == (
            found.settlement("ANNA", "NOR"),
            found.fx("ANNA", "NOR"),
            found.fx("ANNA", "SUD"),
            found.settlement("BRAM", "NOR"),
        )
        assert [("fx", "SUD", 2), ("grain", "NOR", 3), ("settlement", "NOR", 1)] == found.of("ANNA")


def test_a_human_is_who_holds_the_key():
    members = Members()
    members.put_actor(Actor("p-a", "ANNA", PERSON, (Role.MAKER,), human=b"h"))
    members.put_actor(Actor("p-b", "ANNA", PERSON, (Role.MAKER,)))
    members.put_actor(Actor("k-a", "ANNA", KEY, (Role.MAKER,), holder="p-a"))
    members.put_actor(Actor("k-b", "ANNA", KEY, (Role.MAKER,), holder="p-b"))

    assert [b"h", b"p-b", b"h", b"p-b", b""] == [
        members.human(id) for id in ("p-a", "p-b", "k-a", "k-b", "k-x")
    ]


moves = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.integers(-50, 50).filter(bool),
        st.sampled_from(["ours", "theirs", "both"]),
    ),
    unique_by=lambda move: move[0],
)


@given(moves=moves, order=st.randoms(use_true_random=False), ruled=st.sets(st.sampled_from("abcdef")))
def test_a_closing_balance_follows_from_what_either_side_has_alone(moves, order, ruled):
    """Whatever order bookings and statement items come in, and whatever people rule on, the sums agree."""
    money, issued, closing = Money(), 0, 0
    steps = [
        (name, amount, side)
        for name, amount, who in moves
        for side in ("ours", "theirs")
        if who in (side, "both")
    ]
    order.shuffle(steps)
    for name, amount, side in steps:
        if side == "ours":
            issued += amount
            money.book("NOR", name, amount, 1)
        else:
            closing += amount
            booked = money.ours.get("NOR", {}).pop(name, None)
            if booked is None:
                money.theirs.setdefault("NOR", {})[name] = amount

    assert closing == money.expected("NOR", issued)

    for name in sorted(ruled):
        money.differs(Unlike("NOR", "SEEN", name, 1), stop=True)
    money.clear("NOR")

    assert closing == money.expected("NOR", issued)
    assert {} == money.stopped
    assert money.encode() == Money.decode(money.encode()).encode()
