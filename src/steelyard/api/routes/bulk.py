"""Files of payments, and batches of packed legs."""

from steelyard.api import bulk
from steelyard.api.call import Call, Reply
from steelyard.api.orders import order
from steelyard.api.problems import ProblemError
from steelyard.api.route import CSV, FILE_MAX, LEGS, LEGS_MAX, NDJSON, Route
from steelyard.client.types import PaymentAnswer, PaymentAsked
from steelyard.engine.records import SIZE, batch_fault
from steelyard.flows.legs import LegsFields
from steelyard.node.link import Lane


async def send_payment_file(call: Call) -> Reply:
    """Send a file of payments, a line each, with an answer for each line."""
    await call.gateway.begin_bulk(call.who.owner)
    try:
        reply = await bulk.take_lines(call)
    except BaseException:
        call.gateway.end_bulk(call.who.owner)
        raise
    return reply._replace(pieces=call.gateway.until_end_of_bulk(call.who.owner, reply.pieces))


async def send_legs(call: Call) -> Reply:
    """Send a batch of 128-byte leg records; 8 bytes come back for each."""
    packed = call.body
    if not packed or len(packed) % SIZE or batch_fault(packed) is not None:
        raise ProblemError("batch-is-malformed")
    fields = LegsFields(len(packed) // SIZE, bulk.batch_digest(packed))
    found = await order(call, "legs", fields, packed=packed, lane=Lane.BULK)
    if found.is_refused and not found.answer.packed:
        raise ProblemError("not-allowed", "the batch is not on own source accounts")
    headers = (("Steelyard-Seq", str(found.answer.seq)),)
    return Reply(200, found.answer.packed, LEGS, headers)


ROUTES = (
    Route(
        "POST", "/v1/payments/bulk", "pay", send_payment_file, "Send a file of payments", PaymentAsked,
        PaymentAnswer, asks=(NDJSON, CSV), tells=(NDJSON,), keyed=True, body_max=FILE_MAX, is_payment=True,
    ),
    Route(
        "POST", "/v1/bulk/legs", "bulk", send_legs, "Send a batch of leg records", asks=(LEGS,), tells=(LEGS,),
        keyed=True, body_max=LEGS_MAX,
    ),
)  # fmt: skip
