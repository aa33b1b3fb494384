"""The second guard: reads a compiled message once more before it may be sent.

It shares no code with what chooses the content of a message (`content/tailoring.py`): it asks the
edition as loaded what an audience must not read, reads the message as a mail program would, and
compares the two.
"""

from tigc_mail.delivery.guard.guard import Guard

__all__ = ["Guard"]
