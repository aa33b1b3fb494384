"""A workspace with one edition that has every block, and a theme with a logo and a light band."""

import re
import shutil
from pathlib import Path

from tests.conftest import SHIPPED

from tigc_mail.interfaces.workspace import Workspace

EDITION = Path(__file__).with_name("everything.yaml")
POLL = re.compile(r"```jinja poll\n(.*?)```", re.DOTALL)

LOGO = 'logo: {url: "https://example.org/logo.png", alt: {en: TIGC, ar: TIGC (ar).}, width: 120}\n'
LIGHT_BAND = {
    'band: "#0b2a3c"': 'band: "#dfe9ef"',
    'on_band: "#ffffff"': 'on_band: "#0b2a3c"',
    'quiet_on_band: "#bcd3dd"': 'quiet_on_band: "#33505f"',
}
"""What makes the band light in light mode; in dark mode it stays dark."""


def everything(folder: Path) -> Workspace:
    """Make the workspace in an empty folder."""
    for name in ("templates", "audiences"):
        shutil.copytree(SHIPPED / name, folder / name)
    edition = folder / "editions" / "everything" / "edition.yaml"
    edition.parent.mkdir(parents=True)
    edition.write_text(EDITION.read_text("utf-8"), "utf-8")
    theme = folder / "templates" / "theme.yaml"
    written = theme.read_text("utf-8").replace("social:\n", f"{LOGO}social:\n", 1)
    for dark, light in LIGHT_BAND.items():
        written = written.replace(f"  {dark}", f"  {light}", 1)
    theme.write_text(written, "utf-8")
    _write_poll(folder / "templates" / "blocks")
    return Workspace.open(folder)


def _write_poll(blocks: Path) -> None:
    """Write the block that docs/templates.md shows."""
    told = (SHIPPED / "docs" / "templates.md").read_text("utf-8")
    for kind, template in zip(("mjml", "txt"), POLL.findall(told), strict=True):
        (blocks / f"poll.{kind}.j2").write_text(template, "utf-8")
