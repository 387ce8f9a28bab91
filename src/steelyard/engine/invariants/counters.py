"""Counters lie between zero and their end."""

from steelyard.engine.accounts import COUNTER_MAX
from steelyard.engine.state import Engine


def broken(engine: Engine, accounts: range) -> str | None:
    """Say which account has a counter out of range."""
    for account_no in accounts:
        account = engine.accounts[account_no]
        assert account is not None
        for name in ("debits_settled", "credits_settled", "debits_reserved", "credits_reserved"):
            if not 0 <= getattr(account, name) <= COUNTER_MAX:
                return f"account {account_no}: {name} is {getattr(account, name)}"
        if (
            max(
                account.debits_settled + account.debits_reserved,
                account.credits_settled + account.credits_reserved,
            )
            > COUNTER_MAX
        ):
            return f"account {account_no}: to settle what is reserved would pass the end of a counter"
    return None
