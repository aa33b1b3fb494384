"""Settings from the file and from the environment."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tigc_mail import ConfigurationError, UsageError, Workspace
from tigc_mail.delivery import providers
from tigc_mail.interfaces.settings import Settings, load_settings
from tigc_mail.interfaces.shipped import SETTINGS

SECRET = "a-secret-that-nobody-sees"


def settings(folder: Path, text: str) -> Settings:
    (folder / "tigc-mail.toml").write_text(text, "utf-8")
    return load_settings(folder)


def test_a_workspace_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    found = load_settings(tmp_path)
    assert found.database_url == "sqlite:///tigc-mail.db"
    assert found.provider == "outbox"
    assert found.secret_key is None


def test_the_file_replaces_defaults(tmp_path: Path) -> None:
    found = settings(tmp_path, 'provider = "discard"\npublic_url = "https://news.example.org/m"')
    assert (found.provider, found.public_url) == ("discard", "https://news.example.org/m")


def test_the_shipped_file_names_every_provider_and_every_secret() -> None:
    words = set(re.findall(r"\w+", SETTINGS))
    assert providers.OWN.keys() <= words
    assert {
        "TIGC_MAIL_SMTP_URL",
        "TIGC_MAIL_SENDGRID_API_KEY",
        "TIGC_MAIL_SECRET_KEY",
    } <= words


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIGC_MAIL_PROVIDER", "outbox")
    monkeypatch.setenv("TIGC_MAIL_PUBLIC_URL", "https://elsewhere.example.org")
    found = settings(tmp_path, 'provider = "discard"\npublic_url = "https://news.example.org"')
    assert (found.provider, found.public_url) == ("outbox", "https://elsewhere.example.org")


def test_an_empty_variable_counts_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIGC_MAIL_DATABASE_URL", "")
    monkeypatch.setenv("TIGC_MAIL_SECRET_KEY", "")
    found = load_settings(tmp_path)
    assert (found.database_url, found.secret_key) == ("sqlite:///tigc-mail.db", None)


def test_the_secret_key_comes_from_the_environment_and_is_never_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIGC_MAIL_SECRET_KEY", SECRET)
    found = load_settings(tmp_path)
    assert found.secret_key is not None
    assert found.secret_key.get_secret_value() == SECRET
    assert SECRET not in repr(found) + str(found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("provider = ", "tigc-mail.toml: is not valid TOML"),
        ('a = 1\nprovider == "outbox"', "line 2"),
        ('provder = "outbox"', "tigc-mail.toml: provder: is not a setting. Check the spelling"),
        ("provider = 3", 'tigc-mail.toml: provider: is not a text. Write provider = "..."'),
        ('provider = "fax"', "tigc-mail.toml: provider: there is no provider 'fax'. There are out"),
        ('public_url = "http://x.org"', "tigc-mail.toml: public_url: is not an https address"),
        ('public_url = "https://x.org/?a"', "tigc-mail.toml: public_url: is not an https address"),
        ("pace = 3", "tigc-mail.toml: pace: is not a table for each provider"),
        ("[pace.fax]", "tigc-mail.toml: pace.fax: there is no provider 'fax'"),
        ("[pace.outbox]\nspeed = 1", "tigc-mail.toml: pace.outbox.speed: is not a setting"),
        ("[pace.outbox]\nrecipients_per_day = -1", "pace.outbox.recipients_per_day: input should"),
        ("[pace.outbox]\nrecipients_per_second = inf", "pace.outbox.recipients_per_second: input"),
        ("[pace.outbox]\nrequests_per_second = 1e-300", "pace.outbox.requests_per_second: input"),
        ('[pace.outbox]\ndomains = { "gmail" = 1 }', "pace.outbox.domains: 'gmail' is no domain"),
        ("retry = 3", "tigc-mail.toml: retry: is not a table. Write a heading such as [retry.rec"),
        ("[retry.recipient]\nattempts = 0", "tigc-mail.toml: retry.recipient.attempts: input"),
        ("[retry.recipient]\nlongest = nan", "tigc-mail.toml: retry.recipient.longest: input"),
        ("[retry.reader]\nattempts = 3", "tigc-mail.toml: retry.reader: is not a setting"),
        ('[schedule]\nzone = "Mars/Base"', "tigc-mail.toml: schedule.zone: is no time zone"),
    ],
)
def test_a_wrong_file_is_told_with_place_cause_and_cure(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings(tmp_path, text)
    assert told in str(caught.value)
    assert caught.value.cure


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PUBLIC_URL", "http://x.org", "TIGC_MAIL_PUBLIC_URL: is not an https address"),
        ("PROVIDER", "fax", "TIGC_MAIL_PROVIDER: there is no provider 'fax'"),
        ("SECRET_KEY", "sesame", "TIGC_MAIL_SECRET_KEY: is shorter than 16 characters"),
    ],
)
def test_a_wrong_variable_is_called_by_its_name_though_the_file_has_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(f"TIGC_MAIL_{name}", value)
    with pytest.raises(ConfigurationError) as caught:
        settings(tmp_path, 'provider = "discard"\npublic_url = "https://news.example.org"')
    assert told in str(caught.value)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        (f'secret_key = "{SECRET}"', "TIGC_MAIL_SECRET_KEY"),
        (f'SECRET_KEY = "{SECRET}"', "TIGC_MAIL_SECRET_KEY"),
        (f'sendgrid_api_key = "{SECRET}"', "TIGC_MAIL_SENDGRID_API_KEY"),
        (f'smtp_url = "smtps://ana:{SECRET}@mail.example.org"', "TIGC_MAIL_SMTP_URL"),
        (f'database_url = "postgresql://ana:{SECRET}@db/news"', "TIGC_MAIL_DATABASE_URL"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(
    tmp_path: Path, text: str, variable: str
) -> None:
    with pytest.raises(ConfigurationError, match=variable) as caught:
        settings(tmp_path, text)
    assert SECRET not in str(caught.value)


def test_a_file_that_is_not_utf_8_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "tigc-mail.toml").write_bytes('provider = "boîte"'.encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"tigc-mail\.toml: is not UTF-8"):
        load_settings(tmp_path)


def test_a_folder_in_place_of_the_file_is_no_file_to_read_from(tmp_path: Path) -> None:
    (tmp_path / "tigc-mail.toml").mkdir()
    with pytest.raises(ConfigurationError, match=r"tigc-mail\.toml: is not a file to read from\."):
        load_settings(tmp_path)


# What the workspace makes of them


def test_a_folder_that_is_no_workspace_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is not a workspace.*tigc-mail init DIR"):
        Workspace.open(tmp_path)
    with pytest.raises(UsageError):
        Workspace.open(tmp_path / "nowhere")


def test_the_database_stands_in_the_workspace_unless_its_path_is_absolute(
    news: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIGC_MAIL_DATABASE_URL", "sqlite:///other.db")
    assert Workspace.open(news).contacts.count() == 0
    assert (news / "other.db").exists()
    monkeypatch.setenv("TIGC_MAIL_DATABASE_URL", f"sqlite:///{tmp_path / 'far.db'}")
    assert Workspace.open(news).contacts.count() == 0
    assert (tmp_path / "far.db").exists()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("nonsense", "is not a database URL"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        (f"postgresql+nodriver://ana:{SECRET}@db/news", "is not a database URL"),
        (f"postgresql+asyncpg://ana:{SECRET}@db/news", "is not a database URL"),
        (f"oracle+oracledb://ana:{SECRET}@db/news", "is not a database URL"),
    ],
)
def test_a_database_that_cannot_be_is_a_wrong_setting(
    news: Path, monkeypatch: pytest.MonkeyPatch, url: str, told: str
) -> None:
    monkeypatch.setenv("TIGC_MAIL_DATABASE_URL", url)
    with pytest.raises(ConfigurationError, match=f"^TIGC_MAIL_DATABASE_URL: {told}") as caught:
        _ = Workspace.open(news).contacts
    assert SECRET not in str(caught.value)
    assert caught.value.cure


def test_how_patient_a_send_is_can_be_said_in_part(news: Path) -> None:
    usual = Workspace.open(news).retry_policy()
    assert (usual.recipient.attempts, usual.provider.attempts) == (8, 8)
    with (news / "tigc-mail.toml").open("a", encoding="utf-8") as file:
        file.write("\n[retry.recipient]\nattempts = 3\nlongest = 600\n")
    told = Workspace.open(news).retry_policy()
    assert told.recipient == replace(usual.recipient, attempts=3, longest=600)
    assert told.provider == usual.provider


def test_a_warm_up_grows_until_it_is_as_good_as_no_limit(tmp_path: Path) -> None:
    table = "[pace.outbox.warm_up]\nfirst_day = 10\ngrowth = 10\ndays = 365"
    plan = settings(tmp_path, table).pace["outbox"].limits(None).warm_up
    assert (plan[:3], plan[-1], len(plan)) == ((10, 100, 1000), 1_000_000_000, 365)


@pytest.mark.parametrize("name", ["PACE", "PROVIDERS", "RETRY", "SCHEDULE", "TEST_ADDRESSES"])
@pytest.mark.parametrize("wrong", [f"{SECRET}@x.org", "{", f'{{"x": "{SECRET}"', "3", '"x"'])
def test_a_variable_without_the_json_it_needs_is_told_with_an_example_that_would_do(
    name: str, wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = f"TIGC_MAIL_{name}"
    monkeypatch.setenv(variable, wrong)
    with pytest.raises(ConfigurationError) as told:
        load_settings(tmp_path)
    assert str(told.value).startswith(f"{variable}: is not ")
    assert SECRET not in str(told.value)
    monkeypatch.setenv(variable, str(told.value).partition("such as ")[2].rstrip("."))
    load_settings(tmp_path)


def test_a_wrong_line_of_a_variable_is_told_at_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIGC_MAIL_PACE", '{"smtp": {"requests": 1}}')
    with pytest.raises(ConfigurationError, match=r"^TIGC_MAIL_PACE: smtp.requests: is not a sett"):
        load_settings(tmp_path)
