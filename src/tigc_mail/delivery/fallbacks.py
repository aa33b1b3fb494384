"""How much of a campaign its recipients do not read as it was meant for them."""

from collections.abc import Iterable, Mapping

from tigc_mail.content.edition import Edition
from tigc_mail.delivery.office import Compiling
from tigc_mail.delivery.planning import Variant
from tigc_mail.people.audience import Audience


def count_fallbacks(
    edition: Edition,
    audiences: Mapping[str, Audience],
    variants: Iterable[Variant],
    compiler: Compiling,
) -> dict[str, int]:
    """Return how many texts are not shown as wanted, by language, each counted once.

    Args:
        edition: what is sent.
        audiences: those of the workspace by id.
        variants: what the recipients get; a text of an audience's file is one for each audience.
        compiler: tells what the templates say in another language.
    """
    found: dict[str, set[tuple[str, str]]] = {}
    for variant in variants:
        audience = audiences[variant.audience]
        tailored = edition.for_audience(audience, variant.locale, variant.shown)
        for fallback in (*tailored.fallbacks, *compiler.compile(tailored).fallbacks):
            own = audience.id if fallback.path.startswith("audience.") else ""
            found.setdefault(variant.locale, set()).add((own, fallback.path))
    return {locale: len(texts) for locale, texts in sorted(found.items())}
