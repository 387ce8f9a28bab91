"""What a participant chooses for itself: its settings, and which currencies it asks to hold."""

from msgspec import Raw, Struct
from msgspec.structs import replace

from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import openings
from steelyard.flows.command import Command, Outcome, raw
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import SettingChanged
from steelyard.flows.world import World
from steelyard.members.participants import ParticipantState
from steelyard.members.refusals import MemberRefusal
from steelyard.values.amount import AMOUNT_END


class CurrenciesFields(Struct, array_like=True, frozen=True):
    """Further currencies a participant asks to hold."""

    currencies: tuple[str, ...]


class SettingsFields(Struct, array_like=True, frozen=True):
    """What a participant sets anew; None leaves a setting as it is.

    `accepts_minor` and `lines_minor` are (asset, amount) pairs that replace those of the assets they name; an
    amount of -1 in `accepts_minor` means any, None takes the asset's entry away.
    """

    accepts_minor: tuple[tuple[str, int | None], ...] | None = None
    lines_minor: tuple[tuple[str, int | None], ...] | None = None
    best_quote: bool | None = None
    requote_tolerance_bp: int | None = None
    outside_hours: str | None = None
    reports_credit: bool | None = None
    oversubscription_bp: int | None = None
    splits: bool | None = None
    tells_parts: bool | None = None
    by_cycle: tuple[str, ...] | None = None
    pays_in: bool | None = None
    explainable: bool | None = None


def ask(world: World, command: Command, fields: CurrenciesFields, at: int) -> Outcome:
    """Ask to hold further currencies; those that are allowed are opened at once, others when they are."""
    found = world.members.participant(command.sender)
    if found is None:
        return refused(MemberRefusal.PARTICIPANT_NOT_FOUND)
    if found.state in (ParticipantState.LEAVING, ParticipantState.CLOSED):
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    if not set(fields.currencies) <= world.members.assets.keys():
        return refused(MemberRefusal.CURRENCY_NOT_FOUND)
    before, found.currencies = found.currencies, tuple(sorted({*found.currencies, *fields.currencies}))
    if not openings.has_room(world, len(openings.missing(world, found))):
        found.currencies = before
        return refused(SettingRefusal.ACCOUNTS_ARE_FULL)
    world.members.put_participant(found)
    world.touch_context()
    diary = Diary()
    diary.fact(SettingChanged(found.bic, "currencies", raw(found.currencies)))
    if found.state is ParticipantState.ACTIVE:
        openings.of_participant(world, diary, found)
    return diary.done()


def choose(world: World, command: Command, fields: SettingsFields, at: int) -> Outcome:
    """Change a participant's own settings."""
    found = world.members.participant(command.sender)
    if found is None:
        return refused(MemberRefusal.PARTICIPANT_NOT_FOUND)
    changes = {name: value for name in SETTINGS if (value := getattr(fields, name)) is not None}
    refusal = _out_of_range(world, changes)
    if refusal is not None:
        return refused(refusal)
    for name in ("accepts_minor", "lines_minor"):
        if name in changes:
            changes[name] = _merged(getattr(found.settings, name), changes[name])
    if "by_cycle" in changes:
        changes["by_cycle"] = tuple(sorted(set(changes["by_cycle"])))
    found.settings = replace(found.settings, **changes)
    world.members.put_participant(found)
    world.touch_context()
    diary = Diary()
    for name in changes:
        diary.fact(SettingChanged(found.bic, name, _plain(getattr(found.settings, name))))
    return diary.done()


def raises_a_line(world: World, command: Command, fields: SettingsFields) -> bool:
    """Tell whether settings raise or drop a line above which two people are needed: that takes two itself."""
    found = world.members.participant(command.sender)
    if found is None or fields.lines_minor is None:
        return False
    held = found.settings.lines_minor
    return any(
        asset in held and (amount is None or amount > held[asset]) for asset, amount in fields.lines_minor
    )


SETTINGS = SettingsFields.__struct_fields__


def _out_of_range(world: World, changes: dict[str, object]) -> MemberRefusal | None:
    for name in ("accepts_minor", "lines_minor"):
        least = -1 if name == "accepts_minor" else 0
        pairs = changes.get(name, ())
        assert isinstance(pairs, tuple)
        for asset, amount in pairs:
            if asset not in world.members.assets:
                return MemberRefusal.CURRENCY_NOT_FOUND
            if amount is not None and not least <= amount < AMOUNT_END:
                return MemberRefusal.SETTING_IS_OUT_OF_RANGE
    by_cycle = changes.get("by_cycle", ())
    assert isinstance(by_cycle, tuple)
    if not set(by_cycle) <= world.members.assets.keys():
        return MemberRefusal.CURRENCY_NOT_FOUND
    sound = (
        changes.get("outside_hours", "refuse") in ("next_day", "refuse")
        and 0 <= _number(changes, "requote_tolerance_bp", 0) <= 10_000
        and 5_000 <= _number(changes, "oversubscription_bp", 10_000) <= 20_000
    )
    return None if sound else MemberRefusal.SETTING_IS_OUT_OF_RANGE


def _number(changes: dict[str, object], name: str, default: int) -> int:
    value = changes.get(name, default)
    assert isinstance(value, int)
    return value


def _merged(held: dict[str, int], pairs: tuple[tuple[str, int | None], ...]) -> dict[str, int]:
    merged: dict[str, int | None] = {**held, **dict(pairs)}
    return {asset: amount for asset, amount in sorted(merged.items()) if amount is not None}


def _plain(value: object) -> Raw:
    return raw(sorted(value.items())) if isinstance(value, dict) else raw(value)
