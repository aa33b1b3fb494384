"""The command line: `tigc-mail`."""

from tigc_mail.interfaces.cli.app import main

__all__ = ["main"]
