"""The SMTP provider: hands complete messages to a mail server (RFC 5321), several at a time.

- `options`: which server, and how it is spoken to; from URL, settings and environment.
- `answers`: what a server's answers mean for a delivery, told without addresses.
- `session`: coming into conversation with a server.
- `connection`: one connection, on which messages follow one another.
- here: the connections of a send, and who works on what.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from threading import Lock
from typing import Literal

from tigc_mail.delivery.providers.protocol import Form, Opening, Receipt, Shipment
from tigc_mail.delivery.providers.smtp.connection import Connection, DroppedError, Letter
from tigc_mail.delivery.providers.smtp.options import Server, server_of
from tigc_mail.errors import ProviderError, UnavailableError


class Smtp:
    """Hands complete messages to a mail server, over several connections at the same time.

    Connections are kept from one shipment to the next. The first of a shipment is opened alone:
    where it fails, the others are not tried.

    Args:
        server: which server, and how it is spoken to.
    """

    name = "smtp"
    idempotent = False
    leaves_machine = True
    discards = False
    takes: Form = "mime"
    largest_shipment = 100

    def __init__(self, server: Server) -> None:
        self._server = server
        self._idle: list[Connection] = []
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(server.options.connections, thread_name_prefix="smtp")

    @classmethod
    def open(cls, opening: Opening) -> "Smtp":
        """Return that of a workspace. Nothing is connected to before the first message.

        Raises:
            ConfigurationError: if the URL or an option is wrong.
        """
        return cls(server_of(opening))

    def send(self, shipment: Shipment) -> Iterator[Receipt]:
        """Hand over every message of the shipment.

        A message on which a connection ended before it was whole is tried once more on another. A
        second time it is postponed where the server took others meanwhile.

        Raises:
            UnavailableError: if the server cannot be reached, or not any more.
            ProviderError: if it refuses the sender or the credentials, or is not trusted.
        """
        errand = _Errand(shipment)
        self._start(errand)
        try:
            yield from errand.receipts()
        finally:
            errand.stop()
            wait(errand.workers)
        errand.end()

    def close(self) -> None:
        """Take leave of the server."""
        self._pool.shutdown()
        while self._idle:
            self._idle.pop().quit()

    def _start(self, errand: "_Errand") -> None:
        """Put one more connection to work, if there is work for it."""
        with self._lock:
            if errand.left and len(errand.workers) < self._server.options.connections:
                errand.begins()
                errand.workers.append(self._pool.submit(self._work, errand))

    def _work(self, errand: "_Errand") -> None:
        """Work on an errand until nothing is left of it, over one connection after the other."""
        try:
            dropped = False
            while errand.left:
                connection = self._connection(fresh=dropped)
                self._start(errand)
                dropped = not self._carry(connection, errand)
        except UnavailableError as error:
            errand.outage = error  # other connections may still work
        except BaseException:
            errand.stop()
            raise
        finally:
            errand.ends()

    def _carry(self, connection: Connection, errand: "_Errand") -> bool:
        """Return whether the connection held until the errand or its own time was over."""
        try:
            connection.carry(errand)
        except DroppedError as dropped:
            connection.close()
            errand.take_back(connection, str(dropped))
            return False
        except BaseException:
            connection.close()
            errand.leave(connection)
            raise
        if connection.worn:
            connection.quit()
        else:
            with self._lock:
                self._idle.append(connection)
        return True

    def _connection(self, *, fresh: bool) -> Connection:
        while not fresh:
            with self._lock:
                if not self._idle:
                    break
                connection = self._idle.pop()
            if connection.alive():
                return connection
            connection.close()
        return Connection(self._server)


_MOST_SILENT = 4
"""Messages in a row without an answer, after which a server is left alone for a while."""


class _Errand:
    """What is left to do of a shipment, and what became of the rest; used by several threads."""

    def __init__(self, shipment: Shipment) -> None:
        self._new = iter(shipment)
        self._back: deque[Letter] = deque()
        self._lock = Lock()
        self._told: SimpleQueue[Receipt | Literal["begins", "ends"]] = SimpleQueue()
        self._stopped = False
        self._answered = 0
        self._silent = 0
        self._size = len(shipment.envelopes)
        self.left = self._size
        """How many letters are to be taken yet."""
        self.workers: list[Future[None]] = []
        self.outage: UnavailableError | None = None
        """Why a connection could not be had, or not any more."""

    # For those who carry

    def take(self) -> Letter | None:
        """Return the next letter, if there is one."""
        with self._lock:
            if not self.left:
                return None
            self.left -= 1
            new = next(self._new, None)  # those on which a connection ended come last
            return self._back.popleft() if new is None else Letter(*new)

    def answer(self, receipt: Receipt) -> None:
        """Tell what became of a letter."""
        with self._lock:
            self._answered += 1
            self._silent = self._silent + 1 if receipt.outcome == "unknown" else 0
        self._told.put(receipt)

    def take_back(self, connection: Connection, reason: str) -> None:
        """Take back what a connection held when it ended.

        Raises:
            UnavailableError: if it was the second to end on a letter, and none was answered since;
                or if messages were taken again and again without an answer.
        """
        first = next(iter(connection.held), None)
        if first is not None:
            connection.held.remove(first)
        self.leave(connection)
        if self._silent >= _MOST_SILENT:
            if first is not None:
                self._put_back(first)
            raise UnavailableError("takes messages and gives no answer", "smtp", "Ask who runs it.")
        if first is None:
            return
        again = first.again(self._answered, guilty=connection.blames)
        twice = connection.blames and again.tries > 1
        if twice and self._answered > (again.answered or 0):
            self.answer(Receipt(first.envelope.delivery_id, "postponed", reason=reason))
            return
        self._put_back(again)
        if twice:
            raise UnavailableError(f"the connection ended twice: {reason}", "smtp")

    def leave(self, connection: Connection) -> None:
        """Take back what a connection held, and answer for what it had sent."""
        if connection.sent is not None:
            reason = "the connection ended between the message and its answer"
            self.answer(Receipt(connection.sent.envelope.delivery_id, "unknown", reason=reason))
        for letter in connection.held:
            self._put_back(letter)

    def _put_back(self, letter: Letter) -> None:
        with self._lock:
            self._back.append(letter)
            self.left += 0 if self._stopped else 1

    # For those who wait

    def begins(self) -> None:
        """Tell that one more works on it; before it does."""
        self._told.put("begins")

    def ends(self) -> None:
        """Tell that one who worked on it is done."""
        self._told.put("ends")

    def receipts(self) -> Iterator[Receipt]:
        """Yield what became of letters, until nobody works on them any more."""
        working = 0
        while self.workers:
            told = self._told.get()
            if isinstance(told, Receipt):
                yield told
            elif told == "begins":
                working += 1
            else:
                working -= 1
                if not working:
                    return

    def stop(self) -> None:
        """Let nobody take another letter."""
        with self._lock:
            self._stopped = True
            self.left = 0

    def end(self) -> None:
        """Raise what went wrong.

        Raises:
            ProviderError: if letters were not sent.
        """
        errors = [error for each in self.workers if (error := each.exception()) is not None]
        for error in sorted(errors, key=lambda each: isinstance(each, ProviderError)):
            raise error
        if self.outage is not None and self._answered < self._size:
            raise self.outage
