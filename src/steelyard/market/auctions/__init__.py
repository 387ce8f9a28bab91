"""Ways of selling that gather bids first and trade then: one file for each."""
