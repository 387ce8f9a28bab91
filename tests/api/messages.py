"""A bank's own pacs.008, written by hand: what a test sends through the XML door."""

import uuid

HEAD = "urn:iso:std:iso:20022:tech:xsd:head.001.001.02"
BODY = "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"
_COUNT = iter(range(1, 1 << 30))


def transfer(
    payer, payee, *, source="AED", sent=None, target="INR", amount="7350.00", rate="", quote="", number=None,
    uetr=None, name="Layla Said", priority="NORM", on="2026-11-23", iban="", purpose="GDDS",
):  # fmt: skip
    """Give one CdtTrfTxInf; `sent` is the instructed amount where there are two currencies."""
    number = number or next(_COUNT)
    uetr = uetr or str(uuid.uuid4())
    instructed = f'<InstdAmt Ccy="{source}">{sent}</InstdAmt>' if sent else ""
    exchange = f"<XchgRate>{rate}</XchgRate>" if rate else ""
    quoted = f"<InstrForNxtAgt><InstrInf>QUOTE {quote}</InstrInf></InstrForNxtAgt>" if quote else ""
    account = f"<IBAN>{iban}</IBAN>" if iban else f"<Othr><Id>C{number}</Id></Othr>"
    address = "<PstlAdr><TwnNm>Dubai</TwnNm><Ctry>AE</Ctry></PstlAdr>"
    return (
        f"<CdtTrfTxInf><PmtId><InstrId>I{number}</InstrId><EndToEndId>E{number}</EndToEndId><UETR>{uetr}</UETR>"
        f"</PmtId><PmtTpInf><InstrPrty>{priority}</InstrPrty></PmtTpInf>"
        f'<IntrBkSttlmAmt Ccy="{target}">{amount}</IntrBkSttlmAmt><IntrBkSttlmDt>{on}</IntrBkSttlmDt>'
        f"{instructed}{exchange}<ChrgBr>SHAR</ChrgBr><InstgAgt>{agent(payer)}</InstgAgt>"
        f"<InstdAgt>{agent(payee)}</InstdAgt><Dbtr><Nm>{name}</Nm>{address}</Dbtr>"
        f"<DbtrAcct><Id><Othr><Id>D{number}</Id></Othr></Id></DbtrAcct><DbtrAgt>{agent(payer)}</DbtrAgt>"
        f"<CdtrAgt>{agent(payee)}</CdtrAgt><Cdtr><Nm>Arjun Rao</Nm>{address}</Cdtr>"
        f"<CdtrAcct><Id>{account}</Id></CdtrAcct>{quoted}<Purp><Cd>{purpose}</Cd></Purp>"
        f"<RmtInf><Ustrd>Invoice {number}</Ustrd></RmtInf></CdtTrfTxInf>"
    )


def message(
    payer,
    *transfers,
    hub="STYDZAJ0",
    message_id=None,
    at="2026-11-23T09:00:00.000Z",
    count=None,
    system="STYD",
):
    """Give a whole pacs.008 with its header."""
    message_id = message_id or f"M{next(_COUNT)}"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<BizMsg>'
        f'<AppHdr xmlns="{HEAD}"><Fr><FIId>{agent(payer)}</FIId></Fr><To><FIId>{agent(hub)}</FIId></To>'
        f"<BizMsgIdr>{message_id}</BizMsgIdr><MsgDefIdr>pacs.008.001.08</MsgDefIdr><CreDt>{at}</CreDt></AppHdr>"
        f'<Document xmlns="{BODY}"><FIToFICstmrCdtTrf><GrpHdr><MsgId>{message_id}</MsgId><CreDtTm>{at}</CreDtTm>'
        f"<NbOfTxs>{count or len(transfers)}</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd><ClrSys><Prtry>{system}"
        f"</Prtry></ClrSys></SttlmInf></GrpHdr>{''.join(transfers)}</FIToFICstmrCdtTrf></Document></BizMsg>"
    ).encode()


def agent(bic):
    """Give what identifies a bank."""
    return f"<FinInstnId><BICFI>{bic}</BICFI></FinInstnId>"
