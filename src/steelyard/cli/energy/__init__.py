"""`steelyard energy`: a file for each of its nouns."""
