"""The tables of states: total, ending where they should, and never left by a way they do not name."""

import pytest

from steelyard.members import approvals, fundings, members, participants, redemptions

TABLES = {
    "members": (members.MEMBER_STEPS, members.MemberState, members.MemberEvent, members.step, {"CLOSED"}),
    "participants": (
        participants.PARTICIPANT_STEPS, participants.ParticipantState, participants.ParticipantEvent,
        participants.step, {"CLOSED"},
    ),
    "approvals": (
        approvals.APPROVAL_STEPS, approvals.ApprovalState, approvals.ApprovalEvent, approvals.step,
        {"APPROVED", "DECLINED", "WITHDRAWN", "EXPIRED", "REFUSED"},
    ),
    "fundings": (
        fundings.FUNDING_STEPS, fundings.FundingState, fundings.FundingEvent, fundings.step,
        {"ISSUED", "LAPSED", "REFUSED", "PAID_BACK"},
    ),
    "redemptions": (
        redemptions.REDEMPTION_STEPS, redemptions.RedemptionState, redemptions.RedemptionEvent, redemptions.step,
        {"SETTLED", "RELEASED", "REFUSED"},
    ),
}  # fmt: skip
PAIRS = [
    (name, state, event)
    for name, (_, states, events, *_) in TABLES.items()
    for state in states
    for event in events
]


@pytest.mark.parametrize(("name", "state", "event"), PAIRS, ids=lambda one: str(one))
def test_every_state_knows_every_event(name, state, event):
    """Each pair gives a state of the table or None; a terminal state gives None to all."""
    steps, states, _, step, ends = TABLES[name]
    after = step(state, event)

    assert after == steps[state].get(event)
    assert after is None or after in states
    assert state not in ends or after is None


@pytest.mark.parametrize("name", TABLES)
def test_only_the_ends_have_no_way_on(name):
    steps, states, _, _, ends = TABLES[name]

    assert ends == {state.value for state in states if not steps[state]}


@pytest.mark.parametrize("name", TABLES)
def test_every_state_is_reached_and_reaches_an_end(name):
    """From the first state every other is reached, and from each an end."""
    steps, states, _, _, ends = TABLES[name]
    first = next(iter(states))
    reached = _reached(steps, first)

    assert set(states) == reached
    assert all(_reached(steps, state) & ends for state in states)


def _reached(steps, first):
    found, todo = {first}, [first]
    while todo:
        for after in steps[todo.pop()].values():
            if after not in found:
                found.add(after)
                todo.append(after)
    return found


@pytest.mark.parametrize(
    ("state", "event", "after"),
    [
        ("APPLIED", "ADMITTED", "TESTING"),
        ("APPLIED", "REFUSED", "CLOSED"),
        ("TESTING", "PASSED", "ACTIVE"),
        ("TESTING", "WITHDRAWN", "CLOSED"),
        ("ACTIVE", "SUSPEND_OUT", "SENDING_BARRED"),
        ("ACTIVE", "SUSPEND_ALL", "SUSPENDED"),
        ("ACTIVE", "LEAVE", "LEAVING"),
        ("SENDING_BARRED", "LIFT", "ACTIVE"),
        ("SENDING_BARRED", "SUSPEND_ALL", "SUSPENDED"),
        ("SENDING_BARRED", "LEAVE", "LEAVING"),
        ("SUSPENDED", "LIFT", "ACTIVE"),
        ("SUSPENDED", "LEAVE", "LEAVING"),
        ("LEAVING", "EMPTIED", "CLOSED"),
        ("LEAVING", "SUSPEND_ALL", "SUSPENDED"),
    ],
)
def test_a_participant_steps_as_the_members_spec_says(state, event, after):
    S, E = participants.ParticipantState, participants.ParticipantEvent

    assert S[after] == participants.step(S[state], E[event])


def test_a_participant_has_no_other_steps():
    assert 14 == sum(len(row) for row in participants.PARTICIPANT_STEPS.values())


@pytest.mark.parametrize(
    ("state", "event", "after"),
    [
        ("ASKED", "CHECKED", "RESERVED"),
        ("ASKED", "REFUSED", "REFUSED"),
        ("RESERVED", "INSTRUCT", "INSTRUCTED"),
        ("RESERVED", "WITHDRAWN", "RELEASED"),
        ("INSTRUCTED", "PAID", "SETTLED"),
        ("INSTRUCTED", "REFUSED_BY_RTGS", "RELEASED"),
        ("INSTRUCTED", "OVERDUE", "OVERDUE"),
        ("OVERDUE", "PAID", "SETTLED"),
        ("OVERDUE", "REFUSED_BY_RTGS", "RELEASED"),
        ("OVERDUE", "QUERIED", "OVERDUE"),
        ("OVERDUE", "RULED_PAID", "SETTLED"),
        ("OVERDUE", "RULED_UNPAID", "RELEASED"),
    ],
)
def test_a_redemption_steps_as_the_money_out_table_says(state, event, after):
    S, E = redemptions.RedemptionState, redemptions.RedemptionEvent

    assert S[after] == redemptions.step(S[state], E[event])


def test_a_redemption_has_no_other_steps():
    """Above all: nothing leads from INSTRUCTED or OVERDUE to RELEASED without the RTGS or people saying so."""
    assert 12 == sum(len(row) for row in redemptions.REDEMPTION_STEPS.values())
