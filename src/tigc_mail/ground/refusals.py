"""What databases refuse, told as one error that says where, why and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from tigc_mail.errors import StoreError

SETTING = "database_url"
"""The setting that says which database; where it was taken from, the caller of an engine knows."""


@contextmanager
def store_errors(engine: Engine) -> Iterator[None]:
    """Turn what the database refuses into a `StoreError` that says what to do.

    Faults of our own statements (constraints, syntax) pass, but for the values in them.
    """
    try:
        yield
    except DBAPIError as error:
        _forget_values(error)
        code = getattr(error.orig, "sqlstate", None)
        known = _explain((f"[{code}]" if code else str(error.orig)).lower())
        if known is None:
            raise
        raise StoreError(known[0], place(engine), known[1]) from error


def _forget_values(error: DBAPIError) -> None:
    """Leave of what PostgreSQL says the first line: the others tell whole rows, with addresses."""
    said = getattr(getattr(error.orig, "diag", None), "message_primary", None)
    if error.orig is not None and said is not None:
        error.orig.args = (said,)
        error.args = (f"({type(error.orig).__name__}) {said}",)


def place(engine: Engine) -> str:
    """Return where a database is: its file, or the setting with the server's name; no secret."""
    url = engine.url
    if url.get_backend_name() == "sqlite":
        return url.database or str(url)
    setting = engine.get_execution_options().get("setting", SETTING)
    hosts = url.host or url.query.get("host") or "this machine"
    host = hosts if isinstance(hosts, str) else " or ".join(hosts)
    return f"{setting} ({url.database or url.username} on {host})"


_KNOWN = (
    (
        ("readonly", "read-only", "[25006]"),
        "the database is read-only",
        "Give yourself the right to write.",
    ),
    (
        ("unable to open",),
        "the database cannot be opened",
        "Check that its folder exists and can be written to.",
    ),
    (
        ("not a database",),
        "is not a database of ours",
        "Move it away, or name another one.",
    ),
    (
        ("malformed",),
        "the database is damaged",
        "Stop what uses it, and put back a copy of it.",
    ),
    (
        ("is full", "[53100]"),
        "the disk is full",
        "Free some space and run the same command again.",
    ),
    (
        ("no such table", "no such column", "already exists", "[42p01]", "[42703]"),
        "is not a whole database of ours",
        "Put back a copy of it, or name another one.",
    ),
    (
        ("disk i/o error", "[58030]"),
        "the disk does not take writes",
        "Check the disk, then run the same command again.",
    ),
    (
        ("is locked", "[55p03]"),
        "another program holds the database",
        "Wait for it to end, then try again.",
    ),
    (
        ("[42501]",),
        "the database does not let this user do that",
        "Give the user the right to read, write and create tables.",
    ),
    (
        ("password authentication failed", "no password supplied", "[28p01]"),
        "the server does not take this user's password",
        "Set TIGC_MAIL_DATABASE_URL to the URL with the right one.",
    ),
    (
        ("no pg_hba.conf entry", "role ", "authentication failed", "[28000]"),
        "the server does not let this user in",
        "Check the name of the user, and what the server lets in.",
    ),
    (
        ("[3d000]", '" does not exist'),
        "the server has no such database",
        "Make it (createdb), or name another one.",
    ),
    (
        ("too many clients", "remaining connection slots", "too many connections", "[53300]"),
        "the server has no connection left",
        "Close some, or have it allow more; then run the same command again.",
    ),
    (
        ("[57p", "server closed the connection", "connection is lost", "connection is closed"),
        "the server ended the connection",
        "See that it runs, then run the same command again.",
    ),
    (
        ("starting up", "shutting down", "connection refused", "no such file or directory"),
        "no server takes connections there",
        "Start it, or correct the host and the port.",
    ),
    (
        ("could not translate host name", "failed to resolve host", "name or service not known"),
        "there is no host of this name",
        "Correct the host.",
    ),
    (
        ("invalid connection option", "invalid uri query", "invalid dsn"),
        "its URL has an option that PostgreSQL does not know",
        "Correct the part behind the question mark.",
    ),
    (
        ("connection failed", "connection timeout", "connection timed out", "could not connect"),
        "the server cannot be reached",
        "Check the host, the port and its certificate, or ask who runs it.",
    ),
)
"""What databases say, what it means, and the cure; the first that fits counts. What PostgreSQL says
once it is connected is known by its code alone (SQLSTATE, PostgreSQL's appendix A), in brackets."""


def _explain(said: str) -> tuple[str, str] | None:
    for words, cause, cure in _KNOWN:
        if any(word in said for word in words):
            return cause, cure
    return None
