"""A net debit limit has used what its accounts are below zero, together; no limit is counted by a stranger."""

from steelyard.engine.limits import LimitKind
from steelyard.engine.state import Engine


def broken(engine: Engine, accounts: range) -> str | None:
    """Say which limit's use differs from its accounts; the share does not matter."""
    used = dict.fromkeys(engine.limits, 0)
    for account in engine.accounts[1:]:
        assert account is not None
        for limit_no in account.limits:
            if limit_no not in used:
                return f"account {account.account_no} names limit {limit_no}, which is not there"
            used[limit_no] += account.debits_reserved - account.signed
    for limit_no, limit in engine.limits.items():
        if limit.kind == LimitKind.NET_DEBIT and limit.used != used[limit_no]:
            return f"limit {limit_no} has used {limit.used}, its accounts say {used[limit_no]}"
        if limit.kind == LimitKind.FLOW and limit.used < 0:
            return f"limit {limit_no} has used less than nothing"
    return None
