"""`steelyard vectors`: cases with known answers, each format judged by the functions that the system runs on."""
