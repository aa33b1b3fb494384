"""The official client, held to what mail needs: no redirects, a timeout, nothing logged, and
connections that are used again."""

import logging
from http.client import HTTPException
from typing import Any
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from python_http_client.client import Client as HttpClient
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient

from tigc_mail.delivery.providers.sendgrid.answers import (
    Answer,
    accepted_or_not,
    unanswered,
    unreachable,
)
from tigc_mail.delivery.providers.sendgrid.connections import Connections
from tigc_mail.delivery.providers.sendgrid.options import SendGridOptions

JSON = "application/json; charset=utf-8"
"""With it, the official client sends the text that it is given instead of writing JSON itself."""


class Client:
    """Posts to `mail/send`. Several threads may do so at the same time.

    Args:
        options: the host, the key and so on.
    """

    def __init__(self, options: SendGridOptions) -> None:
        self._sandbox = options.sandbox
        logging.getLogger("python_http_client.client").addFilter(_holds_no_secret)
        api = SendGridAPIClient(options.key.get_secret_value())
        headers = api.client.request_headers | {"Content-Type": JSON}
        self._connections = Connections()
        opener = build_opener(_NoRedirects, *self._connections.handlers())
        self._http = _Strict(
            options.url, headers, version=3, timeout=options.timeout, opener=opener
        )

    def post(self, body: str) -> Answer:
        """Send one request, and return what became of its messages.

        Raises:
            ProviderError: if none of them was sent.
        """
        try:
            response = self._http.mail.send.post(request_body=body)
        except HTTPError as error:
            status, headers, content = error.status_code, error.headers, error.body
        except URLError as error:  # raised while connecting and sending, never while reading
            raise unreachable(error.reason) from None
        except (OSError, HTTPException) as error:
            return unanswered(error)
        else:
            status, headers, content = response.status_code, response.headers, response.body
        return accepted_or_not(status, headers, content, sandbox=self._sandbox)

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow none: the key would go where it leads."""


class _Strict(HttpClient):  # type: ignore[misc]
    """The package's client with an opener of ours."""

    def __init__(self, *told: Any, opener: OpenerDirector, **options: Any) -> None:
        super().__init__(*told, **options)
        self._opener = opener

    def _build_client(self, name: str | None = None) -> "_Strict":
        return _Strict(
            self.host,
            self.request_headers,
            self._version,
            [*self._url_path, name] if name else self._url_path,
            timeout=self.timeout,
            opener=self._opener,
        )

    def _make_request(
        self, _opener: OpenerDirector, request: Request, timeout: float | None = None
    ) -> Any:
        return super()._make_request(self._opener, request, timeout)


def _holds_no_secret(record: logging.LogRecord) -> bool:
    """Let no record pass that may hold a key or an address: those for debugging do."""
    return record.levelno > logging.DEBUG
