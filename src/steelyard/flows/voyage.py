"""Voyages through the corridor: each step given by who answers for it, slots planned and approved, no berth twice.

The carrier registers, asks for entry and plans; the inspector of the site lets in, lets out and clears; the site's
warehouse approves slots and loads; the warehouse at the other end confirms that all is discharged.
"""

from typing import Annotated

from msgspec import Meta, Struct, structs

from steelyard.corridor import voyage as voyages
from steelyard.corridor.refusals import CorridorRefusal as No
from steelyard.corridor.slots import SLOTS_MAX, Slot, SlotState, plan_refusal
from steelyard.corridor.voyage import Voyage, VoyageEvent, VoyageState, imo_is_right, step
from steelyard.corridor.voyages import VOYAGES_MAX
from steelyard.flows.command import Command, Outcome
from steelyard.flows.corridor_facts import SlotMoved, VoyageMoved
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import At, Digest, Id16, Number, Word
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant

E = VoyageEvent
CREW_MAX = 1_000
SITE = {
    E.PASSED_IN: "inspector",
    E.LOADING: "warehouse",
    E.PASSED_OUT: "inspector",
    E.CLEARED: "inspector",
}
"""Who of the site of origin gives a step."""


class RegisterFields(Struct, array_like=True, frozen=True, gc=False):
    """A vessel with its cargo, how many are aboard, between which sites, when it arrives at the first."""

    vessel: Annotated[str, Meta(max_length=7)]
    origin: Word
    target: Word
    cargo: Word
    kg: Number
    crew: Number
    arrives_at: At
    document: Digest


class StepFields(Struct, array_like=True, frozen=True, gc=False):
    """Which voyage, what happened, and the SHA-256 of the paper about it."""

    voyage_id: Id16
    event: Word
    document: Digest = b""


class SlotFields(Struct, array_like=True, frozen=True, gc=False):
    """A berth at the site of origin for a voyage, from when until when."""

    voyage_id: Id16
    berth: Word
    from_at: At
    until_at: At


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """Which slot."""

    slot_id: Id16


def register(world: World, command: Command, fields: RegisterFields, at: Instant) -> Outcome:
    """Register vessel, crew and cargo; no name of anybody aboard is kept here, the paper has them."""
    sites = world.titles.sites
    sound = (
        imo_is_right(fields.vessel)
        and fields.origin in sites
        and fields.target in sites
        and fields.origin != fields.target
        and fields.cargo
        and 0 < fields.kg < AMOUNT_END
        and 0 < fields.crew <= CREW_MAX
        and fields.arrives_at > at
    )
    if not sound:
        return refused(No.VOYAGE_OUT_OF_RANGE)
    if len(world.voyages.voyages) >= VOYAGES_MAX:
        return refused(No.CORRIDOR_IS_FULL)
    made = Voyage(
        command.id, command.sender, fields.vessel, fields.origin, fields.target, fields.cargo, fields.kg,
        fields.crew, fields.arrives_at,
    )  # fmt: skip
    diary = Diary()
    _keep(world, diary, made, "REGISTERED", fields.document)
    return diary.done()


def tell(world: World, command: Command, fields: StepFields, at: Instant) -> Outcome:
    """Say as its carrier that a voyage asks for entry (44 hours before arrival), is called off, or what happened."""
    found = world.voyages.get(fields.voyage_id)
    if isinstance(found, No):
        return refused(found)
    if found.carrier != command.sender:
        return refused(No.VOYAGE_IS_ANOTHERS)
    event = _event(fields.event)
    if event not in (E.REQUESTED, E.CANCELLED, *voyages.NOTED):
        return refused(No.VOYAGE_STATE_FORBIDS)
    if event is E.REQUESTED and step(found.state, event) is not None:
        late = voyages.request_refusal(found.arrives_at, at=at)
        if late is not None:
            return refused(late)
    return _taken(world, found, event, fields.document)


def report(world: World, command: Command, fields: StepFields, at: Instant) -> Outcome:
    """Report a step on behalf of a site: inspections and clearance its inspector, the rest its warehouse."""
    found = world.voyages.get(fields.voyage_id)
    if isinstance(found, No):
        return refused(found)
    event = _event(fields.event)
    if event is E.DISCHARGED:
        who = world.titles.sites[found.target].warehouse
    elif event in SITE:
        who = getattr(world.titles.sites[found.origin], SITE[event])
    else:
        return refused(No.VOYAGE_STATE_FORBIDS)
    if who != command.sender:
        return refused(No.VOYAGE_IS_ANOTHERS)
    return _taken(world, found, event, fields.document)


def plan(world: World, command: Command, fields: SlotFields, at: Instant) -> Outcome:
    """Plan a berth for a voyage, until noon of the day before; nobody else can have it for that time."""
    found = world.voyages.get(fields.voyage_id)
    if isinstance(found, No):
        return refused(found)
    if found.carrier != command.sender:
        return refused(No.VOYAGE_IS_ANOTHERS)
    if found.state is not VoyageState.INSPECTED_IN or found.slot_id:
        return refused(No.VOYAGE_STATE_FORBIDS)
    refusal = plan_refusal(fields.from_at, fields.until_at, at=at)
    if refusal is not None:
        return refused(refusal)
    slots = world.voyages.slots
    if not fields.berth:
        return refused(No.SLOT_OUT_OF_RANGE)
    if slots.is_taken(found.origin, fields.berth, fields.from_at, fields.until_at):
        return refused(No.SLOT_IS_TAKEN)
    if len(slots) >= SLOTS_MAX:
        return refused(No.CORRIDOR_IS_FULL)
    slot = Slot(command.id, found.origin, fields.berth, fields.from_at, fields.until_at, found.voyage_id)
    world.voyages.put(structs.replace(found, slot_id=slot.slot_id))
    world.timers.set(slot.approve_by, TimerKind.VOYAGE, slot.slot_id)
    diary = Diary()
    _keep_slot(world, diary, slot)
    warehouse = world.titles.sites[found.origin].warehouse
    diary.tell(warehouse, "slot.planned", slot.slot_id, slot.berth, slot.from_at, slot.until_at)
    return diary.done()


def approve(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Approve a planned slot, until 16:00 of the day before: the voyage has its berth."""
    slot = world.voyages.slots.get(fields.slot_id)
    if isinstance(slot, No):
        return refused(slot)
    if world.titles.sites[slot.site].warehouse != command.sender:
        return refused(No.VOYAGE_IS_ANOTHERS)
    found = world.voyages.get(slot.voyage_id)
    if isinstance(found, No):
        return refused(found)
    if at >= slot.approve_by:
        return refused(No.SLOT_APPROVAL_IS_LATE)
    if slot.state is not SlotState.PLANNED or step(found.state, E.SLOTTED) is None:
        return refused(No.VOYAGE_STATE_FORBIDS)
    world.timers.set(slot.until_at, TimerKind.VOYAGE, slot.slot_id)
    diary = Diary()
    _keep_slot(world, diary, structs.replace(slot, state=SlotState.APPROVED))
    _step(world, diary, found, E.SLOTTED, b"")
    return diary.done()


def free(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Give a berth back, before the vessel loads; its carrier or its site does."""
    slot = world.voyages.slots.get(fields.slot_id)
    if isinstance(slot, No):
        return refused(slot)
    found = world.voyages.get(slot.voyage_id)
    if isinstance(found, No):
        return refused(found)
    if command.sender not in (found.carrier, world.titles.sites[slot.site].warehouse):
        return refused(No.VOYAGE_IS_ANOTHERS)
    if found.state not in (VoyageState.INSPECTED_IN, VoyageState.SLOTTED):
        return refused(No.VOYAGE_STATE_FORBIDS)
    diary = Diary()
    _lose(world, diary, slot)
    return diary.done()


def on_timer_voyage(world: World, diary: Diary, slot_id: bytes, at: Instant) -> None:
    """Let a plan lapse that was not approved in time, and a berth whose time is over be free again."""
    slot = world.voyages.slots.get(slot_id)
    if isinstance(slot, Slot):
        _lose(world, diary, slot)


def _event(text: str) -> VoyageEvent | None:
    return next((event for event in E if event.value == text), None)


def _taken(world: World, found: Voyage, event: VoyageEvent, document: bytes) -> Outcome:
    if step(found.state, event) is None:
        return refused(No.VOYAGE_STATE_FORBIDS)
    diary = Diary()
    after = _step(world, diary, found, event, document)
    if after.state is VoyageState.CANCELLED and found.slot_id:
        slot = world.voyages.slots.get(found.slot_id)
        if isinstance(slot, Slot):
            _drop(world, diary, slot)
    return diary.done()


def _step(world: World, diary: Diary, found: Voyage, event: VoyageEvent, document: bytes) -> Voyage:
    after = step(found.state, event)
    assert after is not None, (found.state, event)
    made = structs.replace(found, state=after)
    _keep(world, diary, made, event.value, document)
    for owner in dict.fromkeys((made.carrier, world.titles.sites[made.origin].warehouse)):
        diary.tell(owner, "voyage.moved", made.voyage_id, event.value, after.value)
    return made


def _lose(world: World, diary: Diary, slot: Slot) -> None:
    """Free a berth; a vessel that has not begun to load must find another."""
    found = world.voyages.voyages.get(slot.voyage_id)
    _drop(world, diary, slot)
    if found is None or found.slot_id != slot.slot_id:
        return
    without = structs.replace(found, slot_id=b"")
    if found.state is VoyageState.SLOTTED:
        _step(world, diary, without, E.SLOT_LOST, b"")
    else:
        world.voyages.put(without)


def _drop(world: World, diary: Diary, slot: Slot) -> None:
    world.timers.cancel(TimerKind.VOYAGE, slot.slot_id)
    _keep_slot(world, diary, structs.replace(slot, state=SlotState.FREED))


def _keep(world: World, diary: Diary, made: Voyage, event: str, document: bytes) -> None:
    world.voyages.put(made)
    diary.fact(
        VoyageMoved(
            made.voyage_id, made.carrier, made.vessel, made.origin, made.target, event, made.state.value,
            made.arrives_at, document, made.cargo, made.kg, made.crew, made.slot_id,
        )
    )  # fmt: skip


def _keep_slot(world: World, diary: Diary, slot: Slot) -> None:
    world.voyages.slots.put(slot)
    voyage = world.voyages.voyages.get(slot.voyage_id)
    carrier = voyage.carrier if voyage is not None else ""
    diary.fact(
        SlotMoved(
            slot.slot_id,
            f"{slot.site}/{slot.berth}",
            slot.from_at,
            slot.until_at,
            slot.voyage_id,
            slot.state.value,
            slot.site,
            carrier,
        )
    )
