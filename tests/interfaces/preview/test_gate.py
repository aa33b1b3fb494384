"""Who is not the browser that was given the address gets nothing."""

import pytest
from starlette.types import ASGIApp
from tests.interfaces.preview.asking import HOST, TOKEN, ask

PATHS = ["/", "/api/overview", "/frame", "/events", "/static/app.js", "/nowhere"]
OWN = ("host", HOST)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("host", "evil.example")],
        [("host", "127.0.0.1")],
        [("host", "127.0.0.1:80")],
        [("host", "127.0.0.1:8765.evil.example")],
        [OWN, ("host", "evil.example")],
        [OWN, ("origin", "http://evil.example")],
        [OWN, ("origin", "https://127.0.0.1:8765")],
        [OWN, ("origin", "null")],
        [OWN, ("origin", f"http://{HOST}"), ("origin", "http://evil.example")],
        [OWN, ("sec-fetch-site", "cross-site")],
        [OWN, ("sec-fetch-site", "same-site")],
    ],
)
def test_a_foreign_host_or_origin_gets_nothing(
    preview: ASGIApp, path: str, headers: list[tuple[str, str]]
) -> None:
    answer = ask(preview, path, headers=headers)
    assert (answer.status, answer.headers, answer.body) == (404, {}, b"")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("token", ["", "api", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), f"x/{TOKEN}"])
def test_a_request_without_the_token_gets_nothing(preview: ASGIApp, path: str, token: str) -> None:
    answer = ask(preview, path, token=token)
    assert (answer.status, answer.headers, answer.body) == (404, {}, b"")


def test_a_request_for_no_path_gets_nothing(preview: ASGIApp) -> None:
    """Such as `OPTIONS *`, whose path has no slash."""
    answer = ask(preview, "", method="OPTIONS", whole_path="*")
    assert (answer.status, answer.headers, answer.body) == (404, {}, b"")


@pytest.mark.parametrize("path", ["/api/test", "/api/contact-sheet"])
@pytest.mark.parametrize(
    ("kind", "length", "status"),
    [
        ("text/plain", "2", 415),
        ("", "2", 415),
        ("application/json", "", 413),
        ("application/json", "9" * 5_000, 413),
        ("application/json", "65537", 413),
        ("application/json; charset=utf-8", "2", 400),
    ],
)
def test_what_is_to_be_done_is_asked_in_a_little_json(
    preview: ASGIApp, path: str, kind: str, length: str, status: int
) -> None:
    headers = [OWN, ("content-type", kind), ("content-length", length)]
    assert ask(preview, path, method="POST", headers=headers, body=b"[]").status == status


@pytest.mark.parametrize(
    "headers",
    [
        [OWN],
        [("host", "localhost:8765")],
        [OWN, ("origin", f"http://{HOST}"), ("sec-fetch-site", "same-origin")],
        [OWN, ("sec-fetch-site", "none")],
    ],
)
def test_the_browser_that_was_given_the_address_gets_the_page(
    preview: ASGIApp, headers: list[tuple[str, str]]
) -> None:
    answer = ask(preview, "/", headers=headers)
    assert answer.status == 200
    assert b"<title>Preview</title>" in answer.body
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer", "the token is in the address"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd"]
)
def test_only_the_files_of_the_page_are_given_out(preview: ASGIApp, path: str) -> None:
    assert ask(preview, path).status == 404


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_only_shows_can_only_be_got(preview: ASGIApp, path: str, method: str) -> None:
    assert ask(preview, path, method=method).status in {404, 405}
