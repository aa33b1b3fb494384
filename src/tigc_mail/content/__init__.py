"""What is said: editions, their blocks and texts, and what of them each audience gets."""
