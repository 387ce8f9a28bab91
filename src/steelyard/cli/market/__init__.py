"""`steelyard market`: what the market can do without a node."""
