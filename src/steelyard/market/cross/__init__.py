"""What one order book in many currencies is made of: quotes, conversion, sub-books, heads, the call."""
