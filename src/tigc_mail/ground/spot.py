"""Where in a text a letter stands, as messages tell it."""


def spot(text: str, offset: int) -> str:
    """Return `line 3, column 5` for the letter at an offset; both are counted from 1."""
    line = text.count("\n", 0, offset) + 1
    return f"line {line}, column {offset - text.rfind(chr(10), 0, offset)}"


def undecodable(error: UnicodeDecodeError) -> str:
    """Return where the first octet stands that is not UTF-8."""
    before = error.object[: error.start].decode("utf-8", "replace")
    return spot(before, len(before))
