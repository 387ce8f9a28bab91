"""From bytes to a verdict: guard, parse, classify, schema, extract, rules, canonical; nothing raises.

The steps before the rules stop at their first finding (level A, refused). The rules collect all of theirs
(level B, rejected). What passes becomes an envelope. Signatures over the raw bytes have their place between
the byte limit and everything else: the face verifies them and hands the signer in by `Context.sender`.
"""

from hashlib import sha256

import msgspec
from lxml import etree

from steelyard.iso20022 import extract, schema, tables
from steelyard.iso20022.canonical import Envelope
from steelyard.iso20022.canonicalise import NotExact, body_of, header_of
from steelyard.iso20022.classify import Parts, classify, definition_fault, own_id, reference_of
from steelyard.iso20022.context import (
    GROUP,
    TRANSACTION,
    Context,
    Finding,
    Level,
    Outcome,
    Verdict,
    quoted,
)
from steelyard.iso20022.forms import FORMS, Read
from steelyard.iso20022.guard import guard
from steelyard.iso20022.lexical import full_bic
from steelyard.iso20022.parse import parse
from steelyard.iso20022.profiles import Profile
from steelyard.iso20022.rules import Message, judge
from steelyard.iso20022.rules.view import PAYMENTS, Values

FINDINGS_MAX = 1_000


def check(raw: bytes, context: Context, *, level: Level = Level.RULES) -> Verdict:
    """Judge one message. A function of its arguments alone; never raises, whatever the bytes are."""
    verdict = _check(raw, context, level)
    if context.sender is not None and verdict.sender is None:
        return msgspec.structs.replace(verdict, sender=context.sender)
    return verdict


def _check(raw: bytes, context: Context, level: Level) -> Verdict:
    digest = sha256(raw).digest()
    guarded = guard(raw, context.limits)
    if isinstance(guarded, Finding):
        return refused(guarded, digest, context.profile)
    if level is Level.RULES and context.official is None:
        read = FORMS.read(guarded)
        quick = _judged(read, context, digest) if read is not None else None
        if quick is not None:
            return quick
    root = parse(guarded)
    if isinstance(root, Finding):
        return refused(root, digest, context.profile)
    parts = classify(root, guarded)
    if isinstance(parts, Finding):
        return refused(parts, digest, context.profile)
    profile = profile_for(parts, context)
    stop = version_fault(parts, profile, context, level) or schema_fault(parts, context, len(guarded))
    if stop is not None:
        return refused(stop, digest, profile, parts)
    if (
        level is Level.SCHEMA or parts.document_id not in tables.MESSAGES
    ):  # judged by a published schema alone
        return Verdict(Outcome.ACCEPTED, parts.message, profile.name, (), digest, body_digest(parts))
    header, body = values_of(parts)
    stop = header_fault(parts, header, body, context)
    if stop is not None:
        return refused(stop, digest, profile, parts)
    if context.official is None:
        FORMS.saw(guarded)
    if profile is not context.profile:
        context = msgspec.structs.replace(context, profile=profile)
    message = Message(parts.document_id or "", body, parts.header_id, header)
    return verdict_of(message, judge(message, context), context, digest, body_digest(parts))


def _judged(read: Read, context: Context, digest: bytes) -> Verdict | None:
    """Give the verdict of a message that was read by its form; None where the long way must say what stops it."""
    parts = Parts(None, None, read.header_id, read.document_id)
    profile = _profile_of(read.header.get("service") if read.header is not None else None, parts, context)
    if version_fault(parts, profile, context, Level.RULES) is not None:
        return None
    if header_fault(parts, read.header, read.body, context) is not None:
        return None
    if profile is not context.profile:
        context = msgspec.structs.replace(context, profile=profile)
    message = Message(read.document_id, read.body, read.header_id, read.header, is_clean=True)
    return verdict_of(message, judge(message, context), context, digest, read.body_sha256)


def refused(finding: Finding, digest: bytes, profile: Profile, parts: Parts | None = None) -> Verdict:
    """Give the verdict of level A."""
    if parts is None:
        return Verdict(Outcome.REFUSED, None, profile.name, (finding,), digest)
    return Verdict(
        Outcome.REFUSED,
        parts.message,
        profile.name,
        (finding,),
        digest,
        header_id=parts.header_id,
        reference=reference_of(parts),
        sender=sender_of(parts),
    )


def verdict_of(
    message: Message, findings: list[Finding], context: Context, digest: bytes, body_sha256: bytes
) -> Verdict:
    """Weigh findings: which transactions go on, and what the message is called."""
    body, header, profile = message.body, message.header, context.profile
    count = len(message.transactions)
    faulty = faulty_ordinals(findings, count)
    if findings and profile.group_policy == "all" and count:
        findings = with_group(findings, message, faulty)
        faulty = frozenset(range(1, count + 1))
    envelope = None
    if not findings or len(faulty) < count:
        service = header.get("service") if header is not None else None
        try:
            canonical = body_of(message.id, body, context.reference, service=service, without=faulty)
            head = header_of(header) if header is not None else None
            sender = head.from_bic if head is not None else context.sender
            envelope = Envelope(digest, body_sha256, head, message.id, profile.name, sender, canonical)
        except NotExact as error:
            findings = [Finding("exact_reading", "CH20", f"/Document/{_table(message.id).root}", str(error))]
    return Verdict(
        Outcome.REJECTED if findings else Outcome.ACCEPTED,
        message.id,
        profile.name,
        tuple(findings[:FINDINGS_MAX]),
        digest,
        body_sha256,
        envelope,
        message.header_id,
        header,
        body,
        header.get("business_message_id") if header is not None else None,
        header["from"].get("bic") if header is not None else None,
        (count - len(faulty), len(faulty)) if message.kind in PAYMENTS else None,
        max(0, len(findings) - FINDINGS_MAX),
    )


def faulty_ordinals(findings: list[Finding], count: int) -> frozenset[int]:
    """Say which transactions do not go on: all of them after a finding about the group."""
    if any(finding.scope == GROUP for finding in findings):
        return frozenset(range(1, count + 1))
    return frozenset(finding.ordinal for finding in findings if finding.ordinal is not None)


def with_group(findings: list[Finding], message: Message, faulty: frozenset[int]) -> list[Finding]:
    """Add, for the group policy `all`, that the faultless are rejected with the others."""
    return findings + [
        Finding("group_policy", "NARR", tx.path(()), "rejected with its group", TRANSACTION, tx.index + 1)
        for tx in message.transactions
        if tx.index + 1 not in faulty
    ]


def profile_for(parts: Parts, context: Context) -> Profile:
    """Choose the profile: the one whose business services name the message's, else the given one."""
    if not context.others or parts.header is None:
        return context.profile
    space = f"{{{tables.NAMESPACE}{parts.header_id}}}"
    return _profile_of(parts.header.findtext(space + "BizSvc"), parts, context)


def _profile_of(service: str | None, parts: Parts, context: Context) -> Profile:
    """Choose the profile by the business service; without a header there is no choice."""
    if parts.header_id is None or not context.others:
        return context.profile
    named = (
        profile for profile in (context.profile, *context.others) if service in profile.business_services
    )
    return next(named, context.profile)


def version_fault(parts: Parts, profile: Profile, context: Context, level: Level) -> Finding | None:
    """Judge whether both parts are there and of versions that are read here (BAH01, BAH02)."""
    if level is Level.RULES and parts.document_id is None:
        return Finding("one_header_one_document", "BAH01", "", "there is no Document")
    if parts.header_id is None and profile.header == "required" and level is Level.RULES:
        return Finding("one_header_one_document", "BAH01", "", "there is no header")
    for message in (parts.header_id, parts.document_id):
        if message is None:
            continue
        if not _has_schema(message, context) or (level is Level.RULES and not profile.lists(message)):
            return _unlisted(message, profile, context)
    return None


def schema_fault(parts: Parts, context: Context, size: int) -> Finding | None:
    """Judge header, then Document, by their schemas; the first fault stops."""
    for message, element in ((parts.header_id, parts.header), (parts.document_id, parts.document)):
        if element is None or message is None:
            continue
        fault = schema.validate(message, element, official=context.official, size=size)
        if fault is not None:
            rule = "schema" if fault.word == "XSD01" else "within_limits"
            return Finding(rule, fault.word, fault.path, fault.text)
    return None


def header_fault(parts: Parts, header: Values | None, body: Values, context: Context) -> Finding | None:
    """Judge whether the header is this Document's (BAH03, BAH04) and from who sent it (SIG03).

    In files nobody is authenticated, so anybody may have sent them.
    """
    if header is None:
        return None
    group = body.get("group")
    own = group.get("message_id") if group is not None else own_id(parts)
    fault = definition_fault(parts.document_id or "", header, own)
    if fault is not None or context.sender is None:
        return fault
    bic = header["from"].get("bic")
    if bic is not None and full_bic(bic) == full_bic(context.sender):
        return None
    path = "/AppHdr/Fr/FIId/FinInstnId/BICFI"
    text = f"{quoted(bic or 'nobody')} is not the authenticated party"
    return Finding("from_is_instructing_agent", "SIG03", path, text)


def sender_of(parts: Parts) -> str | None:
    """Give the BIC the header is from, valid or not; None if there is none."""
    if parts.header is None:
        return None
    space = f"{{{tables.NAMESPACE}{parts.header_id}}}"
    return parts.header.findtext(f"{space}Fr/{space}FIId/{space}FinInstnId/{space}BICFI")


def values_of(parts: Parts) -> tuple[Values | None, Values]:
    """Extract the lexical values of header and Document; both are valid and have a table."""
    header = None
    if parts.header is not None and parts.header_id is not None:
        header = extract.extract(parts.header, _table(parts.header_id))
    if parts.document is None or parts.document_id is None:
        raise ValueError("a message without a Document has no values")
    return header, extract.extract(parts.document, _table(parts.document_id))


def body_digest(parts: Parts) -> bytes:
    """Give the SHA-256 over the Document (a header alone: over it) in exclusive canonical form."""
    part = parts.document if parts.document is not None else parts.header
    if part is None:
        raise ValueError("a message has one part at least")
    return sha256(etree.tostring(part, method="c14n", exclusive=True, with_comments=False)).digest()


def _table(message_id: str) -> tables.Message:
    found = tables.message(message_id)
    if found is None:
        raise LookupError(f"there is no table of {message_id}")
    return found


def _has_schema(message: str, context: Context) -> bool:
    return message in tables.MESSAGES or (context.official is not None and message in context.official)


def _unlisted(message: str, profile: Profile, context: Context) -> Finding:
    name = message[:8]
    other = next((one.name for one in context.others if one.lists(message)), None)
    if profile.versions:
        text = f"{quoted(message)} is not read here; {name}: {profile.listed(name)}"
    else:
        known = [one for one in tables.MESSAGES if one.startswith(name)]
        text = f"there is no schema of {quoted(message)}; {name}: {', '.join(known) or 'none'}"
    if other is not None:
        text += f"; profile {other} reads it"
    return Finding("one_header_one_document", "BAH02", "", text[:200])
