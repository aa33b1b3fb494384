"""Coming into conversation with a server: connect, greet, TLS, authentication; or why not.

The standard library's client does the talking here. What goes wrong becomes an error that says
whose turn it is: `UnavailableError` where waiting helps, `ProviderError` where somebody must act.
"""

import smtplib
import socket
import ssl
from base64 import b64encode
from functools import cache
from ipaddress import ip_address

from tigc_mail.delivery.providers.smtp.answers import Answer, answer_of
from tigc_mail.delivery.providers.smtp.options import VARIABLE, Server
from tigc_mail.errors import ProviderError, UnavailableError

CREDENTIALS = frozenset({530, 534, 535, 538})
"""Codes that say that credentials lack, or are refused (RFC 4954, section 6)."""


def open_session(server: Server) -> smtplib.SMTP:
    """Return a client that the server has greeted and, where there are credentials, let in.

    Raises:
        UnavailableError: if the server cannot be reached now, or asks to come back later.
        ProviderError: if it never will work like this: no such host, a certificate that is not
            trusted, no TLS where it is required, credentials that are refused.
    """
    try:
        client = _connect(server)
        try:
            _greet(client)
            if _turns_to_tls(client, server):
                client.starttls(context=server.context)
                _greet(client)
            if server.user:
                _authenticate(client, server)
        except BaseException:
            client.close()
            raise
    except smtplib.SMTPResponseException as error:
        raise _refused(server, _answer(error.smtp_code, error.smtp_error)) from None
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise _failed(server, error) from error
    return client


def _connect(server: Server) -> smtplib.SMTP:
    options = server.options
    name = options.ehlo_name or _own_name()
    if server.implicit_tls:
        return smtplib.SMTP_SSL(
            server.host, server.port, name, timeout=options.timeout, context=server.context
        )
    return smtplib.SMTP(server.host, server.port, name, timeout=options.timeout)


@cache
def _own_name() -> str:
    """Return the name of this machine, or an address where it has no name of two parts."""
    name = socket.getfqdn()
    return name if "." in name else "[127.0.0.1]"


def _greet(client: smtplib.SMTP) -> None:
    """Say EHLO, or HELO to a server that does not know it (RFC 5321, 3.2)."""
    client.ehlo_or_helo_if_needed()


def _turns_to_tls(client: smtplib.SMTP, server: Server) -> bool:
    wanted = server.options.starttls or ("offered" if _on_loopback(client) else "required")
    if server.implicit_tls or wanted == "never":
        return False
    if client.has_extn("starttls"):
        return True
    if wanted == "required":
        cause = "does not offer STARTTLS, and it is required"
        cure = 'Take another port or smtps://; with starttls = "offered" it goes in clear text.'
        raise ProviderError(cause, server.place, cure)
    return False


def _authenticate(client: smtplib.SMTP, server: Server) -> None:
    if not isinstance(client.sock, ssl.SSLSocket) and not _on_loopback(client):
        cause = "no TLS, and a password is not sent without"
        raise ProviderError(cause, server.place, "Take smtps://, or a port that offers STARTTLS.")
    offered = client.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        secret = b64encode(f"\0{server.user}\0{server.password}".encode()).decode()
        answer = _answer(*client.docmd("AUTH", f"PLAIN {secret}"))
        if answer.kind != 2:
            raise _refused(server, answer)
    elif "LOGIN" in offered and (server.user + server.password).isascii():
        client.user, client.password = server.user, server.password
        client.auth("LOGIN", client.auth_login)
    else:
        cause = f"offers no way to authenticate that is known ({', '.join(offered) or 'none'})"
        cure = "AUTH PLAIN or LOGIN is needed; maybe it is offered on another port."
        raise ProviderError(cause, server.place, cure)


def _on_loopback(client: smtplib.SMTP) -> bool:
    return client.sock is not None and ip_address(client.sock.getpeername()[0]).is_loopback


def _answer(code: int, said: bytes | str) -> Answer:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return answer_of(code, text.split("\n"))


def _refused(server: Server, answer: Answer) -> ProviderError:
    """Return the error for an answer that ends a conversation before the first message."""
    told = answer.told(server.user)
    if answer.kind == 4:
        return UnavailableError(f"the server asks to come later: {told}", server.place)
    if answer.code in CREDENTIALS:
        return wants_credentials(server, answer)
    if answer.kind == 5:
        cure = "Ask who runs the server whether this machine may send through it."
        return ProviderError(f"the server refuses to serve: {told}", server.place, cure)
    cure = f"Check host and port in {VARIABLE}."
    return ProviderError(f"what answers is not a mail server: {told}", server.place, cure)


def wants_credentials(server: Server, answer: Answer) -> ProviderError:
    """Return the error for an answer that credentials lack, or are not those of the account."""
    told = answer.told(server.user)
    if not server.user:
        cure = f"Set {VARIABLE} with user and password: smtp://USER:PASSWORD@HOST:PORT."
        return ProviderError(f"the server wants credentials: {told}", server.place, cure)
    cure = f"Check user and password in {VARIABLE}, and whether the account may send."
    return ProviderError(f"the credentials are refused: {told}", server.place, cure)


def _failed(server: Server, error: Exception) -> ProviderError:
    """Return the error for a conversation that broke before the first message."""
    check = f"Check host, port and scheme in {VARIABLE}."
    match error:
        case ssl.SSLCertVerificationError():
            cause = f"its certificate is not trusted: {error.verify_message.rstrip('.')}"
            cure = "Take the name in the certificate as host, or name its authority as ca_file."
            return ProviderError(cause, server.place, cure)
        case socket.gaierror() if error.errno != socket.EAI_AGAIN:
            return ProviderError("there is no host of that name", server.place, check)
        case UnicodeError():
            return ProviderError("that is no name of a host", server.place, check)
        case ssl.SSLEOFError() | TimeoutError():
            pass
        case ssl.SSLError():
            cause = f"does not speak TLS as it should: {error.reason or 'no reason given'}"
            return ProviderError(cause, server.place, f"smtps:// wants TLS at once. {check}")
        case _:
            pass
    return UnavailableError(f"cannot be reached: {why(error)}", server.place, check)


def why(error: Exception) -> str:
    """Return why a connection broke, in a few words."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "the server closed the connection"
