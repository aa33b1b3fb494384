"""What is said of an attribute that no contact has."""

import pytest

from tigc_mail.render.lint.attributes import remark


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ((), "contacts have no attributes"),
        (("First name",), "the only attribute of contacts is 'First name'"),
        (("region", "score"), "those of contacts are 'region', 'score'"),
        (tuple("abcdefghijklmn"), "those of contacts are 'a', 'b', "),
    ],
)
def test_an_unknown_attribute_is_told_with_those_that_there_are(
    known: tuple[str, ...], told: str
) -> None:
    found = remark("authority", known)
    assert found.cause.startswith(f"no contact has the attribute 'authority'; {told}")
    assert found.cause.endswith(", ...") == (len(known) > 12)
    assert found.cure == "Correct the name, or import contacts that have it."
