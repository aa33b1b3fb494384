"""Pictures of every shipped message, and of every block: `python -m tests.browser.screenshots --out DIR`."""

import argparse
import sys
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.browser.everything import everything
from tests.browser.messages import messages_of

from tigc_mail.interfaces.chromium import MissingBrowserError, find, launched, offline
from tigc_mail.interfaces.workspace import Workspace

WIDTHS = (375, 700)
SCHEMES = ("light", "dark")


def main() -> None:
    """Write them, all blocks shown, at two widths, in light and dark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("pictures"))
    parser.add_argument("--only", default="", help="what their names hold")
    options = parser.parse_args()
    shipped = Workspace.open(Path(__file__).parents[2])
    with TemporaryDirectory() as folder:
        found = [*messages_of(shipped), *messages_of(everything(Path(folder)))]
    messages = [one for one in found if not one.number]
    messages = [one for one in messages if options.only in one.name]
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        executable = find()
    except MissingBrowserError as missing:
        sys.exit(str(missing))
    total = len(messages) * len(WIDTHS) * len(SCHEMES)
    with launched(executable) as browser:
        page = offline(browser).new_page()
        pictures = product(messages, WIDTHS, SCHEMES)
        for number, (message, width, scheme) in enumerate(pictures, start=1):
            path = options.out / f"{message.name}-{width}-{scheme}.png"
            print(f"{number} of {total}: {path}", flush=True)
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 900})
            page.set_content(message.html, wait_until="domcontentloaded")
            page.screenshot(path=path, full_page=True)


if __name__ == "__main__":
    main()
