"""Rows of the directory: assets, accounts, members, persons, packs, rules, limits."""

from steelyard.flows import facts
from steelyard.storage.rows.statement import FIRST, Handlers, Statements, put, simple

STATEMENTS: Statements = {
    "asset": put("asset", "asset_no code class scale issuer key", "asset_no"),
    "account": put("account", "account_no name owner asset_no kind state key", "account_no"),
    "account.changed": "UPDATE account SET state = ?, floor_minor = ?, ceiling_minor = ?, key = ?"
    " WHERE account_no = ?",
    "member": put("member", "code asset settlement_agent state changed_at key", "code"),
    "participant": put("participant", "bic member state reason changed_at key", "bic"),
    "actor": put("actor", "actor owner kind roles state holder changed_at key", "actor owner"),
    "approval": put(
        "approval",
        "proposal state command owner maker shown expires_at decided_by entered_at changed_at entered n",
        "proposal",
        keep=FIRST,
    ),
    "calendar": put("calendar", "asset revision in_force_from key", "asset revision"),
    "pack": put("pack", "kind pack_id version digest in_force_from key", "kind pack_id version"),
    "rule": put("rule", "rule from_at key", "rule"),
    "limit": put("own_limit", "limit_no owner kind asset cap_minor other key", "limit_no"),
    "setting": put("setting", "owner name value key", "owner name"),
}

HANDLERS: Handlers = {
    facts.AssetOpened: simple("asset", "asset_no", "code", "asset_class", "scale", "issuer", "key"),
    facts.AccountOpened: lambda added, fact, key, n, at: added.upserts.append(
        ("account", (fact.account_no, fact.name, fact.owner, fact.asset_no, fact.kind, "open", key))
    ),
    facts.AccountChanged: lambda added, fact, key, n, at: added.upserts.append(
        ("account.changed", (fact.state, str(fact.floor_minor), str(fact.ceiling_minor), key, fact.account_no))
    ),
    facts.MemberMoved: simple("member", "code", "asset", "settlement_agent", "state", "at", "key"),
    facts.ParticipantMoved: simple("participant", "bic", "member", "state", "reason", "at", "key"),
    facts.ActorChanged: simple("actor", "actor", "owner", "kind", "roles", "state", "holder", "at", "key"),
    facts.ApprovalMoved: simple(
        "approval", "proposal", "state", "command", "owner", "maker", "shown", "expires_at", "decided_by",
        "at", "at", "key", "n",
    ),
    facts.CalendarAmended: simple("calendar", "asset", "revision", "in_force_from", "key"),
    facts.PackLoaded: simple("pack", "kind", "pack_id", "version", "digest", "in_force_from", "key"),
    facts.RuleActivated: simple("rule", "rule", "from_at", "key"),
    facts.LimitSet: simple("limit", "limit_no", "owner", "kind", "asset", "cap_minor", "other", "key"),
    facts.SettingChanged: lambda added, fact, key, n, at: added.upserts.append(
        ("setting", (fact.owner, fact.name, bytes(fact.value), key))
    ),
}  # fmt: skip
