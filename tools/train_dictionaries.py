"""Train the dictionaries that evidence is compressed with, from messages invented here.

    python tools/train_dictionaries.py [--out DIR]

Same seed, same library, same bytes. A dictionary that has been released is never written again: a
better one gets a new id in `storage/compression.py`, and this script then trains that id.
"""

import argparse
import json
import random
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import zstandard

from steelyard.iso20022.canonicalise import credit_transfer
from steelyard.iso20022.check import values_of
from steelyard.iso20022.classify import classify
from steelyard.iso20022.commands import party_block
from steelyard.iso20022.context import Finding
from steelyard.iso20022.parse import parse
from steelyard.packs.reference import reference
from steelyard.storage.compression import DICTIONARIES

SEED = 20261123
SAMPLES = 4000
DICTIONARY_BYTES = {"pacs.008": 32768, "pacs.009": 24576, "pacs.002": 16384, "payment": 16384, "party": 16384}
DICTIONARY_BYTES_ELSE = 8192

NS = "urn:iso:std:iso:20022:tech:xsd:"
COUNTRIES = {
    "AE": "AED", "BR": "BRL", "CN": "CNY", "EG": "EGP", "ET": "ETB",
    "ID": "IDR", "IN": "INR", "IR": "IRR", "RU": "RUB", "ZA": "ZAR",
}  # fmt: skip
TOWNS = {
    "AE": ["Abu Dhabi", "Dubai", "Sharjah"], "BR": ["Sao Paulo", "Santos", "Brasilia", "Rio de Janeiro"],
    "CN": ["Shanghai", "Shenzhen", "Beijing", "Guangzhou"], "EG": ["Cairo", "Alexandria", "Port Said"],
    "ET": ["Addis Ababa", "Dire Dawa"], "ID": ["Jakarta", "Surabaya", "Medan"],
    "IN": ["Mumbai", "Ahmedabad", "Chennai", "New Delhi"], "IR": ["Tehran", "Isfahan", "Bandar Abbas"],
    "RU": ["Moscow", "Saint Petersburg", "Novorossiysk"], "ZA": ["Johannesburg", "Cape Town", "Durban"],
}  # fmt: skip


def _list(text: str) -> list[str]:
    """Give the words between the bars."""
    return [word.strip() for word in text.split("|")]


STREETS = _list(
    """
    Avenida Paulista | Nanjing Road | Ashram Road | Sheikh Zayed Road | Corniche Street | Rua XV | Bole
    Road | Jalan Sudirman | Valiasr Street | Tverskaya Street | Main Road | Harbour Street | Market
    Street | Nehru Road | Station Road | Long Street | Industrial Zone
    """
)
FIRST = _list(
    """
    Northern | Eastern | Golden | United | National | Blue River | Green Field | Delta | Cerrado |
    Gujarat | Ural | Nile | Highland | Gulf | Pacific | Harvest | Sunrise
    """
)
SECOND = _list(
    """
    Grain | Fertiliser | Steel | Textile | Energy | Coffee | Pharma | Machinery | Electronics | Shipping
    | Mining | Chemicals | Foods | Paper | Vehicles | Education
    """
)
FORMS = _list(
    """
    Limited | Ltd | LLC | S.A. | Ltda | JSC | PLC | Co., Ltd. | Pvt Ltd | PT | Trading Company
    """
)
PEOPLE = _list(
    """
    Amara | Bruno | Chen | Daria | Elias | Farid | Gita | Hana | Ivan | Joana | Kofi | Leila | Mohan |
    Nadia | Omar | Priya | Rosa | Sipho | Tariq | Wei | Yusuf | Zanele
    """
)
GOODS = _list(
    """
    grain shipment | fertiliser | machine parts | tuition fee | hospital invoice | software licence |
    freight | coffee beans | steel coils | consulting | family support | salary
    """
)
PURPOSES = _list(
    """
    GDDS | SCVE | EDUC | HLTI | SALA | TRAD | SUPP | TRVC | FAMI | INTC | CASH | LOAN
    """
)
REASONS = _list(
    """
    AC01 | AC04 | AC06 | AM04 | AM07 | BE01 | RR04 | MD07 | DUPL | AB05 | TM01 | CURR
    """
)
PLACES = _list(
    "PmtId/UETR | IntrBkSttlmAmt | DbtrAgt | CdtrAgt | ChrgBr | XchgRate | IntrBkSttlmDt | Dbtr/PstlAdr/Ctry"
)
FAULTS = _list(
    """
    is missing | is not a date | no such account | has more decimals than the currency | is not a known code
    | differs from the sender of the header | is not a participant | is before today | was used before
    """
)


class Inventor:
    """Draws the parts of messages; every draw comes from one seeded generator."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def one(self, values: list[str]) -> str:
        """Pick one of them."""
        return self.random.choice(values)

    def digits(self, count: int) -> str:
        """Give digits, the first not zero."""
        return str(self.random.randrange(10 ** (count - 1), 10**count))

    def bic(self, country: str) -> str:
        """Give a BIC of 8 or 11 characters in a country."""
        letters = "".join(self.random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=4))
        return letters + country + self.one(["XX", "AA", "2X", "BB"]) + self.one(["", "XXX"])

    def lei(self) -> str:
        """Give what looks like an LEI."""
        return (
            self.digits(6)
            + "".join(self.random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=12))
            + self.digits(2)
        )

    def uetr(self) -> str:
        """Give a UUID of version 4."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def country(self) -> str:
        """Pick a member's country."""
        return self.one(list(COUNTRIES))

    def name(self, person: bool) -> str:
        """Give a person's or a company's name."""
        if person:
            return f"{self.one(PEOPLE)} {self.one(PEOPLE)}{self.one(['ov', 'son', 'i', 'ez', ''])}"
        return f"{self.one(FIRST)} {self.one(SECOND)} {self.one(FORMS)}"

    def amount(self) -> str:
        """Give a decimal amount."""
        return f"{self.random.randrange(1, 10 ** self.random.randint(2, 7))}.{self.random.randrange(100):02}"

    def moment(self) -> str:
        """Give an instant in one of the shapes that banks write."""
        r = self.random
        date = f"202{r.randint(6, 9)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
        clock = f"T{r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02}"
        return (
            date
            + clock
            + self.one(["Z", "+00:00", f".{r.randrange(1000):03}+00:00", f".{r.randrange(1000):03}Z"])
        )

    def party(self, tag: str, country: str, person: bool) -> str:
        """Give a debtor or creditor."""
        r = self.random
        lines = f"<StrtNm>{self.one(STREETS)}</StrtNm><BldgNb>{r.randint(1, 1999)}</BldgNb>"
        post = f"<PstCd>{self.digits(r.randint(4, 6))}</PstCd>" if r.random() < 0.8 else ""
        place = f"<TwnNm>{self.one(TOWNS[country])}</TwnNm><Ctry>{country}</Ctry>"
        if person:
            born = f"<BirthDt>19{r.randint(40, 99)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}</BirthDt>"
            town = f"<CityOfBirth>{self.one(TOWNS[country])}</CityOfBirth>"
            birth = f"{born}{town}<CtryOfBirth>{country}</CtryOfBirth>"
            number = f"<Othr><Id>{self.digits(9)}</Id><SchmeNm><Cd>NIDN</Cd></SchmeNm></Othr>"
            held = self.one([f"<DtAndPlcOfBirth>{birth}</DtAndPlcOfBirth>", number, ""])
            ident = f"<Id><PrvtId>{held}</PrvtId></Id>" if held else ""
        else:
            ident = self.one([f"<Id><OrgId><LEI>{self.lei()}</LEI></OrgId></Id>", ""])
        address = f"<PstlAdr>{lines}{post}{place}</PstlAdr>"
        return f"<{tag}><Nm>{self.name(person)}</Nm>{address}{ident}</{tag}>"

    def account(self, tag: str, country: str) -> str:
        """Give an account: IBAN where the country has them, else its own."""
        if country in ("AE", "BR", "EG"):
            held = f"<IBAN>{country}{self.digits(2)}{self.digits(19)}</IBAN>"
        else:
            scheme = self.one(["<SchmeNm><Cd>BBAN</Cd></SchmeNm>", ""])
            held = f"<Othr><Id>{self.digits(self.random.randint(9, 20))}</Id>{scheme}</Othr>"
        return f"<{tag}><Id>{held}</Id></{tag}>"

    def agent(self, tag: str, bic: str) -> str:
        """Give a bank by its BIC."""
        return f"<{tag}><FinInstnId><BICFI>{bic}</BICFI></FinInstnId></{tag}>"

    def envelope(self, definition: str, sender: str, receiver: str, number: str, document: str) -> str:
        """Wrap a document as banks do: header and document in one wrapper, compact or indented."""
        declaration = self.one(
            ['<?xml version="1.0" encoding="UTF-8"?>\n', "<?xml version='1.0' encoding='UTF-8'?>\n"]
        )
        ends = "".join(
            f"<{tag}><FIId><FinInstnId><BICFI>{bic}</BICFI></FinInstnId></FIId></{tag}>"
            for tag, bic in (("Fr", sender), ("To", receiver))
        )
        service = self.one(["hub.xborder.01", "swift.cbprplus.02"])
        priority = self.one(["", "<Prty>NORM</Prty>", "<Prty>HIGH</Prty>"])
        header = (
            f'<AppHdr xmlns="{NS}head.001.001.0{self.one(["2", "2", "3"])}">{ends}'
            f"<BizMsgIdr>{number}</BizMsgIdr><MsgDefIdr>{definition}</MsgDefIdr><BizSvc>{service}</BizSvc>"
            f"<CreDt>{self.moment()}</CreDt>{priority}</AppHdr>"
        )
        wrapper = self.one(["BizMsg", "BusinessMessage", "RequestPayload", "Envelope"])
        break_ = self.one(["", "\n"])
        whole = f'<{wrapper}>{break_}{header}{break_}<Document xmlns="{NS}{definition}">{document}</Document>'
        return self.indent(f"{declaration}{whole}{break_}</{wrapper}>\n")

    def indent(self, text: str) -> str:
        """Break half of the messages into indented lines, as pretty printers do."""
        if self.random.random() < 0.5:
            return text
        step, depth, lines = self.one(["  ", "\t", "    "]), 0, []
        for piece in text.replace("><", ">\n<").split("\n"):
            depth -= piece.startswith("</")
            lines.append(step * max(depth, 0) + piece)
            depth += piece.startswith("<") and not piece.startswith(("</", "<?")) and "</" not in piece
        return "\n".join(lines)

    def transfer_ids(self) -> str:
        """Give the references of one transfer."""
        number, more = self.digits(9), self.one(["", f"<TxId>{self.digits(12)}</TxId>"])
        ids = f"<InstrId>I{number}</InstrId><EndToEndId>E2E-{number}</EndToEndId>{more}"
        return f"<PmtId>{ids}<UETR>{self.uetr()}</UETR></PmtId>"

    def group(self, number: str, total: str) -> str:
        """Give the group header of a transfer."""
        settled = self.one(["<ClrSys><Prtry>HUBX</Prtry></ClrSys>", "<ClrSys><Prtry>STLY</Prtry></ClrSys>"])
        sum_ = self.one(["", f"<CtrlSum>{total}</CtrlSum>"])
        return (
            f"<GrpHdr><MsgId>{number}</MsgId><CreDtTm>{self.moment()}</CreDtTm><NbOfTxs>1</NbOfTxs>{sum_}"
            f"<SttlmInf><SttlmMtd>CLRG</SttlmMtd>{settled}</SttlmInf></GrpHdr>"
        )

    def money(self, from_: str, to: str, total: str) -> str:
        """Give amounts, date and rate of one transfer."""
        instructed = f'<InstdAmt Ccy="{COUNTRIES[from_]}">{self.amount()}</InstdAmt>'
        rate = f"<XchgRate>{self.random.uniform(0.01, 90):.{self.random.randint(4, 8)}f}</XchgRate>"
        two = self.one(["", instructed + rate, instructed])
        return (
            f'<IntrBkSttlmAmt Ccy="{COUNTRIES[to]}">{total}</IntrBkSttlmAmt>'
            f"<IntrBkSttlmDt>{self.moment()[:10]}</IntrBkSttlmDt>{two}"
            f"<ChrgBr>{self.one(['SHAR', 'SHAR', 'DEBT', 'CRED'])}</ChrgBr>"
        )


def pacs_008(draw: Inventor) -> bytes:
    """Invent a customer credit transfer."""
    from_, to, total, number = (
        draw.country(),
        draw.country(),
        draw.amount(),
        draw.one(["S", "M", ""]) + draw.digits(16),
    )
    payer, payee, hub = draw.bic(from_), draw.bic(to), "STLYZZ22XXX"
    code = f"<CtgyPurp><Cd>{draw.one(PURPOSES)}</Cd></CtgyPurp>"
    kind = f"<PmtTpInf><SvcLvl><Cd>G001</Cd></SvcLvl>{draw.one(['', code])}</PmtTpInf>"
    quoted = f"QUOTE {draw.uetr()}"
    remitted = draw.one(
        [f"INV {draw.digits(6)} {draw.one(GOODS)}", f"/INV/{draw.digits(8)}", draw.one(GOODS), quoted]
    )
    quote = draw.one(["", f"<InstrForNxtAgt><InstrInf>{quoted}</InstrInf></InstrForNxtAgt>"])
    body = (
        draw.group(number, total)
        + "<CdtTrfTxInf>"
        + draw.transfer_ids()
        + draw.one(["", kind])
        + draw.money(from_, to, total)
        + draw.agent("InstgAgt", payer)
        + draw.agent("InstdAgt", draw.one([hub, payee]))
        + draw.one(["", draw.agent("IntrmyAgt1", draw.bic(draw.country()))])
        + draw.party("Dbtr", from_, draw.random.random() < 0.4)
        + draw.account("DbtrAcct", from_)
        + draw.agent("DbtrAgt", payer)
        + draw.agent("CdtrAgt", payee)
        + draw.party("Cdtr", to, draw.random.random() < 0.4)
        + draw.account("CdtrAcct", to)
        + quote
        + draw.one(["", f"<Purp><Cd>{draw.one(PURPOSES)}</Cd></Purp>"])
        + f"<RmtInf><Ustrd>{remitted}</Ustrd></RmtInf></CdtTrfTxInf>"
    )
    document = f"<FIToFICstmrCdtTrf>{body}</FIToFICstmrCdtTrf>"
    version = draw.one(["08", "08", "08", "12", "13"])
    return draw.envelope(f"pacs.008.001.{version}", payer, hub, number, document).encode()


def pacs_009(draw: Inventor) -> bytes:
    """Invent a transfer between banks, some as cover of a customer's."""
    from_, to, total, number = draw.country(), draw.country(), draw.amount(), draw.digits(16)
    payer, payee, hub = draw.bic(from_), draw.bic(to), "STLYZZ22XXX"
    customers = (
        "<UndrlygCstmrCdtTrf>"
        + draw.party("Dbtr", from_, False)
        + draw.account("DbtrAcct", from_)
        + draw.agent("DbtrAgt", payer)
        + draw.agent("CdtrAgt", payee)
        + draw.party("Cdtr", to, True)
        + draw.account("CdtrAcct", to)
        + "</UndrlygCstmrCdtTrf>"
    )
    body = (
        draw.group(number, total)
        + "<CdtTrfTxInf>"
        + draw.transfer_ids()
        + f'<IntrBkSttlmAmt Ccy="{COUNTRIES[to]}">{total}</IntrBkSttlmAmt>'
        + f"<IntrBkSttlmDt>{draw.moment()[:10]}</IntrBkSttlmDt>"
        + draw.agent("InstgAgt", payer)
        + draw.agent("InstdAgt", hub)
        + draw.agent("Dbtr", payer)
        + draw.agent("Cdtr", payee)
        + draw.one(["", customers])
        + "</CdtTrfTxInf>"
    )
    document = f"<FICdtTrf>{body}</FICdtTrf>"
    return draw.envelope(f"pacs.009.001.0{draw.one(['8', '8', '9'])}", payer, hub, number, document).encode()


def pacs_002(draw: Inventor) -> bytes:
    """Invent a status report."""
    payee, hub, number = draw.bic(draw.country()), "STLYZZ22XXX", draw.digits(16)
    status = draw.one(["ACSC", "ACSC", "ACCC", "RJCT", "PDNG", "ACSP", "ACWP"])
    code = f"<StsRsnInf><Rsn><Cd>{draw.one(REASONS)}</Cd></Rsn></StsRsnInf>"
    told = code.replace("</StsRsnInf>", f"<AddtlInf>{draw.one(GOODS)}</AddtlInf></StsRsnInf>")
    body = (
        f"<GrpHdr><MsgId>{number}</MsgId><CreDtTm>{draw.moment()}</CreDtTm></GrpHdr><TxInfAndSts><OrgnlGrpInf>"
        f"<OrgnlMsgId>{draw.digits(16)}</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId>"
        f"<OrgnlCreDtTm>{draw.moment()}</OrgnlCreDtTm></OrgnlGrpInf><OrgnlInstrId>I{draw.digits(9)}</OrgnlInstrId>"
        f"<OrgnlEndToEndId>E2E-{draw.digits(9)}</OrgnlEndToEndId><OrgnlUETR>{draw.uetr()}</OrgnlUETR>"
        f"<TxSts>{status}</TxSts>{draw.one([code, told]) if status == 'RJCT' else ''}"
        f"<AccptncDtTm>{draw.moment()}</AccptncDtTm>"
        + draw.agent("InstgAgt", payee)
        + draw.agent("InstdAgt", hub)
        + "</TxInfAndSts>"
    )
    document = f"<FIToFIPmtStsRpt>{body}</FIToFIPmtStsRpt>"
    return draw.envelope(f"pacs.002.001.1{draw.one(['0', '0', '2'])}", payee, hub, number, document).encode()


def _person(draw: Inventor, country: str) -> dict[str, object]:
    return {
        "name": draw.name(draw.random.random() < 0.4),
        "address": {
            "street": draw.one(STREETS),
            "building": str(draw.random.randint(1, 1999)),
            "post_code": draw.digits(5),
            "town": draw.one(TOWNS[country]),
            "country": country,
        },
        "lei": draw.one(["", draw.lei()]),
    }


def payment(draw: Inventor) -> bytes:
    """Invent a payment on the JSON face."""
    from_, to = draw.country(), draw.country()
    known = {
        "uetr": draw.uetr(),
        "debtor_agent": draw.bic(from_),
        "creditor_agent": draw.bic(to),
        "send": {"asset": COUNTRIES[from_], "value": draw.amount()},
        "receive": {"asset": COUNTRIES[to], "value": draw.amount()},
        "quote_id": draw.uetr(),
        "debtor": _person(draw, from_),
        "debtor_account": {"iban": from_ + draw.digits(20)},
        "creditor": _person(draw, to),
        "creditor_account": {"id": draw.digits(14), "scheme": "BBAN"},
        "charge_bearer": "SHAR",
        "purpose": draw.one(PURPOSES),
        "remittance": f"INV {draw.digits(6)} {draw.one(GOODS)}",
        "end_to_end_id": f"E2E-{draw.digits(9)}",
        "instruction_id": f"I{draw.digits(9)}",
    }
    kept = {name: value for name, value in known.items() if draw.random.random() < 0.9}
    return json.dumps(kept, separators=draw.random.choice([(",", ":"), (", ", ": ")])).encode()


def party(draw: Inventor) -> bytes:
    """Give the party block of an invented message, as the gateway makes it."""
    root = parse(pacs_008(draw))
    assert not isinstance(root, Finding), root
    parts = classify(root, b"")
    assert not isinstance(parts, Finding), parts
    _, body = values_of(parts)
    return party_block(credit_transfer("pacs.008", body["group"], body["transactions"][0], 1, reference()))


def verdict(draw: Inventor) -> bytes:
    """Invent a verdict of the gateway on a message that it rejects."""
    findings = [
        {
            "rule": draw.one(["hub/uetr", "hub/agents", "schema", "cbpr/charges", "hub/rate", "hub/dates"]),
            "code": draw.one(REASONS),
            "path": f"/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[{draw.random.randint(1, 9)}]/{draw.one(PLACES)}",
            "text": draw.one(FAULTS),
            "scope": draw.one(["group", "transaction", "transaction"]),
            "ordinal": draw.random.choice([None, 1, 2, 7]),
        }
        for _ in range(draw.random.randint(1, 3))
    ]
    known = {
        "outcome": draw.one(["rejected", "refused"]),
        "message": draw.one(["pacs.008.001.08", "pacs.008.001.12", "pacs.009.001.08", "pacs.002.001.10"]),
        "profile": draw.one(["hub", "cbpr", "iso"]),
        "raw_sha256": draw.random.randbytes(32).hex(),
        "findings": findings,
        "findings_beyond": 0,
    }
    return json.dumps(known, separators=(",", ":")).encode()


INVENTED: dict[str, Callable[[Inventor], bytes]] = {
    "pacs.008": pacs_008,
    "pacs.009": pacs_009,
    "pacs.002": pacs_002,
    "payment": payment,
    "party": party,
    "verdict": verdict,
}


def samples(kind: str, count: int = SAMPLES, seed: int = SEED) -> list[bytes]:
    """Invent `count` items of a kind."""
    draw = Inventor(seed)
    return [INVENTED[kind](draw) for _ in range(count)]


def main() -> None:
    """Train every dictionary that is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    here = Path(__file__).parents[1] / "src/steelyard/storage/dictionaries"
    parser.add_argument("--out", type=Path, default=here)
    out: Path = parser.parse_args().out
    for kind, number in DICTIONARIES.items():
        path = out / f"{number}.zdict"
        if path.exists():
            print(f"{kind}: {path.name} is there already")
            continue
        size = DICTIONARY_BYTES.get(kind, DICTIONARY_BYTES_ELSE)
        trained = zstandard.train_dictionary(size, samples(kind), dict_id=number, level=3, steps=8, d=8)
        path.write_bytes(trained.as_bytes())
        print(f"{kind}: {path.name}, {len(trained)} bytes")


if __name__ == "__main__":
    main()
