"""Who is written to: addresses, contacts, consent, segments, audiences, file import."""
