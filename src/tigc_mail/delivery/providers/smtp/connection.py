"""One connection to a server, on which messages follow one another (RFC 5321, RFC 2920)."""

import re
import select
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import monotonic
from typing import Protocol

from tigc_mail.delivery.providers.protocol import Envelope, Receipt
from tigc_mail.delivery.providers.smtp.answers import Answer, answer_of, receipt_of
from tigc_mail.delivery.providers.smtp.options import Server
from tigc_mail.delivery.providers.smtp.session import (
    CREDENTIALS,
    open_session,
    wants_credentials,
    why,
)
from tigc_mail.errors import ProviderError

MAX_LINE = 4096
"""The longest line of an answer in bytes; RFC 5321 (4.5.3.1.5) allows 512."""

MAX_LINES = 100
"""How many lines an answer has at most."""

IDLE = 10.0
"""Seconds after which a connection is asked whether it is still there, before it is used."""

_REPLY = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?\r?\n", re.DOTALL)
_MAILBOX = re.compile(
    r'(?:"(?:[^"\\\x00-\x1f\x7f-\x9f]|\\[^\x00-\x1f\x7f-\x9f])*"|[^\s<>"\\@\x00-\x1f\x7f-\x9f]+)'
    r'@[^\s<>"\\@\x00-\x1f\x7f-\x9f]+'
)
"""What may stand between the angle brackets of MAIL and RCPT without leaving them."""


class DroppedError(Exception):
    """The connection ended, or nobody knows any more what an answer on it belongs to."""


@dataclass(frozen=True)
class Letter:
    """A message on its way."""

    envelope: Envelope
    content: bytes
    tries: int = 0
    """How many connections ended on it before it was sent."""
    answered: int | None = None
    """How many letters had been answered when a connection first ended before it was sent."""

    @property
    def international(self) -> bool:
        """Whether it needs SMTPUTF8 (RFC 6531): for an address, or for its headers (RFC 6532)."""
        envelope = self.envelope
        if not (envelope.sender.isascii() and envelope.recipient.isascii()):
            return True
        head = self.content if self.content.isascii() else self.content.partition(b"\r\n\r\n")[0]
        return not head.isascii()

    def again(self, answered: int, *, guilty: bool) -> "Letter":
        """Return it after one more connection ended before it was sent.

        Args:
            answered: how many letters have been answered so far.
            guilty: whether the connection ended on it.
        """
        first = answered if self.answered is None else self.answered
        return replace(self, tries=self.tries + guilty, answered=first)


class Letters(Protocol):
    """Where letters come from, and where what became of them goes."""

    def take(self) -> Letter | None:
        """Return the next letter, if there is one."""

    def answer(self, receipt: Receipt) -> None:
        """Tell what became of a letter."""


class Connection:
    """A connection that the server has greeted.

    When `carry` raises, `held` are the letters that surely were not sent, and `sent` is the one
    that was handed over whole and not answered.

    Args:
        server: which server.

    Raises:
        UnavailableError: if it cannot be reached now.
        ProviderError: if it cannot be used like this.
    """

    def __init__(self, server: Server) -> None:
        client = open_session(server)
        assert client.sock is not None  # noqa: S101 (it is connected)
        self._server = server
        self._client = client
        self._socket = client.sock
        # The end of a message must not wait until the server acknowledged its beginning.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._tls = isinstance(client.sock, ssl.SSLSocket)
        self._file = client.file or client.sock.makefile("rb")
        self._pipelining = client.has_extn("pipelining")
        self._eight_bit = client.has_extn("8bitmime")
        self._utf8 = client.has_extn("smtputf8")
        self._sizes = client.has_extn("size")
        told = client.esmtp_features.get("size", "")
        self._largest = int(told) if told.isascii() and told.isdigit() else 0
        self._reset_due = False
        self._used = monotonic()
        self._carried = 0
        self._settled = False
        """Whether it has answered for a letter since it was opened."""
        self._heard = False
        """Whether a command of the first letter held was answered, and not with 421."""
        self.held: list[Letter] = []
        self.sent: Letter | None = None

    @property
    def worn(self) -> bool:
        """Whether it has carried as many messages as it may."""
        return self._carried >= self._server.options.messages_per_connection

    @property
    def blames(self) -> bool:
        """Whether it ended on the first letter held: not where it had just answered for another,
        and not a word to this one, as servers do that take so many messages a connection.
        """
        return self.sent is None and (self._heard or not self._settled)

    def alive(self) -> bool:
        """Return whether it can be used again: the server has not closed it meanwhile."""
        ready = select.poll()  # select() knows no descriptor above 1023
        ready.register(self._socket, select.POLLIN)
        if ready.poll(0):
            return False  # the server said something unasked: that it closes, or that it closed
        if monotonic() - self._used < IDLE:
            return True
        try:
            self._write(b"NOOP\r\n")
            return self._read().kind == 2
        except DroppedError:
            return False

    def carry(self, letters: Letters) -> None:
        """Hand over letters until there are none, or this connection is worn.

        Raises:
            DroppedError: if the connection ended.
            ProviderError: if the server will take no message from this sender.
        """
        self._begin(self._pick(letters))
        while self.held:
            letter = self.held[0]
            refusal = self._refusal(letter)
            if refusal is None:
                self._deliver(letter, letters)
            else:
                self._settle(letter, receipt_of(refusal, letter.envelope), letters)
                self._begin(self._pick(letters))
        self._used = monotonic()

    def close(self) -> None:
        """End it without a word."""
        with suppress(OSError):
            self._file.close()
        self._client.close()

    def quit(self) -> None:
        """End it politely."""
        with suppress(DroppedError, OSError):
            self._socket.settimeout(min(self._server.options.timeout, 5))
            self._write(b"QUIT\r\n")
            self._read()
        self.close()

    # One message

    def _pick(self, letters: Letters) -> Letter | None:
        """Take the next letter that this server can take, and answer for those that it cannot."""
        if self._carried + len(self.held) >= self._server.options.messages_per_connection:
            return None
        while (letter := letters.take()) is not None:
            reason = self._unfit(letter)
            if reason is None:
                self.held.append(letter)
                return letter
            letters.answer(Receipt(letter.envelope.delivery_id, "rejected", reason=reason))
        return None

    def _unfit(self, letter: Letter) -> str | None:
        """Return why a letter cannot be handed to this server."""
        envelope, size = letter.envelope, len(letter.content)
        if not _MAILBOX.fullmatch(envelope.recipient):
            return "the address holds characters that must not stand in one"
        if envelope.sender and not _MAILBOX.fullmatch(envelope.sender):
            return "the sender's address holds characters that must not stand in one"
        if self._largest and size > self._largest:
            return f"the message has {size} bytes, and the server takes {self._largest} at most"
        if letter.international and not self._utf8:
            return "the address or a header is not ASCII, and the server has no SMTPUTF8"
        if not letter.content.isascii() and not (self._eight_bit or self._utf8):
            return "the message is not ASCII, and the server has no 8BITMIME"
        return None

    def _commands(self, letter: Letter) -> Sequence[bytes]:
        """Return MAIL, RCPT and DATA for a letter; RSET before them where something was refused."""
        envelope = letter.envelope
        mail = f"MAIL FROM:<{envelope.sender}>"
        if self._sizes:
            mail += f" SIZE={len(letter.content)}"
        if not letter.content.isascii():
            mail += " BODY=8BITMIME"
        if letter.international:
            mail += " SMTPUTF8"
        commands = [mail.encode(), f"RCPT TO:<{envelope.recipient}>".encode(), b"DATA"]
        return [b"RSET", *commands] if self._reset_due else commands

    def _begin(self, letter: Letter | None) -> None:
        """Send the commands of a letter, if they may all go at once."""
        if letter is not None and self._pipelining:
            self._write(b"\r\n".join([*self._commands(letter), b""]))

    def _refusal(self, letter: Letter) -> Answer | None:
        """Read the answers to the commands of a letter; return the first that refuses it.

        Without PIPELINING each command waits for the answer to the one before, and none follows
        one that was refused.
        """
        refusal: Answer | None = None
        answer: Answer | None = None
        for command in self._commands(letter):
            if refusal is not None and not self._pipelining:
                break
            if not self._pipelining:
                self._write(command + b"\r\n")
            answer = self._read()
            if answer.code == 421:
                raise DroppedError(answer.told(letter.envelope.recipient))
            self._heard = command != b"RSET" or self._heard
            if command == b"RSET":
                self._reset_due = False
            if refusal is None and answer.kind != (3 if command == b"DATA" else 2):
                refusal = self._judged(command, answer)
        if refusal is not None:
            if answer is not None and answer.kind == 3:  # DATA with no recipient (RFC 2920, 3.1)
                self._write(b".\r\n")
                self._read()
            self._reset_due = True
        return refusal

    def _judged(self, command: bytes, answer: Answer) -> Answer:
        """Return a refusal of one letter; raise where it is one of all of them."""
        if answer.kind not in (4, 5) or command == b"RSET":
            raise DroppedError(f"an answer makes no sense: {answer.told()}")
        sender = command.startswith(b"MAIL") and answer.kind == 5
        content = answer.oversized or answer.enhanced.startswith("5.6.")
        if answer.code in CREDENTIALS:
            raise wants_credentials(self._server, answer)
        if sender and not content:
            cause = f"the server refuses the sender: {answer.told()}"
            cure = "Check that this account may send as the sender of the audience."
            raise ProviderError(cause, self._server.place, cure)
        return answer

    def _deliver(self, letter: Letter, letters: Letters) -> None:
        """Send a letter whose recipient was taken, and with its end the commands of the next."""
        following = self._pick(letters)
        ahead = following if self._pipelining else None
        early = self._hand_over(letter, self._commands(ahead) if ahead else ())
        if early is not None:
            self._settle(letter, receipt_of(early, letter.envelope), letters)
            raise DroppedError(early.told(letter.envelope.recipient))
        self.held.remove(letter)
        self.sent = letter
        self._carried += 1
        self._socket.settimeout(self._server.options.answer_timeout)
        answer = self._read()
        self._socket.settimeout(self._server.options.timeout)
        if answer.kind == 3:
            raise DroppedError(f"an answer makes no sense: {answer.told()}")
        self.sent = None
        self._settled, self._heard = True, False
        letters.answer(receipt_of(answer, letter.envelope))
        if answer.code == 421:
            raise DroppedError(answer.told(letter.envelope.recipient))

    def _hand_over(self, letter: Letter, commands: Sequence[bytes]) -> Answer | None:
        """Send a message with its final dot, then commands.

        Returns:
            The answer of a server that refused the message before it was whole.

        Raises:
            DroppedError: if it was surely not sent.
        """
        content = letter.content.replace(b"\n.", b"\n..")  # RFC 5321, 4.5.2
        if content.startswith(b"."):
            content = b"." + content
        if not content.endswith(b"\r\n"):
            content += b"\r\n"
        tail = b"\r\n".join([b".", *commands, b""])
        whole = len(content) + 3
        # TLS does not tell how much of a failed write went out, but a record that did not go out
        # whole cannot be read; so the dot begins a record of its own.
        parts = (content, tail) if self._tls else (content + tail,)
        gone = 0
        try:
            for part in parts:
                view = memoryview(part)
                while view:
                    count = self._socket.send(view)
                    gone += count
                    view = view[count:]
        except OSError as error:
            return None if gone >= whole else self._last_words(error)
        return None

    def _last_words(self, error: OSError) -> Answer:
        """Return the answer of a server that hung up in the middle of a message."""
        try:
            answer = self._read()
        except DroppedError:
            raise DroppedError(why(error)) from error
        if answer.code == 421 or answer.kind not in (4, 5):
            raise DroppedError(answer.told()) from error
        return answer

    def _settle(self, letter: Letter, receipt: Receipt, letters: Letters) -> None:
        self.held.remove(letter)
        self._settled, self._heard = True, False
        letters.answer(receipt)

    # Reading and writing

    def _write(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise DroppedError(why(error)) from error

    def _read(self) -> Answer:
        """Return the next answer.

        Raises:
            DroppedError: if none comes, or one that cannot be read.
        """
        lines = []
        for _ in range(MAX_LINES):
            try:
                line = self._file.readline(MAX_LINE)
            except OSError as error:
                raise DroppedError(why(error)) from error
            found = _REPLY.fullmatch(line)
            if found is None:
                cause = "an answer cannot be read" if line else "the server closed the connection"
                raise DroppedError(cause)
            lines.append((found[3] or b"").decode(errors="replace"))
            if found[2] != b"-":
                return answer_of(int(found[1]), lines)
        raise DroppedError("an answer has no end")
