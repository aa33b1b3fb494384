"""Whether everyone can reach an address: the same page for the reader as for us."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_UNICAST = IPv6Network("2000::/3")
"""What was given out for the whole internet; of the rest of IPv6 nothing is."""

_NAT64 = IPv6Network("64:ff9b::/96")

_SPECIAL = (
    IPv4Network("192.0.0.0/24"),  # protocols
    IPv4Network("192.31.196.0/24"),  # AS112
    IPv4Network("192.52.193.0/24"),  # multicast relays
    IPv4Network("192.88.99.0/24"),  # relays to 6to4, given up
    IPv4Network("192.175.48.0/24"),  # AS112
    IPv6Network("2001::/23"),  # protocols, Teredo among them
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("2002::/16"),  # 6to4, which leads to an address of IPv4
    IPv6Network("2620:4f:8000::/48"),  # AS112
    IPv6Network("3ffe::/16"),  # the first trials, given back
    IPv6Network("3fff::/20"),  # documentation
)
"""What the registries set aside within what is given out."""

_ISATAP = (0x00005EFE, 0x02005EFE)
"""The beginning of the last half of an address that leads to one of IPv4 within a site."""


def is_public(address: str) -> bool:
    """Return whether an address is surely one that everyone reaches.

    >>> is_public("8.8.8.8"), is_public("10.0.0.8"), is_public("fec0::1")
    (True, False, False)
    """
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        ip = _within_ipv6(ip) or ip
    if isinstance(ip, IPv6Address) and (ip not in _UNICAST or _leads_into_site(ip)):
        return False
    if any(ip in network for network in _SPECIAL):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _within_ipv6(ip: IPv6Address) -> IPv4Address | None:
    """Return the address of IPv4 that one of IPv6 stands for, if it does."""
    return IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else ip.ipv4_mapped


def _leads_into_site(ip: IPv6Address) -> bool:
    return (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP
