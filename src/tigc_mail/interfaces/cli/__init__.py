"""The command line: `tigc-mail`."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C ends it in one line however early it comes."""
    try:
        from tigc_mail.interfaces.cli.app import run  # noqa: PLC0415 (takes a second, see above)
    except KeyboardInterrupt:
        sys.exit("Interrupted; nothing was begun.")
    run()


__all__ = ["main"]
