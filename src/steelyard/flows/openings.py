"""Accounts that come with a state: what is opened when a member is configured and a participant is active.

`PLAN` of the members spec: issuer, residual and fee with the member; settlement, suspense and a provider's
fx with the participant, in its home currency and in each that it asks for and
that the currency's settlement agent allows.
"""

from steelyard.engine.accounts import AccountKind
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.diary import Diary
from steelyard.flows.facts import AccountChanged, AccountOpened, AssetOpened
from steelyard.flows.world import World
from steelyard.members.accounts import FEE, FX, ISSUER, RESIDUAL, SETTLEMENT, SUSPENSE
from steelyard.members.members import Member, MemberState
from steelyard.members.participants import Participant
from steelyard.members.state import OPERATOR
from steelyard.values.asset import AssetClass
from steelyard.values.refusal import Refusal

KINDS: dict[str, AccountKind] = {
    SETTLEMENT: AccountKind.SETTLEMENT,
    SUSPENSE: AccountKind.SUSPENSE,
    FX: AccountKind.FX,
    FEE: AccountKind.FEE,
    RESIDUAL: AccountKind.RESIDUAL,
    ISSUER: AccountKind.ISSUER,
}
RUNNING = (MemberState.CONFIGURED, MemberState.ACTIVE, MemberState.SUSPENDED)


def name_of(purpose: str, owner: str, asset: str) -> str:
    """Give an account's name.

    >>> name_of(SETTLEMENT, "GHAFAEA0", "AED"), name_of(ISSUER, "STAGAEA0", "AED")
    ('GHAFAEA0/AED', 'STAGAEA0/AED/issuer')
    """
    return f"{owner}/{asset}" if purpose == SETTLEMENT else f"{owner}/{asset}/{purpose}"


def open_account(
    world: World,
    diary: Diary,
    purpose: str,
    owner: str,
    asset: str,
    *,
    kind: AccountKind | None = None,
    ceiling: int | None = None,
    made_by: int = 0,
) -> Refusal | None:
    """Open the account for a purpose unless it is there; the directory learns its number."""
    if world.members.accounts.get(purpose, owner, asset) is not None:
        return None
    kind = kind or KINDS[purpose]
    asset_no = world.engine.asset_no(asset)
    name = name_of(purpose, owner, asset)
    opened = world.engine.open_account(name, owner, asset_no or 0, kind, ceiling=ceiling, made_by=made_by)
    if isinstance(opened, Refusal):
        return opened
    world.members.accounts.put(purpose, owner, asset, opened)
    world.touch_context()
    diary.fact(AccountOpened(opened, name, owner, asset_no or 0, kind.name.lower()))
    return None


def changed(world: World, account_no: int) -> AccountChanged:
    """Give the fact that tells how an account is set now."""
    account = world.engine.account(account_no)
    assert account is not None
    ceiling = -1 if account.ceiling is None else account.ceiling
    return AccountChanged(account_no, account.state.name.lower(), account.floor, ceiling)


def of_member(world: World, diary: Diary, member: Member, at: int) -> Refusal | None:
    """Open a member's currency: its book, the issuer's account and the operator's two."""
    if not has_room(world, 3):
        return SettingRefusal.ACCOUNTS_ARE_FULL
    opened = world.engine.open_asset(
        member.asset, AssetClass.CURRENCY, scale=member.scale, issuer=member.settlement_agent
    )
    if isinstance(opened, Refusal):
        return opened
    diary.fact(AssetOpened(opened, member.asset, "currency", member.scale, member.settlement_agent))
    residual = world.packs.rulebook(at).members.residual_cap_minor
    for purpose, owner, ceiling in (
        (ISSUER, member.settlement_agent, member.cap_minor),
        (RESIDUAL, OPERATOR, residual),
        (FEE, OPERATOR, None),
    ):
        refusal = open_account(world, diary, purpose, owner, member.asset, ceiling=ceiling)
        assert refusal is None, refusal
    return None


def has_room(world: World, count: int) -> bool:
    """Tell whether so many accounts more can be opened."""
    return len(world.engine.accounts) + count <= world.engine.accounts_max + 1


def missing(world: World, participant: Participant) -> list[tuple[str, str]]:
    """Give what an active participant has and may hold by now and is not there yet, as (purpose, asset)."""
    found: list[tuple[str, str]] = []
    home = world.members.members[participant.member].asset
    for asset in dict.fromkeys((home, *participant.currencies)):
        member = world.members.member_of(asset)
        if member is None or member.state not in RUNNING:
            continue
        if not member.allows(participant.bic, participant.member):
            continue
        purposes = [SETTLEMENT, SUSPENSE]
        if participant.provider and not participant.settings.fx_on_settlement:
            purposes.append(FX)
        accounts = world.members.accounts
        found += [(one, asset) for one in purposes if accounts.get(one, participant.bic, asset) is None]
    return found


def of_participant(world: World, diary: Diary, participant: Participant) -> None:
    """Open what is missing; the caller has made sure of the room."""
    for purpose, asset in missing(world, participant):
        refusal = open_account(world, diary, purpose, participant.bic, asset)
        assert refusal is None, refusal
