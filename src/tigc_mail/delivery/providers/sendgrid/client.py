"""The official client, held to what mail needs: no redirects, a timeout, nothing logged."""

import logging
from http.client import HTTPException, HTTPMessage, HTTPSConnection, InvalidURL
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
)

from python_http_client.client import Client as HttpClient
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient

from tigc_mail.delivery.providers.sendgrid.answers import (
    Answer,
    accepted_or_not,
    unanswered,
    unnamed,
    unreachable,
)
from tigc_mail.delivery.providers.sendgrid.options import SendGridOptions, is_loopback

JSON = "application/json; charset=utf-8"
"""With it, the official client sends the text that it is given instead of writing JSON itself."""


class _Payload(bytes):
    """JSON in UTF-8 for the official client, which encodes what it is given.

    It also writes each body out for its log, wanted or not; this one it cannot: that would take as
    long as to send it, and hold addresses.
    """

    def encode(self, encoding: str) -> "_Payload":  # noqa: ARG002 (the signature is that of a text)
        return self

    def __format__(self, spec: str) -> str:
        return f"{len(self)} octets"


class Client:
    """Posts to `mail/send`. Several threads may do so at the same time.

    Args:
        options: the host, the key and so on.
    """

    def __init__(self, options: SendGridOptions) -> None:
        self._sandbox, self._url = options.sandbox, options.url
        logging.getLogger("python_http_client.client").addFilter(_holds_no_secret)
        api = SendGridAPIClient(options.key.get_secret_value())
        headers = api.client.request_headers | {"Content-Type": JSON}
        proxies: dict[str, str] | None = (
            {} if is_loopback(urlsplit(options.url).hostname or "") else None
        )
        opener = build_opener(_NoRedirects, _Proxies(proxies), _Connections)
        timeout = options.timeout
        self._http = _Strict(opener, options.url, headers, version=3, timeout=timeout)

    def post(self, body: bytes) -> Answer:
        """Send one request, and return what became of its messages.

        Args:
            body: JSON in UTF-8.

        Raises:
            ProviderError: if none of them was sent.
        """
        try:
            response = self._http.mail.send.post(request_body=_Payload(body))
        except HTTPError as error:
            status, headers, content = error.status_code, error.headers, error.body
        except URLError as error:  # raised while connecting and sending, never while reading
            raise unreachable(error.reason, self._url) from None
        except (InvalidURL, UnicodeError):  # raised before anything is connected to
            raise unnamed() from None
        except (OSError, HTTPException) as error:
            return unanswered(error)
        else:
            status, headers, content = response.status_code, response.headers, response.body
        return accepted_or_not(status, headers, content, sandbox=self._sandbox)


class _NoRedirects(HTTPRedirectHandler):
    def http_error_302(self, *_: Any) -> None:
        """Follow none, and do not even read where it leads: the key would go there."""

    http_error_301 = http_error_303 = http_error_302  # type: ignore[assignment]
    http_error_307 = http_error_308 = http_error_302  # type: ignore[assignment]


class _Proxies(ProxyHandler):
    def proxy_open(self, *args: Any) -> Any:
        """Take a proxy whose address is none for what it is: its error would tell its password."""
        try:
            return super().proxy_open(*args)
        except ValueError:
            raise InvalidURL from None


class _Connection(HTTPSConnection):
    def connect(self) -> None:
        """Connect; a proxy that talks nonsense is one more way of not being connected."""
        try:
            super().connect()
        except HTTPException as error:
            raise OSError("the proxy gives no answer that can be read") from error


class _Connections(HTTPSHandler):
    def https_open(self, req: Request) -> Any:
        """Send a request over a connection of our own kind."""
        return self.do_open(_Connection, req)


class _Whole:
    """A response that is read already; where it breaks off, its status still counts."""

    def __init__(self, response: Any) -> None:
        self._status = response.getcode()
        self._headers: HTTPMessage = response.info()
        try:
            self._content = response.read()
        except (OSError, HTTPException):
            self._content = b""

    def getcode(self) -> int:
        return int(self._status)

    def info(self) -> HTTPMessage:
        return self._headers

    def read(self) -> bytes:
        return bytes(self._content)


class _Strict(HttpClient):  # type: ignore[misc]
    """The package's client with an opener of ours.

    Args:
        opener: opens the connections.
        told: what the package's client takes, in order.
        options: the same, by name.
    """

    def __init__(self, opener: OpenerDirector, *told: Any, **options: Any) -> None:
        super().__init__(*told, **options)
        self._opener = opener

    def _build_client(self, name: str | None = None) -> "_Strict":
        return _Strict(
            self._opener,
            self.host,
            self.request_headers,
            self._version,
            [*self._url_path, name] if name else self._url_path,
            timeout=self.timeout,
        )

    def _make_request(
        self,
        opener: OpenerDirector,  # noqa: ARG002 (the package's own follows redirects)
        request: Request,
        timeout: float | None = None,
    ) -> _Whole:
        return _Whole(super()._make_request(self._opener, request, timeout))


def _holds_no_secret(record: logging.LogRecord) -> bool:
    """Let no record pass that may hold a key or an address: those for debugging do."""
    return record.levelno > logging.DEBUG
