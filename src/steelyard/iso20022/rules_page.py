"""The page of rules and answers, `docs/reference/iso20022/rules.md`, from the same tables that judge.

`python -m steelyard.iso20022.rules_page > docs/reference/iso20022/rules.md` writes it anew; a test compares.
"""

import sys
from inspect import getdoc

from steelyard.iso20022.reasons import ADMI_WORDS, REFUSAL_CODES, STATUS
from steelyard.iso20022.rules import RULES

_WORDS = {
    "XML01": "Send well-formed XML 1.0 with one root; the place is line and column.",
    "XML02": "Send no document type and no entity declaration, not even in a comment or CDATA.",
    "XML03": "Send UTF-8; a declaration of another encoding is refused even where the bytes would fit.",
    "XML04": "Send less: bytes, elements, attributes, depth or transactions are over a limit.",
    "BAH01": "Send one header and one Document beside each other, both in namespaces of ISO 20022.",
    "BAH02": "Send a version that is listed; the text names those of this message.",
    "BAH03": "Let MsgDefIdr name the Document's version.",
    "BAH04": "Let BizMsgIdr be the message's own id.",
    "XSD01": "Send what the schema allows; path and text name the first fault.",
    "SIG01": "Sign the bytes.",
    "SIG02": "Sign the bytes as they are sent, with a key that is valid now.",
    "SIG03": "Send in your own name: the header's sender is the authenticated party.",
    "SYS01": "Send the same message again later.",
}


def page() -> str:
    """Give the page."""
    lines = [
        "# Rules and answers",
        "",
        "What is not a message gets an admi.002 with one word; what breaks a rule of business gets a pacs.002",
        "with a code. All rules run and every finding is told; the first one is the cause.",
        "",
        "## Words of a refusal (admi.002)",
        "",
    ]
    for word, meaning in ADMI_WORDS.items():
        lines += [f"### {word}", "", f"{meaning[0].upper()}{meaning[1:]}.", _WORDS[word], ""]
    lines += [
        "## Rules that need no state",
        "",
        "| # | rule | for | scope | what holds |",
        "|---|---|---|---|---|",
    ]
    for rule in RULES:
        said = " ".join((getdoc(rule.check) or "").split())
        messages = ", ".join(rule.applies_to) or "all"
        lines.append(f"| {rule.number} | {rule.name} | {messages} | {rule.scope} | {said} |")
    lines += ["", "## Status by state (pacs.002)", "", "| payment | status |", "|---|---|"]
    lines += [f"| {state.name.lower()} | {status} |" for state, status in STATUS.items()]
    lines += ["", "## Code by refusal", "", "| refusal | code |", "|---|---|"]
    codes = sorted(REFUSAL_CODES.items(), key=lambda row: row[0].code)
    lines += [f"| {refusal.code} {refusal.name} | {code} |" for refusal, code in codes]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
