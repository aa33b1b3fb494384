"""What a campaign was planned and approved with, kept so that a change can be shown.

The digests of an approval say that something changed; what is frozen here says what. It holds
compiled messages only, so that it shows nobody more of an audience's message than that itself.
"""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from tigc_mail.delivery.approval import RULES, Messages, message_name
from tigc_mail.delivery.tables import frozen
from tigc_mail.render.message import CompiledMessage, Pieces

Content = Mapping[str, Any]
"""What is kept of one part: the texts of a message, or the rules."""

GONE = "it is no longer made: the workspace has no such audience now"
"""What is told of a message whose audience is gone."""

ELSE = "its bytes differ, and none of the texts, heads and files that are shown here"
"""What is told of a message that differs in nothing that can be shown."""

_TEXTS = ("subject", "text", "html", "head", "calendar", "files")
"""What is shown of a message, line by line."""

_CONTEXT = 1
"""Lines around a change that are shown."""


def contents(messages: Messages, rules: Content) -> dict[str, Content]:
    """Return what is kept of messages and rules, by what a person calls each of them."""
    told: dict[str, Content] = {message_name(v): _texts(each) for v, each in messages.items()}
    return told | {RULES: rules}


def freeze(connection: Connection, campaign: int, parts: Mapping[str, Content]) -> None:
    """Keep the content of a campaign, in the place of what was kept of it before."""
    connection.execute(delete(frozen).where(frozen.c.campaign == campaign))
    connection.execute(
        insert(frozen),
        [
            {"campaign": campaign, "part": part, "content": zlib.compress(_as_json(content))}
            for part, content in parts.items()
        ],
    )


def frozen_parts(connection: Connection, campaign: int) -> dict[str, Content]:
    """Return what is kept of a campaign."""
    rows = connection.execute(
        select(frozen.c.part, frozen.c.content).where(frozen.c.campaign == campaign)
    )
    return {row.part: json.loads(zlib.decompress(row.content)) for row in rows}


def differences(before: Mapping[str, Content], now: Mapping[str, Content]) -> dict[str, list[str]]:
    """Return the lines that differ, by part; none for parts that are the same."""
    found = {}
    for part in dict.fromkeys([*before, *now]):
        old, new = before.get(part), now.get(part)
        lines = list(unified_diff(*_lines(old, new), lineterm="", n=_CONTEXT))[2:]
        if lines or _digest(old) != _digest(new):
            found[part] = [GONE] if new is None else lines or [ELSE]
    return found


def _texts(message: CompiledMessage) -> Content:
    return {
        "subject": _shown(message.subject),
        "text": _shown(message.text),
        "html": _shown(message.html),
        "head": "\n".join(_head(message)),
        "calendar": "" if message.calendar is None else message.calendar.content.decode(),
        "files": "\n".join(
            f"{file.title} ({file.name}, {file.media_type}): {sha256(file.content).hexdigest()}"
            for file in message.attachments
        ),
        "digest": message.digest,
    }


def _head(message: CompiledMessage) -> Iterator[str]:
    """Yield a line for each thing that is said of the letter, not in it."""
    for name, value in message.letterhead._asdict().items():
        yield f"{name} {value}"
    yield f"greeting {' / '.join(message.salutation)}"


def _digest(content: Content | None) -> str | None:
    """Return the digest of a message; those frozen by the first versions have it in a text."""
    if content is None or "html" not in content:
        return None
    return str(content["digest"] if "digest" in content else content["rest"].split()[-1])


def _shown(pieces: Pieces) -> str:
    return "".join(p if isinstance(p, str) else f"{{{{ {p.slot} }}}}" for p in pieces)


def _lines(old: Content | None, new: Content | None) -> tuple[list[str], list[str]]:
    """Return a part as lines, before and now: only what is known of it at both times."""
    both = [name for name in _TEXTS if all(each is None or name in each for each in (old, new))]
    before, now = ([] if each is None else list(_told(each, both)) for each in (old, new))
    return before, now


def _told(content: Content, names: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a part; each tag of HTML begins one, so that changes are short."""
    if "html" not in content:
        yield from _rules(content)
        return
    html = content["html"].replace(">", ">\n").replace("<", "\n<")
    texts = {**content, "html": "\n".join(filter(str.strip, html.splitlines()))}
    for name in names:
        yield from (f"{name}: {line}" for line in texts[name].splitlines())


def _rules(content: Content) -> Iterator[str]:
    """Yield a line for each thing that the rules decide."""
    for audience, segment, ceiling in content["audiences"]:
        yield f"audience {audience}: ceiling {ceiling}"
        yield f"audience {audience}: segment {segment}"
    yield f"order of audiences: {', '.join(audience for audience, *_ in content['audiences'])}"
    yield f"languages, the edition's own first: {', '.join(content['languages'])}"
    for audience, block, rule in content["show_when"]:
        yield f"block {block} for {audience}: show_when {rule or 'is not set'}"
    yield f"not_after: {content['not_after']}"


def _as_json(content: Content) -> bytes:
    return json.dumps(content, sort_keys=True).encode()
