"""Invented customers with account numbers that pass their checks: the people and firms of a simulated day.

Everything comes from the seed. Names are made of words, not taken from anybody; a national account number
has the shape of its country's scheme and the clearing code of an invented bank.
"""

from random import Random

from msgspec import Struct

from steelyard.packs.worlds import MemberPack, ParticipantPack

FIRM_WORDS = (
    "Acacia Amber Anchor Arcade Arrow Aster Banner Basin Beacon Birch Bridge Cedar Clover Coral Cotton "
    "Crane Delta Ember Falcon Field Garnet Harbour Hazel Indigo Island Jasmine Juniper Kite Lagoon "
    "Lantern Linen Lotus Maple Meadow Mill Mosaic Oasis Olive Opal Orchard Osprey Pearl Pine Prairie "
    "Quarry Reed Ridge Saffron Sesame Silk Spring Summit Teak Terrace Thistle Valley Walnut Willow"
).split()
FIRM_KINDS = (
    "Trading",
    "Foods",
    "Machinery",
    "Textiles",
    "Chemicals",
    "Logistics",
    "Steel",
    "Agro",
    "Energy",
)
GIVEN = (
    "Adan Amina Anahita Asha Bela Beto Chen Dalia Dawit Davi Elif Farah Gita Hana Ibra Ines Jamil Joana "
    "Kofi Lan Lena Lidia Mei Mina Nadim Naledi Nour Omid Petra Rahel Ravi Rosa Sami Selam Sofia Tariq "
    "Thandi Vera Wei Yusuf"
).split()
FAMILY = (
    "Abara Alim Andar Azad Belay Castelo Dorin Erdan Fadel Ganda Haddi Iskar Jorda Karim Kesari Lemma "
    "Lindo Mandla Moran Nazari Okoye Pardo Qadir Ramos Sahin Silvan Tadele Umar Varga Wahid Xaver Yamin "
    "Zaman"
).split()
TOWNS = {
    "AE": "Sharjah Fujairah Ajman", "BR": "Santos Campinas Recife", "CN": "Ningbo Qingdao Xiamen",
    "EG": "Alexandria Damietta Tanta", "ET": "Adama Mekelle Hawassa", "ID": "Surabaya Medan Semarang",
    "IN": "Ahmedabad Kochi Surat", "IR": "Isfahan Tabriz Shiraz", "RU": "Rostov Samara Kazan",
    "ZA": "Durban Gqeberha Polokwane",
}  # fmt: skip
STREETS = ("Market Street", "Harbour Road", "Station Road", "Mill Lane", "Garden Street", "Canal Street")


class Customer(Struct, frozen=True):
    """A payer or payee of a bank: name, address, account and, for firms, an LEI."""

    name: str
    bank: str
    country: str
    town: str
    street: str
    building: str
    post_code: str
    account: str
    is_iban: bool
    lei: str


def customers_of(bank: ParticipantPack, member: MemberPack, count: int, *, seed: int) -> list[Customer]:
    """Make `count` customers of one bank; every fifth is a person, who has no LEI."""
    draw = Random(f"{seed}/{bank.bic}")
    return [_customer(bank, member, number, draw) for number in range(count)]


def _customer(bank: ParticipantPack, member: MemberPack, number: int, draw: Random) -> Customer:
    person = number % 5 == 4
    if person:
        name = f"{draw.choice(GIVEN)} {draw.choice(FAMILY)}"
    else:
        name = f"{draw.choice(FIRM_WORDS)} {draw.choice(FIRM_WORDS)} {draw.choice(FIRM_KINDS)}"
    towns = TOWNS.get(member.code, f"{member.name} City").split()
    return Customer(
        name, bank.bic, member.code, draw.choice(towns), draw.choice(STREETS), str(draw.randint(1, 240)),
        str(draw.randint(10_000, 99_999)), account_number(bank, member, number + 1),
        member.account_scheme == "iban", "" if person else lei(f"STYD00{bank.bic}{number:04d}"),
    )  # fmt: skip


def account_number(bank: ParticipantPack, member: MemberPack, number: int) -> str:
    """Give the account number of a bank's n-th customer: an IBAN with right check digits, or national digits."""
    inner = IBAN_SHAPES.get(member.code)
    if member.account_scheme != "iban" or inner is None:
        return f"{number:012d}"
    return iban(member.code, inner(bank.clearing_code, number))


IBAN_SHAPES = {
    "AE": lambda bank, n: f"{bank}{n:016d}",
    "BR": lambda bank, n: f"{bank}00001{n:010d}C1",
    "EG": lambda bank, n: f"{bank}0001{n:017d}",
    "IR": lambda bank, n: f"{bank}{n:019d}",
}
"""What follows the check digits in a member's IBAN (SWIFT IBAN registry: lengths 23, 29, 29, 26)."""


def iban(country: str, inner: str) -> str:
    """Put the ISO 7064 mod 97-10 check digits before the inner number.

    >>> iban("BR", "00000000000010932840814P2")
    'BR1500000000000010932840814P2'
    """
    return f"{country}{98 - _mod97(inner + country + '00'):02d}{inner}"


def lei(stem: str) -> str:
    """Complete 18 characters to a legal entity identifier (ISO 17442).

    >>> len(lei("STYD00GHAFAEA00001"))
    20
    """
    return f"{stem}{98 - _mod97(stem + '00'):02d}"


def _mod97(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text)) % 97
