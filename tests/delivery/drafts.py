"""The people of a campaign and its draft, for the tests of campaigns."""

from tests.delivery.world import World

from tigc_mail import Campaign

PEOPLE = [
    {"email": "officer@example.org", "tags": "officer;insider", "locale": "fr"},
    {"email": "trader@example.org", "sector": "private-sector", "locale": "ar"},
    {"email": "both@example.org", "sector": "private-sector", "tags": "officer"},
    {"email": "reader@example.org", "sector": "public"},
    {"email": "silent@example.org", "sector": "public", "consent_basis": "", "consent_at": ""},
    {"email": "stranger@example.org", "sector": "government"},
]


def draft(world: World) -> Campaign:
    world.enrol(PEOPLE)
    return world.campaigns.create("news", author="Ana Díaz")
