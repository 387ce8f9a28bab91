"""From a tender that asks to be evaluated to the fields of the command that proposes its award."""

from msgspec import Raw

from steelyard.flows.command import raw
from steelyard.flows.tender_award import ProposeFields
from steelyard.flows.tender_question import TenderSnapshot
from steelyard.market.award import propose
from steelyard.solve.tender import CpSatTender


def propose_tender(tender_id: bytes, asked: TenderSnapshot) -> Raw:
    """Give the evaluation of a tender, as far as the work that is allowed goes; raises TooHard."""
    return raw(ProposeFields(tender_id, asked.ask, propose(asked.tender, solver=CpSatTender())))
