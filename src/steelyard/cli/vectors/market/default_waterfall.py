"""Group `default_waterfall`: what each layer pays of a loss."""

from typing import Any

from steelyard.cli.vectors.compare import Failure, judged
from steelyard.cli.vectors.market.values import exact, number, numbers, unknown_inputs, whole, wholes
from steelyard.market.clearing.waterfall import waterfall

INPUTS = frozenset(
    {
        "loss",
        "defaulter_margin",
        "defaulter_fund",
        "ccp_skin",
        "members",
        "assessment_multiple",
        "vm_gains",
    }
)


def judge(given: dict[str, Any], expect: dict[str, Any]) -> list[Failure]:
    """Check a case."""
    found = waterfall(
        whole(given["loss"]),
        margin=whole(given.get("defaulter_margin", 0)),
        own_fund=whole(given.get("defaulter_fund", 0)),
        capital=whole(given.get("ccp_skin", 0)),
        survivors=wholes(given.get("members", {})),
        assessments=exact(given.get("assessment_multiple", 1)),
        gains=wholes(given.get("vm_gains", {})),
    )
    return unknown_inputs(given, INPUTS) + judged(
        expect,
        {
            "defaulter_margin": lambda one: number("defaulter_margin", one, found.margin),
            "defaulter_fund": lambda one: number("defaulter_fund", one, found.own_fund),
            "ccp_skin": lambda one: number("ccp_skin", one, found.capital),
            "fund_survivors": lambda one: numbers("fund_survivors", one, found.survivors),
            "assessments": lambda one: numbers("assessments", one, found.assessments),
            "gains_haircut": lambda one: numbers("gains_haircut", one, found.gains),
            "uncovered": lambda one: number("uncovered", one, found.uncovered),
        },
    )
