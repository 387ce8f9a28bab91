"""Cases about the market: order books, and one small adapter for each group of function cases."""
