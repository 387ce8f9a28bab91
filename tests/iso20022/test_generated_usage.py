"""Machine-made minimal instances: valid by their published schema; what usage finds in ours is on record.

Write the record anew with `python -m tests.iso20022.test_generated_usage` and read the difference.
"""

from functools import cache

import msgspec
import pytest
from lxml import etree

from steelyard.iso20022 import schema, tables
from steelyard.iso20022.answers import answer, answer_kind
from steelyard.iso20022.canonicalise import NotExact, credit_transfer
from steelyard.iso20022.check import check
from steelyard.iso20022.context import Level, Outcome
from steelyard.iso20022.extract import extract
from steelyard.iso20022.json_face import judge_payment, payment_json, read_payment
from tests.iso20022.contexts import DATA, HERE, rules_context, schema_context, with_fields
from tests.iso20022.instances import instance

RECORD = HERE / "generated_findings.tsv"
FILES = sorted((DATA / "generated").glob("*.xml")) if DATA is not None else []

shared = pytest.mark.skipif(not FILES, reason="shared data absent")


@cache
def official():
    """Give the schema-level context with the published schemas."""
    loaded = schema.load_dir({path.stem: path.read_bytes() for path in (DATA / "xsd").glob("*.xsd")})
    return with_fields(schema_context(), official=loaded)


@cache
def usage():
    """Give a context that takes every version we have a table of, with or without a header."""
    versions: dict[str, tuple[str, ...]] = {}
    for message in tables.MESSAGES:
        versions[message[:8]] = (*versions.get(message[:8], ()), message[13:])
    profile = msgspec.structs.replace(rules_context().profile, versions=versions, header="optional")
    return with_fields(rules_context(), profile=profile)


def findings() -> list[str]:
    """Give a line for every finding about an instance of a message that has a table."""
    lines = []
    for path in FILES:
        message = path.name.removesuffix("_min.xml")
        if message in tables.MESSAGES and not message.startswith("head."):
            verdict = check(path.read_bytes(), usage())
            rows = [f"{message}\t{one.rule}\t{one.code}\t{one.path}" for one in verdict.findings]
            lines += rows or [f"{message}\t-\t-\t-"]
    return lines


@shared
@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_every_instance_is_valid_by_its_published_schema(path):
    """61 of them."""
    assert check(path.read_bytes(), official(), level=Level.SCHEMA).outcome is Outcome.ACCEPTED


@shared
def test_the_findings_of_usage_are_those_on_record():
    """Values without meaning break many rules; which ones must not change unnoticed."""
    assert findings() == RECORD.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("message", [one for one in tables.MESSAGES if not one.startswith("head.")])
def test_no_valid_instance_makes_the_rules_or_an_answer_raise(message):
    """Full of odd text, times without zone, amounts of any digits: a verdict, and an answer where one is due."""
    for seed in range(60):
        element = instance(message, seed, fill=seed % 10 / 10)
        verdict = check(etree.tostring(element), usage())
        written = answer(verdict, usage(), at=usage().now_at)

        assert verdict.outcome is not Outcome.REFUSED, verdict.findings
        assert (written is not None) == (answer_kind(verdict) is not None)


@pytest.mark.parametrize("message", [one for one in tables.MESSAGES if one[:8] in ("pacs.008", "pacs.009")])
def test_no_valid_payment_makes_the_codec_or_the_json_face_raise(message):
    """Whatever the rules say of it, what it says can be told in JSON and in XML."""
    table, reference = tables.message(message), usage().reference
    for seed in range(60):
        element = instance(message, seed, fill=seed % 10 / 10)
        body = extract(element, table)
        for ordinal, values in enumerate(body["transactions"], 1):
            try:
                payment = credit_transfer(message[:8], body["group"], values, ordinal, reference)
            except NotExact:
                continue
            data = msgspec.json.encode(payment_json(payment, reference))
            assert read_payment(data, reference) == payment
            assert isinstance(judge_payment(payment, usage()), list)


if __name__ == "__main__":
    RECORD.write_text("\n".join(findings()) + "\n", encoding="utf-8")
