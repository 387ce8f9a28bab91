"""The central counterparty: positions, margins, collateral, default fund, and what happens when somebody fails."""
