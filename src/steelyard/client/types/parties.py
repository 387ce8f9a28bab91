"""The shapes of parties: names, addresses, identifiers, accounts with a bank."""

from typing import Annotated

from msgspec import Meta

from steelyard.client.types.base import Asked, AssetCode, BicText, DateText, Name, Reference


class Address(Asked):
    """Where a party is."""

    street: str | None = None
    building: str | None = None
    floor: str | None = None
    room: str | None = None
    post_box: str | None = None
    post_code: str | None = None
    town: str | None = None
    district: str | None = None
    subdivision: str | None = None
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$(?!\n)")] | None = None
    lines: list[Annotated[str, Meta(min_length=1, max_length=70)]] = []


class OtherId(Asked):
    """An identification by a scheme: a code of ISO 20022, or a private word."""

    id: Reference
    scheme: str | None = None
    issuer: Reference | None = None


class Birth(Asked):
    """When and where a person was born."""

    born_on: DateText
    town: Reference
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$(?!\n)")]
    province: Reference | None = None


class Party(Asked):
    """A customer, payer or payee."""

    name: Name | None = None
    address: Address | None = None
    bic: BicText | None = None
    lei: Annotated[str, Meta(pattern=r"^[A-Z0-9]{18}[0-9]{2}$(?!\n)")] | None = None
    other_ids: list[OtherId] = []
    person_ids: list[OtherId] = []
    birth: Birth | None = None
    residence: Annotated[str, Meta(pattern=r"^[A-Z]{2}$(?!\n)")] | None = None


class Account(Asked):
    """A customer's account: an IBAN, or a number of a national scheme."""

    iban: Annotated[str, Meta(pattern=r"^[A-Z]{2}[0-9]{2}[A-Za-z0-9]{1,30}$(?!\n)")] | None = None
    id: Annotated[str, Meta(min_length=1, max_length=34)] | None = None
    scheme: Reference | None = None
    issuer: Reference | None = None
    currency: AssetCode | None = None
    name: Annotated[str, Meta(min_length=1, max_length=70)] | None = None
