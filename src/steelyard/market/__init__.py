"""The market: books, auctions, prices, clearing, receipts and deliveries. Pure: no I/O, no clock, no chance."""
