"""Transit accounts are empty between bundles."""

from steelyard.engine.accounts import AccountKind
from steelyard.engine.state import Engine


def broken(engine: Engine, accounts: range) -> str | None:
    """Say which transit account holds something."""
    for account_no in accounts:
        account = engine.accounts[account_no]
        assert account is not None
        if account.kind == AccountKind.TRANSIT and (
            account.signed or account.debits_reserved != account.credits_reserved
        ):
            return f"transit account {account_no} is not empty"
    return None
