"""Publish and withdraw rate sheets. What a sheet promised in quotes stays promised; a withdrawal ends those."""

from msgspec import Struct, structs

from steelyard.engine.accounts import AccountKind
from steelyard.flows import parties, quote, settle, withdrawals
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import AccountOpened, SheetPut
from steelyard.flows.fields import At, Name
from steelyard.flows.world import World
from steelyard.fx.refusals import FxRefusal
from steelyard.fx.sheets import ANY_KIND, ANY_SERVICE, Sheet, Tier, check, in_band
from steelyard.members.participants import Participant
from steelyard.values.instants import Instant
from steelyard.values.rate import Rounding
from steelyard.values.refusal import Refusal

MS = 1_000_000


class SheetFields(Struct, array_like=True, frozen=True, gc=False):
    """A sheet as its provider gives it. `ttl_ms` and `lock_ms` 0 take the rulebook's."""

    sell: Name
    buy: Name
    tiers: tuple[tuple[int, int, int], ...]
    """(from minor units sold, num, den), rising; the ratio is minor units bought per minor unit sold"""
    min_minor: int
    max_minor: int
    valid_from: At
    valid_until: At
    ttl_ms: At = 0
    lock_ms: At = 0
    rounding: int = Rounding.HALF_EVEN
    services: At = ANY_SERVICE
    kinds: At = ANY_KIND
    firm_reserved: bool = False


class WithdrawFields(Struct, array_like=True, frozen=True, gc=False):
    """Which sheet to withdraw."""

    sell: Name
    buy: Name


def put(world: World, command: Command, fields: SheetFields, at: Instant) -> Outcome:
    """Publish a sheet in place of the provider's last one for the pair."""
    book = parties.rules(world, at).book
    known = world.fx.board.get(command.sender, fields.sell, fields.buy)
    if fields.rounding not in (Rounding.HALF_EVEN, Rounding.DOWN, Rounding.UP):
        return refused(FxRefusal.RATE_IS_MALFORMED)
    sheet = Sheet(
        command.sender, fields.sell, fields.buy, tuple([Tier(*tier) for tier in fields.tiers]),
        fields.min_minor, fields.max_minor, fields.valid_from, fields.valid_until,
        (fields.ttl_ms or book.sheet_ttl_ms) * MS, (fields.lock_ms or book.sheet_lock_ms) * MS,
        Rounding(fields.rounding), fields.services, fields.kinds, fields.firm_reserved,
        1 if known is None else known.version + 1, world.commands,
    )  # fmt: skip
    refusal = _provider(world, sheet) or check(sheet, at=at) or _band(world, sheet, at)
    if refusal is not None:
        return refused(refusal)
    diary = Diary()
    if sheet.firm_reserved:
        fault = _open_account(world, diary, sheet)
        if fault is not None:
            return refused(fault)
    world.fx.board.put(sheet)
    diary.fact(_fact(sheet))
    return diary.done()


def withdraw(world: World, command: Command, fields: WithdrawFields, at: Instant) -> Outcome:
    """End a sheet and its open quotes; payments accepted before keep their rate."""
    sheet = world.fx.board.get(command.sender, fields.sell, fields.buy)
    if sheet is None or sheet.valid_until <= at:
        return refused(FxRefusal.SHEET_NOT_FOUND)
    diary = Diary()
    ended = structs.replace(sheet, valid_until=at, version=sheet.version + 1)
    world.fx.board.put(ended)
    diary.fact(_fact(ended))
    withdrawals.end_quotes(world, diary, command.sender, at, pair=(fields.sell, fields.buy))
    settle.work(world, diary, at)
    return diary.done()


def _provider(world: World, sheet: Sheet) -> FxRefusal | None:
    members = world.members
    provider: Participant | None = members.participants.get(sheet.provider)
    if provider is None or not (provider.provider and provider.sends):
        return FxRefusal.PROVIDER_IS_NOT_ACTIVE
    if sheet.sell not in members.assets or sheet.buy not in members.assets:
        return FxRefusal.CURRENCY_IS_UNKNOWN
    for asset in (sheet.sell, sheet.buy):
        if members.accounts.fx(sheet.provider, asset) is None:
            return FxRefusal.PROVIDER_HAS_NO_ACCOUNT
    return None


def _band(world: World, sheet: Sheet, at: Instant) -> FxRefusal | None:
    book = parties.rules(world, at).book
    known = world.fx.reference(sheet.sell, sheet.buy, at=at, age_ns=book.reference_age_ms * MS)
    if known is None or in_band(sheet, num=known.num, den=known.den, band_bp=book.rate_band_bp):
        return None
    return FxRefusal.RATE_OUT_OF_BAND


def _open_account(world: World, diary: Diary, sheet: Sheet) -> Refusal | None:
    """Open the account on which firm quotes set money aside, where there is none yet."""
    accounts, engine = world.members.accounts, world.engine
    if accounts.get(quote.QUOTE_PURPOSE, sheet.provider, sheet.buy) is not None:
        return None
    name = f"{sheet.provider}/{sheet.buy}/{quote.QUOTE_PURPOSE}"
    asset_no = engine.asset_nos[sheet.buy]
    made = engine.open_account(name, sheet.provider, asset_no, AccountKind.RESERVED)
    if isinstance(made, Refusal):
        return made
    accounts.put(quote.QUOTE_PURPOSE, sheet.provider, sheet.buy, made)
    diary.fact(AccountOpened(made, name, sheet.provider, asset_no, "reserved"))
    return None


def _fact(sheet: Sheet) -> SheetPut:
    return SheetPut(sheet.provider, sheet.sell, sheet.buy, sheet.version, sheet.valid_from, sheet.valid_until)
