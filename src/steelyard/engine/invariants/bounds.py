"""No account lies outside its bounds by an accepted bundle.

A bound may be set inside present use, so only accounts whose settings never changed are looked at.
"""

from steelyard.engine.state import Engine


def broken(engine: Engine, accounts: range) -> str | None:
    """Say which account is below its lower or above its upper bound."""
    for account_no in accounts:
        account = engine.accounts[account_no]
        assert account is not None
        if account.version == 1:
            if account.signed - account.debits_reserved < account.low:
                return f"account {account_no} is below its lower bound"
            if account.signed + account.credits_reserved > account.high:
                return f"account {account_no} is above its upper bound"
    return None
