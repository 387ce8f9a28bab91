"""ISO 20022 messages: in, judged without booking, and out."""

from steelyard.api import intake
from steelyard.api.call import Call, Reply, tell
from steelyard.api.orders import deadline_ms
from steelyard.api.problems import ProblemError
from steelyard.api.route import FILE_MAX, JSON, XML, Param, Route
from steelyard.api.views.messages import checked, message_answer, refused_problem
from steelyard.client.types import MessageAnswer, MessageChecked
from steelyard.iso20022 import answers
from steelyard.iso20022.context import Outcome


async def send_message(call: Call) -> Reply:
    """Take a pacs.008 or pacs.009 in: judge it, hand its payments to the node, answer with a pacs.002."""
    gateway, raw, caller = call.gateway, call.body, call.who
    context = call.directory.context(caller.owner, await gateway.fresh_now(), intake.limits_for(raw))
    verdict = await intake.judge(gateway, raw, context)
    if "order" in call.query and gateway.is_open:
        await gateway.turns.reach(call.query["order"])
    if not intake.is_taken(verdict):
        await intake.keep(gateway, raw, verdict)
        if verdict.outcome is Outcome.REFUSED:
            return refused_problem(call, verdict, context)
        body = message_answer(verdict, [], call) if call.accepts(JSON) else None
        return tell(body) if body else Reply(200, intake.refusal_answer(verdict, context), XML)
    taken = await intake.take(gateway, caller, raw, verdict, context, deadline_ms=deadline_ms(call))
    if call.accepts(JSON):
        return tell(message_answer(verdict, taken, call))
    return Reply(200, intake.report(verdict, taken, context, caller.owner), XML)


async def check_message(call: Call) -> Reply:
    """Judge a message and tell every finding; nothing is kept and nothing booked."""
    raw = call.body
    context = call.directory.context(call.who.owner, await call.gateway.fresh_now(), intake.limits_for(raw))
    verdict = await intake.judge(call.gateway, raw, context)
    if call.accepts(XML):
        made = answers.answer(verdict, context, at=context.now_at)
        if made is None:
            raise ProblemError("not-acceptable", "no ISO 20022 message answers this one")
        return Reply(200, made, XML)
    return tell(checked(verdict))


ORDER = Param("order", "text", "N/M: in the sandbox, the place of this message among M sent together")

ROUTES = (
    Route(
        "POST", "/v1/messages", "pay", send_message, "Send an ISO 20022 message", told=MessageAnswer,
        asks=(XML, "text/xml"), tells=(XML, JSON), body_max=FILE_MAX, is_payment=True, query=(ORDER,),
    ),
    Route(
        "POST", "/v1/messages/check", "read", check_message, "Check a message; nothing is booked",
        told=MessageChecked, asks=(XML, "text/xml"), tells=(JSON, XML), body_max=FILE_MAX,
    ),
)  # fmt: skip
