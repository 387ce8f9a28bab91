"""Why the market says no: one enum for each noun."""
