"""head.001, the business application header: from whom, to whom, what, when, and is it a duplicate."""

from steelyard.iso20022.components import C, Cells, R, Step, Version, under

NAME = "head.001"
ROOT = "AppHdr"
MEANING = "The header that travels with a business message."
UNITS: tuple[tuple[str, ...], ...] = ()


def _party(path: str, ours: str, who: str) -> tuple[Cells, ...]:
    """Give the rows of one end of the way, an organisation or a financial institution."""
    return (
        (path, ours, "group", "1", R, f"Who {who} the message."),
        (f"{path}/OrgId", "organisation", "Party", "choice:kind", R, "An organisation that is no bank."),
        (f"{path}/FIId", None, "Agent", "choice:kind", R, "A financial institution."),
    )


ROWS: tuple[Cells, ...] = (
    ("CharSet", "characters", "UnicodeChartsCode", "?", R, "Characters the text is limited to."),
    *_party("Fr", "from", "sends"),
    *_party("To", "to", "gets"),
    (
        "BizMsgIdr",
        "business_message_id",
        "Max35Text",
        "1",
        R,
        "Identifier of the message, the sender's choice.",
    ),
    ("MsgDefIdr", "definition", "Max35Text", "1", R, "Message and version of the document."),
    ("BizSvc", "service", "Max35Text", "?", R, "Service whose usage rules the message follows."),
    ("MktPrctc", "practice", "group", "?", R, "Published usage the message follows."),
    ("MktPrctc/Regy", "registry", "Max350Text", "1", R, "Where that usage is published."),
    ("MktPrctc/Id", "id", "Max2048Text", "1", R, "Which usage of that place."),
    ("CreDt", "created_at", "ISODateTime", "1", R, "When the message was made."),
    ("BizPrcgDt", "process_at", "ISODateTime", "?", R, "When the receiver shall process it."),
    ("CpyDplct", "copy", "CopyDuplicate1Code", "?", R, "Whether it is a copy, a duplicate or both."),
    ("PssblDplct", "possible_duplicate", "YesNoIndicator", "?", R, "Whether it may have been sent before."),
    ("Prty", "priority", "BusinessMessagePriorityCode", "?", R, "How soon it shall be processed."),
    (
        "Sgntr",
        None,
        "opaque:signature",
        "?",
        C,
        "A signature over the message, one element of XML Signature.",
    ),
    ("Rltd", None, "group", "*", C, "Header of a message that this one is about."),
    ("Rltd/CharSet", None, "UnicodeChartsCode", "?", C, "Its characters."),
    *under("Rltd", (*_party("Fr", "from", "sent"), *_party("To", "to", "got"))),
    ("Rltd/BizMsgIdr", None, "Max35Text", "1", C, "Its identifier."),
    ("Rltd/MsgDefIdr", None, "Max35Text", "1", C, "Its message and version."),
    ("Rltd/BizSvc", None, "Max35Text", "?", C, "Its service."),
    ("Rltd/CreDt", None, "ISODateTime", "1", C, "When it was made."),
    ("Rltd/CpyDplct", None, "CopyDuplicate1Code", "?", C, "Whether it is a copy, a duplicate or both."),
    ("Rltd/PssblDplct", None, "YesNoIndicator", "?", C, "Whether it may have been sent before."),
    ("Rltd/Prty", None, "BusinessMessagePriorityCode", "?", C, "How soon it should be processed."),
    ("Rltd/Sgntr", None, "opaque:signature", "?", C, "Its signature."),
)
_RELATED_IN_FULL: tuple[Step, ...] = (
    ("add", "Rltd/BizSvc", ("Rltd/MktPrctc", None, "group", "?", C, "Published usage it follows.")),
    ("add", "Rltd/MktPrctc", ("Rltd/MktPrctc/Regy", None, "Max350Text", "1", C, "Where that is published.")),
    (
        "add",
        "Rltd/MktPrctc/Regy",
        ("Rltd/MktPrctc/Id", None, "Max2048Text", "1", C, "Which usage of that place."),
    ),
    ("add", "Rltd/CreDt", ("Rltd/BizPrcgDt", None, "ISODateTime", "?", C, "When it should be processed.")),
)
VERSIONS: dict[str, Version] = {
    "01": Version(
        "2013",
        (
            ("drop", "MktPrctc"),
            ("drop", "BizPrcgDt"),
            ("retype", "CreDt", "ISONormalisedDateTime"),
            ("reoccur", "Rltd", "?"),
            ("retype", "Rltd/CreDt", "ISONormalisedDateTime"),
        ),
    ),
    "02": Version("2019"),
    "03": Version("2019", _RELATED_IN_FULL),
    "04": Version("2023", _RELATED_IN_FULL),
}
