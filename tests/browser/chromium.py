"""Installing a Chromium for the tests where there is none: `python -m tests.browser.chromium`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from tigc_mail.interfaces.chromium import VARIABLE, MissingBrowserError, find

MISSING = (
    f"There is no Chromium. Install one (`make browser`), or name one: {VARIABLE}=/path/to/chromium"
)


def install() -> None:
    """Install a Chromium where there is none: playwright's own, else the system's."""
    try:
        find()
    except MissingBrowserError as missing:
        if os.environ.get(VARIABLE):
            sys.exit(str(missing))
    else:
        return
    print("Installing Chromium, for the tests that look at messages in a browser ...", flush=True)
    for command in _ways():
        if subprocess.run(command, check=False).returncode != 0:
            print(f"`{' '.join(command)}` did not work.", flush=True)
            continue
        try:
            find()
        except MissingBrowserError:
            continue
        return
    sys.exit(MISSING)


def _ways() -> Iterator[list[str]]:
    yield [sys.executable, "-m", "playwright", "install", "chromium"]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        yield ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]


if __name__ == "__main__":
    install()
