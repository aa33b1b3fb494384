"""The account adds up at every moment, and verify says what does not."""
