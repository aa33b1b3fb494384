"""Keeping a workspace in git, for tests."""

import subprocess
from pathlib import Path


def git(folder: Path, *words: str) -> str:
    """Run git in a folder as Ana, and return what it says."""
    author = (
        "-c",
        "user.name=Ana",
        "-c",
        "user.email=ana@example.org",
        "-c",
        "commit.gpgsign=false",
    )
    done = subprocess.run(
        ["git", *author, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()
