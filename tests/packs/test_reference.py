"""The reference tables: complete against the published lists, and refused when they hold too little."""

import json

import pytest

from steelyard.packs.reference import CODE_SETS, PackIsWrong, published_code_set, reference
from tests.shared import SHARED

PUBLISHED = {"group_status": "payment_group_status", "transaction_status": "payment_transaction_status"}


@pytest.mark.skipif(SHARED is None, reason="shared data absent")
@pytest.mark.parametrize("name", CODE_SETS)
def test_our_code_set_has_every_code_of_the_published_list(name):
    """Nothing is missing on either side."""
    path = SHARED / "iso20022" / "codes" / f"external_{PUBLISHED.get(name, name)}_code.json"
    published, ours = set(published_code_set(path)), set(reference().code_sets[name])

    missing, more = sorted(published - ours), sorted(ours - published)

    print(name, "missing:", missing, "more:", more)
    assert (missing, more) == ([], [])


def test_minor_units_come_from_the_standard_and_not_from_a_locale():
    """Rial two, yen none, dinar three, gold nothing at all."""
    digits = reference().currencies

    assert (digits["IRR"], digits["JPY"], digits["KWD"], digits["XAU"]) == (2, 0, 3, None)


def test_every_iban_country_is_a_country_that_a_bic_may_name():
    """The tables agree with each other."""
    tables = reference()

    assert set() == set(tables.iban_lengths) - tables.bic_countries - {"XK"}
    assert len(tables.countries) == 249


def test_an_operators_newer_list_replaces_ours(tmp_path):
    """A published JSON list and our own TOML form both do."""
    (tmp_path / "external_purpose_code.json").write_text(json.dumps({"codes": {"ZZ01": "something new"}}))
    (tmp_path / "service_level.toml").write_text('source = "x"\n[codes]\nG999 = "new"\n')

    sets = reference(tmp_path).code_sets

    assert (
        dict(sets["purpose"]),
        dict(sets["service_level"]),
    ) == ({"ZZ01": "something new"}, {"G999": "new"})


@pytest.mark.parametrize(
    "text", ["[codes]\n", "not toml at all", 'source = "x"\n[expect]\ncodes_min = 2\n[codes]\nA = "a"\n']
)
def test_a_pack_that_holds_less_than_it_must_is_refused(tmp_path, text):
    """It says which one."""
    (tmp_path / "purpose.toml").write_text(text)

    with pytest.raises(PackIsWrong, match=r"purpose\.toml"):
        reference(tmp_path)
