"""Where a payment is, as an answer to who asks again."""

from steelyard.flows.facts import PaymentStands
from steelyard.payments.payment import Flag, Payment, Record


def of_live(payment: Payment) -> PaymentStands:
    """Give where a live payment is."""
    terms = payment.terms
    return PaymentStands(
        payment.uetr,
        payment.state,
        payment.refusal,
        payment.source_minor if terms is None else terms.source_minor,
        payment.target_minor if terms is None else terms.target_minor,
        payment.settled_minor,
    )


def of_record(uetr: bytes, record: Record) -> PaymentStands:
    """Give where a payment is that settled or ended."""
    settled = record.target_minor if record.flags & Flag.PARTLY else 0
    return PaymentStands(
        uetr, record.state, record.refusal, record.source_minor, record.target_minor, settled
    )
