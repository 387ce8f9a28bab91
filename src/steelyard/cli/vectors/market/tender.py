"""Group `tender`: which cargoes are bought. Offers are of suppliers of their own and came in the order of the list."""

from fractions import Fraction
from typing import Any

from steelyard.cli.vectors.compare import Check, Failure, judged, same
from steelyard.cli.vectors.market.values import number, unknown_inputs, whole, wholes
from steelyard.market.award import Award, award
from steelyard.market.tender import Offer, Tender, Vessel
from steelyard.solve.tender import CpSatTender

INPUTS = frozenset({"quantity_t", "cargo_t", "max_cargoes_per_origin", "offers", "freight"})
OFFER = frozenset({"id", "origin", "port", "fob_minor", "min_cargoes", "max_cargoes"})
FREIGHT = frozenset({"id", "port", "rate_minor", "vessels"})


def judge(given: dict[str, Any], expect: dict[str, Any]) -> list[Failure]:
    """Check a case."""
    unknown = unknown_inputs(given, INPUTS)
    for key, known in (("offers", OFFER), ("freight", FREIGHT)):
        for one in given[key]:
            unknown += [
                Failure(f"input.{key}.{name}", rule="unknown input") for name in one if name not in known
            ]
    cargo_t = whole(given["cargo_t"])
    cargoes, rest = divmod(whole(given["quantity_t"]), cargo_t)
    found = award(_tender(given, cargoes), solver=CpSatTender()) if cargoes and not rest else None
    if not isinstance(found, Award) and found is not None:
        return [*unknown, Failure("refusal", rule=found.name)]
    if found is not None and not found.cargoes:
        found = None
    checks: dict[str, Check] = {
        "cost_minor": lambda one: number("cost_minor", one, found and found.cost_minor),
        "award": lambda one: _award(one, found),
        "average_c_f_minor_per_t": lambda one: number(
            "average_c_f_minor_per_t", one, found and Fraction(found.cost_minor, cargoes * cargo_t)
        ),
    }
    return unknown + judged(expect, checks)


def _tender(given: dict[str, Any], cargoes: int) -> Tender:
    share = given.get("max_cargoes_per_origin")
    offers = tuple(
        Offer(
            str(one["id"]), str(one["id"]), str(one["origin"]), str(one["port"]), whole(one["fob_minor"]),
            whole(one["max_cargoes"]), whole(one.get("min_cargoes", 1)), offered_at=no,
        )
        for no, one in enumerate(given["offers"])
        if share is None or whole(share) > 0
    )  # fmt: skip
    vessels = tuple(
        Vessel(str(one["id"]), str(one["port"]), whole(one["rate_minor"]), whole(one["vessels"]))
        for one in given["freight"]
    )
    return Tender(cargoes, whole(given["cargo_t"]), offers, vessels, whole(share or 0))


def _award(expected: Any, found: Award | None) -> list[Failure]:
    given = found and {f"{offer}/{vessel}": count for offer, vessel, count in found.cargoes}
    return same("award", expected if expected is None else wholes(expected), given)
