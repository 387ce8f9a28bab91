"""Examples of requests and answers, by route: shown in the OpenAPI document, and sent by a test."""

from typing import Any

_PARTY = {"name": "Layla Said", "address": {"town": "Dubai", "country": "AE"}}
_PAYEE = {"name": "Arjun Rao", "address": {"town": "Pune", "country": "IN"}}
UETR = "eb6305c9-1f7f-49de-aed0-16487c27b42d"
QUOTE = "01a207a2-3280-d03b-c267-1ae5d1ae88eb"
_DIGEST = "d2325455b2a3b1f2411a6db30431746ffe1630c1249bcb1dd96798a7f262f216"

EXAMPLES: dict[str, dict[str, Any]] = {
    "POST /v1/auctions/english": {
        "asked": {
            "instrument": "WHT-2026-12",
            "lots": 50,
            "start": "850.00",
            "step": "0.50",
            "reserve": "862.00",
            "opens_at": "2026-11-24T09:00:00Z",
            "closes_at": "2026-11-24T10:00:00Z",
            "extend_seconds": 60,
            "extensions_max": 5,
        },
    },
    "POST /v1/auctions/dutch": {
        "asked": {
            "instrument": "WHT-2026-12",
            "lots": 50,
            "start": "930.00",
            "floor": "820.00",
            "step": "10.00",
            "opens_at": "2026-11-24T09:00:00Z",
            "interval_seconds": 60,
        },
    },
    "POST /v1/auctions/reverse": {
        "asked": {
            "instrument": "WHT-2026-12",
            "lots": 50,
            "ceiling": "880.00",
            "step": "0.50",
            "opens_at": "2026-11-24T09:00:00Z",
            "ends_at": ["2026-11-24T10:00:00Z", "2026-11-24T10:20:00Z", "2026-11-24T10:40:00Z"],
        },
    },
    "POST /v1/auctions/final": {
        "asked": {
            "instrument": "WHT-2026-12",
            "lots": 50,
            "side": "sell",
            "reserve": "862.00",
            "opens_at": "2026-11-24T09:00:00Z",
            "offers_end_at": "2026-11-24T12:00:00Z",
            "final_end_at": "2026-11-24T14:00:00Z",
        },
    },
    "POST /v1/auctions/sealed": {
        "asked": {
            "instrument": "WHT-2026-12",
            "opens_at": "2026-11-24T09:00:00Z",
            "closes_at": "2026-11-24T12:00:00Z",
            "reveal_until_at": "2026-11-24T13:00:00Z",
            "reference": "862.00",
            "deposit": {"asset": "AED", "value": "5000.00"},
        },
    },
    "POST /v1/auctions/{id}/reveals": {
        "asked": {
            "order_id": "ours-1",
            "side": "buy",
            "price": "864.00",
            "quantity": 100,
            "salt": "000102030405060708090a0b0c0d0e0f",
        },
    },
    "POST /v1/prices/{series}/methods": {
        "asked": {
            "version": 1,
            "from_on": "2026-11-24",
            "sources": [{"code": "WHT-SPOT", "origin": "ZA"}],
            "basket": {"ZAR": "8.50", "AED": "1.20"},
            "unit_kg": 1000,
            "related": "WHEAT-2027-03",
        },
    },
    "POST /v1/prices/{series}/benchmark": {
        "asked": {
            "on": "2026-11-23",
            "trades": [
                {"trade_id": "1", "price": "261.50", "volume": 60, "buyer": "GHAFAEA0", "seller": "FYNBZAC0"},
            ],
            "medians": {"ZAR": "8.5"},
        },
    },
    "POST /v1/payments": {
        "asked": {
            "creditor_agent": "TAMRINB0",
            "uetr": UETR,
            "quote_id": QUOTE,
            "disclosure": _DIGEST,
            "debtor": _PARTY,
            "debtor_account": {"id": "0331234567890"},
            "creditor": _PAYEE,
            "creditor_account": {"id": "50100012345678"},
            "purpose": "GDDS",
            "remittance": ["Invoice 4711"],
        },
        "told": {"outcome": "done", "uetr": UETR, "seq": 198, "state": "SETTLED", "status": "ACSC"},
    },
    "POST /v1/quotes": {
        "asked": {"sell": "AED", "buy": "INR", "receive": "7350.00", "creditor_agent": "TAMRINB0"},
    },
    "PUT /v1/sheets": {
        "asked": {
            "sell": "AED",
            "buy": "INR",
            "tiers": [{"from_value": "0", "rate": "22.50"}, {"from_value": "100000.00", "rate": "22.60"}],
            "min": "1.00",
            "max": "5000000.00",
            "valid_until": "2026-12-23T00:00:00Z",
        },
    },
    "POST /v1/fx-trades": {
        "asked": {
            "counterparty": "TAMRINB0",
            "pays": {"asset": "AED", "value": "1000.00"},
            "gets": {"asset": "INR", "value": "22500.00"},
            "value_on": "2026-11-24",
        },
    },
    "POST /v1/fx/orders": {
        "asked": {
            "sell": {"asset": "AED", "value": "1000.00"},
            "buy": "INR",
            "limit": "22.50",
            "good_until": "2026-11-24T12:00:00Z",
        },
    },
    "POST /v1/market": {
        "asked": {
            "code": "WHEAT-SPOT",
            "contract": "WMS",
            "way": "spot",
            "asset": "WHEAT-1-26.RUNVS",
            "unit_kg": 1000,
            "tick": "0.25",
            "lot": 50,
            "basket": "BASKET",
            "basket_holds": {"BRL": "1.00", "ZAR": "1.00"},
            "reference": "800.00",
            "sessions": [
                {"at": "08:00", "phase": "opening_call"},
                {"at": "09:00", "phase": "continuous", "random": True},
                {"at": "16:00", "phase": "closed"},
            ],
        },
    },
    "POST /v1/firm-quotes": {
        "asked": {
            "size": {"asset": "BRL", "value": "500000.00"},
            "buy": "ZAR",
            "rate": "3.40",
            "valid_until": "2026-11-24T12:00:00Z",
        },
    },
    "POST /v1/orders": {
        "asked": {
            "instrument": "WHT-SPOT",
            "side": "buy",
            "quantity": 50,
            "price": "890.00",
            "currency": "AED",
        },
    },
    "POST /v1/clearing/join": {"asked": {"currency": "AED"}},
    "POST /v1/clearing/collateral/deposit": {"asked": {"amount": {"asset": "AED", "value": "250000.00"}}},
    "PUT /v1/clearing/contracts": {
        "asked": {
            "contract": "WHT-2026-12",
            "commodity": "WHEAT",
            "currency": "AED",
            "unit_kg": 50000,
            "tick": "0.25",
            "scan_range": "26.00",
            "spread": "5.00",
            "limit_lots": 2000,
        },
    },
    "POST /v1/clearing/runs": {"asked": {"currency": "AED", "prices": {"WHT-2026-12": "863.25"}}},
    "POST /v1/clearing/models": {
        "asked": {
            "currency": "AED",
            "version": "fhs-1",
            "inputs": _DIGEST,
            "margins": {"GHAFAEA0": "61250.00", "SIDRAEA0": "58900.00"},
        },
    },
    "POST /v1/clearing/cases/{id}/bids": {
        "asked": {"contract": "WHT-2026-12", "lots": 20, "price": "861.00"},
    },
    "POST /v1/tenders": {
        "asked": {
            "asset": "AED",
            "cargoes": 3,
            "cargo_t": 50000,
            "vessels": [{"id": "Blue Line", "port": "NOVOROSSIYSK", "rate": "21.50", "count": 3}],
            "close_at": "2026-11-24T12:00:00Z",
            "open_at": "2026-11-24T13:00:00Z",
            "decide_s": 259200,
            "standstill_s": 86400,
            "sign_s": 172800,
            "budget": "40000000.00",
            "origin_max": 2,
        },
    },
    "POST /v1/tenders/{id}/reveal": {
        "asked": {
            "offers": [
                {
                    "id": "a", "origin": "RU", "port": "NOVOROSSIYSK", "price": "222.70", "cargoes_max": 3,
                    "cargoes_min": 2,
                },
            ],
            "salt": _DIGEST,
        },
    },
    "POST /v1/rfq": {
        "asked": {
            "code": "WHEAT-1-26.RUNVS",
            "kg": 60000,
            "side": "buy",
            "currency": "AED",
            "valid_until": "2026-11-24T12:00:00Z",
        },
    },
    "POST /v1/rfq/{id}/answers": {
        "asked": {
            "ask": "244.20",
            "receipt_id": "01a207a2-3280-d03b-c267-1ae5d1ae88eb",
            "valid_until": "2026-11-24T11:00:00Z",
        },
    },
    "POST /v1/energy/indices": {
        "asked": {
            "index": "gas hub",
            "month": "2026-10",
            "value_minor": "2240.5",
            "source": "The hub's monthly report of 2026-11-02",
        },
    },
    "POST /v1/otc-trades": {
        "asked": {
            "side": "sell",
            "other": "TAMRINB0",
            "code": "WHEAT-1-26.RUNVS",
            "kg": 60000,
            "currency": "AED",
            "value": "14652.00",
            "traded_at": "2026-11-23T08:30:00Z",
            "proof": "01a207a2-3280-d03b-c267-1ae5d1ae88eb",
        },
    },
    "POST /v1/energy/contracts": {
        "asked": {
            "buyer": "TAMRINB0",
            "asset": "AED",
            "unit": "MWh",
            "acq": 2000,
            "take_or_pay": "0.80",
            "first_month": "2027-01",
            "years": 2,
            "points": [{"point": "coast", "quantity": 250}],
            "index": "gas",
            "base": "0.50",
            "slope": "3",
            "makeup_years": 5,
            "notice_s": 864000,
        },
    },
    "POST /v1/energy/matches": {
        "asked": {
            "nodes": [{"id": "P", "amount": 30}, {"id": "X", "amount": -20}],
            "routes": [{"id": "P-X", "source": "P", "target": "X", "cost_minor": 4}],
        },
    },
    "PUT /v1/energy/matches": {
        "asked": {
            "nodes": [{"id": "P", "amount": 30}, {"id": "X", "amount": -20}],
            "routes": [{"id": "P-X", "source": "P", "target": "X", "cost_minor": 4}],
            "flows": [20],
            "prices": [{"num": 0}, {"num": 4}],
            "cost_minor": 80,
        },
    },
    "PUT /v1/sites/{site}": {
        "asked": {
            "warehouse": "SIDRAEA0",
            "inspector": "BNYNIND0",
            "capacity_kg": 5000000,
            "capital_kg": 4000000,
            "currency": "AED",
            "storage": "0.03",
        },
    },
    "POST /v1/receipt-classes": {
        "asked": {"code": "RYE-1-26.PORT", "site": "PORT", "grade": "RYE 1", "crop": "2026"},
    },
    "POST /v1/sites/{site}/stocks/compare": {
        "asked": {"grade": "RYE 1", "weighed_kg": 999900, "inspected_kg": 999900, "document": _DIGEST},
    },
    "POST /v1/sites/{site}/stocks/certify": {
        "asked": {"grade": "RYE 1", "kg": 1000000, "document": _DIGEST},
    },
    "POST /v1/warehouse-receipts": {
        "asked": {
            "code": "RYE-1-26.PORT",
            "holder": "GHAFAEA0",
            "kg": 50000,
            "taken_in_on": "2026-11-20",
            "document": _DIGEST,
        },
    },
    "POST /v1/warehouse-receipts/{id}/split": {"asked": {"parts_kg": [20000, 30000]}},
    "POST /v1/deliveries/cleared": {
        "asked": {
            "instrument": "WHEAT-DEC",
            "site": "PORT",
            "grade": "WHEAT 1",
            "lots": 18,
            "unit_kg": 50000,
            "price": {"asset": "AED", "value": "240.00"},
            "seller": "GHAFAEA0",
            "assign_by": "2026-11-24T12:00:00Z",
            "certify_by": "2026-11-25T12:00:00Z",
            "object_by": "2026-11-26T12:00:00Z",
            "fund_by": "2026-11-27T12:00:00Z",
        },
    },
    "POST /v1/deliveries": {
        "asked": {
            "instrument": "RYE-DEC",
            "site": "PORT",
            "grade": "RYE 1",
            "lots": 1,
            "unit_kg": 50000,
            "tolerance_bp": 500,
            "price": {"asset": "AED", "value": "240.00"},
            "factors": [{"name": "moisture", "rule": "shrink", "basis": "14", "most": "16"}],
            "seller": "GHAFAEA0",
            "buyer": "TAMRINB0",
            "assign_by": "2026-11-24T12:00:00Z",
            "certify_by": "2026-11-25T12:00:00Z",
            "object_by": "2026-11-26T12:00:00Z",
            "fund_by": "2026-11-27T12:00:00Z",
        },
    },
    "POST /v1/deliveries/{id}/costs": {
        "asked": {"cost": "freight", "amount": {"asset": "AED", "value": "300.00"}, "document": _DIGEST},
    },
    "POST /v1/forwards": {
        "asked": {
            "contract": "WHU-FWD",
            "side": "sell",
            "other": "TAMRINB0",
            "lots": 2,
            "price": {"asset": "AED", "value": "300.00"},
            "site": "PORT",
            "from_on": "2026-11-25",
            "to_on": "2026-12-10",
            "benchmark": "DURUM",
            "accept_by": "2026-11-24T12:00:00Z",
        },
    },
    "POST /v1/deliveries/{id}/certify": {
        "asked": {"weight_kg": 50000, "factors": {"moisture": "15.5"}, "document": _DIGEST},
    },
    "POST /v1/voyages": {
        "asked": {
            "vessel": "9074729",
            "origin": "PORT",
            "target": "QUAY",
            "cargo": "RYE 1",
            "kg": 80000,
            "crew": 21,
            "arrives_at": "2026-11-25T18:00:00Z",
            "document": _DIGEST,
        },
    },
    "POST /v1/bills": {
        "asked": {"voyage": QUOTE, "holder": "GHAFAEA0", "kg": 50000, "document": _DIGEST},
    },
    "PUT /v1/pvp/terms": {
        "asked": {
            "participant": "GHAFAEA0",
            "currency": "AED",
            "short": "1000000.00",
            "haircut_bp": 1000,
            "aggregate": "2500000.00",
        },
    },
    "PUT /v1/pvp/pay-ins": {
        "asked": {
            "participant": "GHAFAEA0",
            "currency": "AED",
            "steps": [
                {"due_at": "2026-11-24T09:00:00Z", "share_bp": 5000},
                {"due_at": "2026-11-24T12:00:00Z", "share_bp": 10000},
            ],
        },
    },
    "PUT /v1/fx/caps/{asset}": {"asked": {"cap": "250000.00"}},
    "POST /v1/fx/batches": {"asked": {"kind": "fx_reference"}},
    "POST /v1/fx/rates/confirm": {
        "asked": {"base": "AED", "quote": "INR", "kind": "market", "at": "2026-11-23T08:00:00Z"},
    },
    "POST /v1/set-off/claims": {
        "asked": {
            "debtor": "GHAFAEA0",
            "creditor": "TAMRINB0",
            "amount": {"asset": "AED", "value": "1000.00"},
            "due_on": "2026-12-31",
            "document_hash": _DIGEST,
        },
    },
    "POST /v1/set-off/batches": {"asked": {"currency": "AED"}},
    "PUT /v1/throughput/rules/{asset}": {
        "asked": {
            "checkpoints": [{"by": "10:00", "share_bp": 3000}, {"by": "16:00", "share_bp": 8500}],
            "steps": [{"missed_from": 1, "publish": True}, {"missed_from": 2, "fee": "30.00", "ranks": 1}],
            "entry_fee": "0.02",
            "discounts": [{"before": "10:00", "share_bp": 5000}],
        },
    },
    "PUT /v1/surplus/offers": {
        "asked": {"amount": {"asset": "INR", "value": "1000.00"}, "wanted": "AED"},
    },
    "PUT /v1/set-off/rule": {"asked": {"allowed": True}},
    "PUT /v1/credit-lines": {
        "asked": {
            "kind": "member", "currency": "AED", "partner": "STAGINB0", "cap": "1000000.00", "age_limit_days": 90,
            "rate_bp": 250,
        },
    },
    "POST /v1/fund": {"asked": {"amount": {"asset": "AED", "value": "250000.00"}}},
    "POST /v1/redeem": {"asked": {"amount": {"asset": "AED", "value": "100.00"}}},
    "POST /v1/offers/{uetr}": {"asked": {"answer": "accept"}},
    "POST /v1/payments/{uetr}/cancel": {"asked": {"reason": "CUST"}},
    "POST /v1/payments/{uetr}/credited": {"asked": {"credited": True}},
    "POST /v1/payments/{uetr}/consent": {"asked": {"quote_id": QUOTE}},
    "POST /v1/issue": {
        "asked": {"participant": "GHAFAEA0", "amount": {"asset": "AED", "value": "1000.00"}, "reference": "LOCK-1"},
    },
    "POST /v1/members": {
        "asked": {"code": "NO", "name": "Norland", "asset": "NOK", "scale": 2, "settlement_agent": "STAGNOO0"},
    },
    "POST /v1/participants": {
        "asked": {"bic": "FJORNOO0", "member": "NO", "name": "Fjord Bank", "currencies": ["AED", "INR"]},
    },
    "POST /v1/system-keys": {
        "asked": {"actor": "k-ghaf-core", "owner": "GHAFAEA0", "roles": ["maker"], "holder": "p-ana"},
    },
    "POST /v1/reserve-statements": {
        "asked": {
            "asset": "AED",
            "statement": "2026-11-23",
            "until_at": "2026-11-23T14:00:00Z",
            "closing": "250000.00",
            "items": [{"reference": "LOCK-1", "value": "250000.00"}],
        },
    },
    "POST /v1/reservations": {
        "asked": {
            "source": "GHAFAEA0/AED",
            "target": "SIDRAEA0/AED",
            "amount": {"asset": "AED", "value": "500.00"},
            "deadline_at": "2026-11-23T12:00:00Z",
        },
    },
    "POST /v1/packs": {
        "asked": {
            "kind": "codes",
            "id": "purposes",
            "version": "2026-11",
            "content": "{}",
            "digest": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        },
    },
    "POST /v1/rule-packs": {
        "asked": {
            "kind": "jurisdiction",
            "id": "ae/rules",
            "version": "2026-11",
            "content": "{}",
            "digest": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        },
    },
    "POST /v1/persons": {"asked": {"actor": "p-ana", "owner": "GHAFAEA0", "roles": ["maker"]}},
    "PATCH /v1/participants/{bic}/settings": {
        "asked": {"accepts": {"AED": "any"}, "lines": {"AED": "1000000.00"}, "outside_hours": "refuse"},
    },
    "POST /v1/approvals/{proposal}/approve": {"asked": {"shown": _DIGEST}},
    "POST /v1/api-keys": {"asked": {"label": "payment system", "scopes": ["pay", "read"], "days": 90}},
    "POST /v1/sessions": {"asked": {"person": "p-ana", "password": "correct horse battery", "code": "287082"}},
    "POST /v1/sandbox/advance": {"asked": {"to": "PT15M"}},
}  # fmt: skip
