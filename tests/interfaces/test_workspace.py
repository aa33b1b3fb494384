"""The interface for Python, as it is promised."""

import gc
import inspect
import logging
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from tests.interfaces.world import ADDRESS, CONTACTS, NEWSLETTER, NOTICE, WRITTEN_TO

from tigc_mail import ApprovalError, TigcMailError, UsageError, Workspace


def test_the_promised_interface_works_as_written(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "my-workspace")
    (tmp_path / "contacts.csv").write_text(f"{CONTACTS}wrong,,,,,,,,,,,\n", "utf-8")

    ws = Workspace.open(str(tmp_path / "my-workspace"))
    report = ws.contacts.import_file(str(tmp_path / "contacts.csv"))
    edition = ws.edition(NEWSLETTER)
    message = ws.render(edition, audience="law-enforcement", locale="fr", contact="lea@example.org")
    campaign = ws.campaigns.create(edition, audiences=["public", "government"], author="ana")
    campaign.approve(by="ben")
    summary = campaign.send()

    assert (report.accepted, report.updated) == (6, 0)
    (row,) = report.rejected
    assert (row.line, row.field) == (8, "email")
    assert message.subject
    assert "Fontaine" in message.html
    assert "Fontaine" in message.text
    parsed = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert parsed["Subject"] == message.subject
    assert parsed["To"].addresses[0].addr_spec == "lea@example.org"
    assert summary.states == {"accepted": 2}
    assert campaign.verify() == ()


def test_a_send_says_how_far_it_is_and_can_be_called_from_the_campaigns_id(news: Path) -> None:
    workspace = Workspace.open(news)
    name = workspace.campaigns.create(NEWSLETTER, author="ana").id
    campaign = Workspace.open(news).campaigns.get(name)
    campaign.approve(by="ben")
    steps: list[int] = []
    status = campaign.send("discard", progress=steps.append)
    assert sum(steps) == WRITTEN_TO == status.planned
    assert [one.id for one in workspace.campaigns] == [name]


def test_without_a_contact_somebody_imaginary_gets_every_block(news: Path) -> None:
    workspace = Workspace.open(news)
    for name in workspace.editions():
        for audience in workspace.edition(name).audiences:
            message = workspace.render(name, audience=audience)
            assert message.subject
            assert not ADDRESS.search(message.subject)
    assert workspace.render(NOTICE, audience="public").calendar is not None
    assert workspace.render(NEWSLETTER, audience="public").calendar is None


def test_the_language_is_the_contacts_where_the_edition_has_it(news: Path) -> None:
    workspace = Workspace.open(news)

    for contact, language in (("lea@example.org", "fr"), ("rosa@example.org", "es")):
        message = workspace.render(NEWSLETTER, audience="public", contact=contact)
        assert f'<html lang="{language}"' in message.html


def test_two_workspaces_share_nothing(news: Path, tmp_path: Path) -> None:
    other = Workspace.create(tmp_path / "other")
    assert other.contacts.count() == 0
    assert Workspace.open(news).contacts.count() == 6
    (tmp_path / "other/audiences/public.yaml").unlink()
    assert "public" not in other.audiences()
    assert "public" in Workspace.open(news).audiences()


def test_what_is_given_out_is_the_callers_to_change(news: Path) -> None:
    workspace = Workspace.open(news)
    workspace.audiences().clear()  # type: ignore[attr-defined]
    assert workspace.audiences()


@pytest.mark.parametrize("name", ["summer", "../editions/" + NEWSLETTER, "", ".", "a/b"])
def test_an_edition_is_one_of_the_workspace(news: Path, name: str) -> None:
    with pytest.raises(UsageError, match="there is no edition"):
        Workspace.open(news).edition(name)


def test_an_edition_elsewhere_on_the_disk_is_none(news: Path) -> None:
    with pytest.raises(UsageError, match="there is no edition"):
        Workspace.open(news).edition(str(news / "editions" / NEWSLETTER))


def test_every_error_is_one_that_can_be_caught_at_the_root(news: Path) -> None:
    campaign = Workspace.open(news).campaigns.create(NEWSLETTER, author="ana")
    with pytest.raises(ApprovalError) as caught:
        campaign.approve(by="ana")
    assert isinstance(caught.value, TigcMailError)
    assert caught.value.place == campaign.id
    assert caught.value.exit_code == 1


def test_everything_public_of_a_workspace_says_what_it_does_and_raises() -> None:
    members = [member for name, member in vars(Workspace).items() if not name.startswith("_")]
    assert len(members) > 8
    for member in members:
        assert inspect.getdoc(getattr(member, "__func__", member))


def test_no_log_holds_an_address_a_name_or_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    key = "a-key-that-nobody-ever-sees"
    monkeypatch.setenv("TIGC_MAIL_SECRET_KEY", key)
    caplog.set_level(logging.INFO)
    workspace = Workspace.create(tmp_path / "news")
    (tmp_path / "contacts.csv").write_text(CONTACTS, "utf-8")
    workspace.contacts.import_file(tmp_path / "contacts.csv")
    workspace.contacts.withdraw("hugo@example.org", "test")
    workspace.contacts.suppress("paul@example.org", "bounced", "test")
    campaign = workspace.campaigns.create(NEWSLETTER, author="ana")
    campaign.approve(by="ben")
    campaign.send()
    assert caplog.text, "the statements of the database are logged"
    assert not ADDRESS.search(caplog.text)
    for secret in (key, "Fontaine", "Mensah", "Pharma Group"):
        assert secret not in caplog.text


def test_connections_are_closed_with_the_workspace_and_not_before(news: Path) -> None:
    contacts = Workspace.open(news).contacts
    gc.collect()
    assert contacts.count() == 6
    del contacts
    gc.collect()
    assert sorted(path.name for path in news.glob("tigc-mail.db*")) == ["tigc-mail.db"]
