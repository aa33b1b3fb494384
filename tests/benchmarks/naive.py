"""The naive pipeline: the whole way from MJML to MIME, once for every recipient.

It starts from the same edition: the layout is rendered beforehand with the recipients' values left
as variables of Jinja, which is more than such pipelines do in advance.
"""

import re
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from jinja2 import Environment, Template

from tigc_mail import Workspace
from tigc_mail.content.tailored import TailoredEdition
from tigc_mail.render import html
from tigc_mail.render.calendar import calendar_of
from tigc_mail.render.slots import TOKEN, SlotSheet
from tigc_mail.render.structured import with_structured_data
from tigc_mail.render.templates import Templates
from tigc_mail.render.view import View


class NaivePipeline:
    """Composes one message at a time, from the start.

    Args:
        workspace: for the templates and the public address.
        edition: what one variant's recipients read.
    """

    def __init__(self, workspace: Workspace, edition: TailoredEdition) -> None:
        self._edition = edition
        self._templates = Templates(workspace.folder / "templates")
        self._public_url = workspace.settings.public_url
        sheet = SlotSheet()
        view = View(edition, self._templates, sheet, self._public_url)
        layout, text = f"{edition.kind}.mjml.j2", f"{edition.kind}.txt.j2"
        mjml = self._templates.render(layout, edition.locale, view.html_context())
        plain = self._templates.render(text, edition.locale, view.text_context())
        self._mjml = _template(mjml, sheet, autoescape=True)
        self._text = _template(plain.strip("\n") + "\n", sheet, autoescape=False)
        self._css = self._templates.css
        self._calendar = calendar_of(edition, self._templates.phrases(edition.locale).gettext)

    def compose(self, values: Mapping[str, str]) -> bytes:
        """Return one recipient's message."""
        message = EmailMessage(policy=SMTP)
        self._write_headers(message, values)
        page = html.finish(
            self._mjml.render(values=values),
            css=self._css,
            locale=self._edition.locale,
            place="",
            sentinel="end",
        )
        message.set_content(self._text.render(values=values), cte="quoted-printable")
        page = with_structured_data(page, self._edition)
        message.add_alternative(page, subtype="html", cte="quoted-printable")
        self._add_calendar(message)
        return message.as_bytes()

    def _add_calendar(self, message: EmailMessage) -> None:
        """Add the events, made once for all: as one more alternative, and as a file."""
        assert self._calendar is not None
        content, method = self._calendar.content, self._calendar.method
        message.add_alternative(
            content.decode(), subtype="calendar", cte="base64", params={"method": method}
        )
        message.add_attachment(content, "application", "ics", filename="event.ics")

    def _write_headers(self, message: EmailMessage, values: Mapping[str, str]) -> None:
        audience = self._edition.audience
        name = f"{values['recipient.given_name']} {values['recipient.family_name']}".strip()
        link = f"{self._public_url}/unsubscribe/{values['delivery.token']}"
        message["From"] = Address(audience.sender_name, addr_spec=audience.sender_address)
        if audience.reply_to:
            message["Reply-To"] = audience.reply_to
        message["To"] = Address(name, addr_spec=values["recipient.email"])
        message["Subject"] = self._edition.subject
        message["Date"] = values["delivery.date"]
        message["Message-ID"] = f"<{values['delivery.id']}@tigc.example.org>"
        message["List-Id"] = f"<{audience.list_id}>"
        message["List-Unsubscribe"] = f"<{link}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _template(text: str, sheet: SlotSheet, *, autoescape: bool) -> Template:
    source = TOKEN.sub(lambda found: f'{{{{ values["{sheet.name(found[0])}"] }}}}', text)
    assert not re.search(r"\{[%#]", source)
    environment = Environment(autoescape=autoescape, keep_trailing_newline=True)  # noqa: S701
    return environment.from_string(source)
