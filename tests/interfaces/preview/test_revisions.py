"""A workspace in git is read as it was at each commit, and git is given nothing to misread."""

from pathlib import Path

import pytest
from tests.interfaces.preview.revised import git
from tests.interfaces.small import Small

from tigc_mail import Workspace
from tigc_mail.errors import UsageError
from tigc_mail.interfaces.preview import revisions as module
from tigc_mail.interfaces.preview.revisions import GitError, Revisions

NEWS = "news"


def commit(folder: Path, subject: str) -> str:
    """Commit everything; return the name of the commit."""
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", subject)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(small: Small) -> Path:
    """A repository in whose folder `small` the workspace lies."""
    git(small.folder.parent, "init", "-q")
    return small.folder.parent


@pytest.fixture
def found(small: Small) -> Revisions:
    return Revisions(small.folder)


def subject_of(found: Revisions, small: Small, commit: str) -> str:
    """Return what the edition's subject is at a commit."""
    with found.lent(Workspace.open(small.folder), commit, NEWS) as workspace:
        return str(workspace.edition(NEWS).subject.everyone["en"])


def test_the_commits_that_touched_an_edition_are_told_the_newest_first(
    repository: Path, small: Small, found: Revisions
) -> None:
    first = commit(repository, "Begin")
    (repository / "unrelated.txt").write_text("Another matter.")
    (small.folder / "contacts.csv").write_text("email\n")
    commit(repository, "Something else")
    small.change("What is new in May", "What is new in June")
    last = commit(repository, "Rewrite the subject für Ana")
    assert [(one.commit, one.subject) for one in found.of(NEWS)] == [
        (last, "Rewrite the subject für Ana"),
        (first, "Begin"),
    ]
    assert all(one.at[:2] == "20" for one in found.of(NEWS))


def test_each_commit_is_read_as_it_was_in_a_bigger_repository(
    repository: Path, small: Small, found: Revisions
) -> None:
    first = commit(repository, "Begin")
    small.change("What is new in May", "What is new in June")
    second = commit(repository, "June")
    small.change("What is new in June", "Not committed")
    assert subject_of(found, small, first) == "What is new in May"
    assert subject_of(found, small, second) == "What is new in June"
    assert git(repository, "status", "--porcelain").strip() == "M small/editions/news/edition.yaml"


def test_a_workspace_may_be_a_repository_itself(small: Small, found: Revisions) -> None:
    git(small.folder, "init", "-q")
    first = commit(small.folder, "Begin")
    assert [one.commit for one in found.of(NEWS)] == [first]
    assert subject_of(found, small, first) == "What is new in May"


def test_without_a_repository_a_commit_or_git_there_are_none(
    small: Small, found: Revisions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(small.folder.parent))
    assert found.of(NEWS) == ()
    git(small.folder, "init", "-q")
    assert found.of(NEWS) == ()
    monkeypatch.setenv("PATH", str(small.folder))
    assert found.of(NEWS) == ()


def test_no_more_commits_are_told_than_a_list_holds(
    repository: Path, found: Revisions, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_REVISIONS", 2)
    for number in range(3):
        small.change("kind: newsletter", f"# {number}\nkind: newsletter")
        commit(repository, f"{number}")
    assert [one.subject for one in found.of(NEWS)] == ["2", "1"]


def test_a_hook_of_another_repository_does_not_lead_elsewhere(
    repository: Path, found: Revisions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = commit(repository, "Begin")
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert [one.commit for one in found.of(NEWS)] == [first]


@pytest.mark.parametrize("name", ["*", ":(top)", "--output=stolen", "a b"])
def test_no_name_of_an_edition_is_an_order_to_git(
    repository: Path, small: Small, found: Revisions, name: str
) -> None:
    """Nothing but its own folder, and those of all editions, is meant by it."""
    commit(repository, "Begin")
    small.change("What is new in May", "What is new in June")
    commit(repository, "June")
    assert [one.subject for one in found.of(name)] == ["Begin"]
    assert not list(repository.rglob("stolen"))


def test_what_a_commit_has_not_is_wrong_usage(
    repository: Path, small: Small, found: Revisions
) -> None:
    at = commit(repository, "Begin")
    with (
        pytest.raises(UsageError, match=f"revision {at[:10]}: has no edition winter"),
        found.lent(Workspace.open(small.folder), at, "winter"),
    ):
        pass
    with pytest.raises(GitError), found.lent(Workspace.open(small.folder), "0" * 40, NEWS):
        pass


def test_a_commit_that_is_far_too_large_is_not_read(
    repository: Path, small: Small, found: Revisions, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = commit(repository, "Begin")
    monkeypatch.setattr(module, "MAX_OCTETS", 1000)
    with pytest.raises(UsageError, match="holds more than 1,000 octets"):
        subject_of(found, small, at)


def test_links_in_a_commit_lead_nowhere(repository: Path, small: Small, found: Revisions) -> None:
    secret = repository / "secret.txt"
    secret.write_text("Not for anybody.")
    (small.folder / "editions" / NEWS / "link.txt").symlink_to(secret)
    (small.folder / "templates" / "away").symlink_to(repository)
    at = commit(repository, "Links")
    with found.lent(Workspace.open(small.folder), at, NEWS) as workspace:
        names = {path.name for path in workspace.folder.rglob("*")}
        assert "edition.yaml" in names
        assert not {"link.txt", "away", "secret.txt"} & names
        assert not any(path.is_symlink() for path in workspace.folder.rglob("*"))


def test_the_folders_of_commits_give_way_to_others_and_go_with_the_preview(
    repository: Path, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_KEPT", 1)
    first = commit(repository, "Begin")
    small.change("What is new in May", "What is new in June")
    second = commit(repository, "June")
    found, folders = Revisions(small.folder), []
    now = Workspace.open(small.folder)
    for at in (first, first, second):
        with found.lent(now, at, NEWS) as workspace:
            folders.append(workspace.folder)
    assert folders[0] == folders[1]
    assert [folder.exists() for folder in folders[1:]] == [False, True]
    del found
    assert not folders[-1].parent.exists()


def test_git_that_does_not_answer_is_told(
    repository: Path, found: Revisions, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(repository, "Begin")
    (repository / ".git" / "config").write_text("[core\n")
    with pytest.raises(GitError, match=r"^git: .*Look at it with `git log`"):
        found.of(NEWS)
    monkeypatch.setattr(module, "_TIMEOUT", -1.0)
    with pytest.raises(GitError, match="git: does not answer within"):
        found.of(NEWS)
