"""Warehouses: their sites, the classes of receipts they write, the stock that is certified and compared.

The operator registers a site with its limits and names the inspector; the warehouse opens classes; the inspector
certifies what lies there and compares it daily with the receipts. A difference is a case: no receipt is issued on
that stock until the operator has decided it.
"""

from msgspec import Struct

from steelyard.engine.accounts import AccountKind
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import openings, parties, titles
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import AssetOpened
from steelyard.flows.fields import Digest, Name, Number, Word
from steelyard.flows.title_facts import ReceiptClassOpened, SitePut
from steelyard.flows.world import World
from steelyard.market.refusals.titles import TitleRefusal as No
from steelyard.market.titles import CLASSES_MAX, SITES_MAX, ReceiptClass, Site
from steelyard.members.accounts import ISSUER
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.asset import AssetClass
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

RATE_MAX = 10**12


class SiteFields(Struct, array_like=True, frozen=True, gc=False):
    """A site, new or as it is from now on."""

    site: Word
    warehouse: Name
    inspector: Name
    capacity_kg: Number
    capital_kg: Number
    currency: Name
    rate_minor: Number
    """Storage, minor units a tonne and day"""


class ClassFields(Struct, array_like=True, frozen=True, gc=False):
    """A class of receipts: the code of its asset, and the site, grade and crop it is of."""

    code: Name
    site: Word
    grade: Word
    crop: Word


class StockFields(Struct, array_like=True, frozen=True, gc=False):
    """What an inspector has found of a grade: kg, and the SHA-256 of the paper."""

    site: Word
    grade: Word
    kg: Number
    document: Digest


class CompareFields(Struct, array_like=True, frozen=True, gc=False):
    """What the weighbridge's file and the inspection's say lies at a site of a grade."""

    site: Word
    grade: Word
    weighed_kg: Number
    inspected_kg: Number
    document: Digest


class CaseFields(Struct, array_like=True, frozen=True, gc=False):
    """Which stock's case is decided, and the SHA-256 of the decision."""

    site: Word
    grade: Word
    document: Digest


def put_site(world: World, command: Command, fields: SiteFields, at: Instant) -> Outcome:
    """Register a site, or change its limits, inspector and rate; a site stays its warehouse's."""
    register = world.titles
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    old = register.sites.get(fields.site)
    if old is not None and (old.warehouse, old.currency) != (fields.warehouse, fields.currency):
        return refused(No.SITE_IS_ANOTHERS)
    sound = (
        fields.site
        and fields.warehouse != fields.inspector
        and titles.is_active(world, fields.warehouse)
        and titles.is_active(world, fields.inspector)
        and 0 < fields.capacity_kg < AMOUNT_END
        and 0 < fields.capital_kg < AMOUNT_END
        and fields.rate_minor <= RATE_MAX
        and fields.currency in world.members.assets
        and parties.settlement_account(world, fields.warehouse, fields.currency)
    )
    if not sound:
        return refused(No.SITE_OUT_OF_RANGE)
    if old is None and len(register.sites) >= SITES_MAX:
        return refused(No.TITLES_ARE_FULL)
    site = Site(
        fields.site, fields.warehouse, fields.inspector, fields.capacity_kg, fields.capital_kg,
        fields.currency, fields.rate_minor,
    )  # fmt: skip
    register.sites[site.site] = site
    diary = Diary()
    diary.fact(
        SitePut(
            site.site, site.warehouse, site.inspector, site.capacity_kg, site.capital_kg, site.currency,
            site.rate_minor,
        )
    )  # fmt: skip
    diary.tell(site.warehouse, "site.put", site.site.encode())
    return diary.done()


def open_class(world: World, command: Command, fields: ClassFields, at: Instant) -> Outcome:
    """Open a class of receipts of one's own site: an asset in whole kg that its warehouse issues."""
    register = world.titles
    site = register.sites.get(fields.site)
    if site is None:
        return refused(No.SITE_NOT_FOUND)
    if site.warehouse != command.sender:
        return refused(No.SITE_IS_ANOTHERS)
    if len(register.classes) >= CLASSES_MAX or not fields.grade:
        return refused(No.TITLES_ARE_FULL if fields.grade else No.SITE_OUT_OF_RANGE)
    if not openings.has_room(world, 1):
        return refused(SettingRefusal.ACCOUNTS_ARE_FULL)
    opened = world.engine.open_asset(fields.code, AssetClass.TITLE, scale=0, issuer=site.warehouse)
    if isinstance(opened, Refusal):
        return refused(opened)
    diary = Diary()
    diary.fact(AssetOpened(opened, fields.code, "title", 0, site.warehouse))
    kind = AccountKind.TITLE_ISSUER
    refusal = openings.open_account(world, diary, ISSUER, site.warehouse, fields.code, kind=kind)
    assert refusal is None, refusal
    register.classes[fields.code] = ReceiptClass(fields.code, fields.site, fields.grade, fields.crop)
    diary.fact(ReceiptClassOpened(fields.code, fields.site, fields.grade, fields.crop))
    return diary.done()


def certify(world: World, command: Command, fields: StockFields, at: Instant) -> Outcome:
    """Take down what an inspector certifies; receipts already live may be for more, then no other is issued."""
    refusal = _inspector(world, command.sender, fields.site)
    if refusal is not None:
        return refused(refusal)
    if fields.kg >= AMOUNT_END:
        return refused(No.RECEIPT_QUANTITY_OUT_OF_RANGE)
    world.titles.certify(fields.site, fields.grade, fields.kg, document=fields.document, at=at)
    diary = Diary()
    diary.fact(titles.stock_fact(world, fields.site, fields.grade))
    return diary.done()


def compare(world: World, command: Command, fields: CompareFields, at: Instant) -> Outcome:
    """Compare the day's files with the receipts; a difference opens a case and everybody concerned is told."""
    refusal = _inspector(world, command.sender, fields.site)
    if refusal is not None:
        return refused(refusal)
    if max(fields.weighed_kg, fields.inspected_kg) >= AMOUNT_END:
        return refused(No.RECEIPT_QUANTITY_OUT_OF_RANGE)
    register = world.titles
    found = register.reconcile(
        fields.site, fields.grade, weighed_kg=fields.weighed_kg, inspected_kg=fields.inspected_kg,
        case=command.id,
    )  # fmt: skip
    diary = Diary()
    diary.fact(titles.stock_fact(world, fields.site, fields.grade))
    if found:
        for owner in (OPERATOR, register.sites[fields.site].warehouse):
            diary.tell(owner, "stock.case", command.id, fields.site, fields.grade, found, fields.document)
    return diary.done()


def decide(world: World, command: Command, fields: CaseFields, at: Instant) -> Outcome:
    """Close the case of a stock: receipts may be issued on it again, within what is certified."""
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    if fields.site not in world.titles.sites:
        return refused(No.SITE_NOT_FOUND)
    diary = Diary()
    if not world.titles.stock(fields.site, fields.grade).case:
        diary.fact(titles.stock_fact(world, fields.site, fields.grade))
        return diary.repeated()
    world.titles.close_case(fields.site, fields.grade)
    diary.fact(titles.stock_fact(world, fields.site, fields.grade))
    diary.tell(world.titles.sites[fields.site].warehouse, "stock.decided", fields.site.encode(), fields.grade)
    return diary.done()


def _inspector(world: World, sender: str, name: str) -> No | None:
    site = world.titles.sites.get(name)
    if site is None:
        return No.SITE_NOT_FOUND
    return None if site.inspector == sender else No.SITE_IS_ANOTHERS
