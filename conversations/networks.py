"""Network addresses and ranges of them, as blocks name them."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# The widest range that may be named: more would be whole countries.
WIDEST = {4: 8, 6: 16}


def network_of(text: str) -> str | None:
    """Give an address or a range ("203.0.113.7", "203.0.113.0/24", "2001:db8::/48") as one network, or None.

    Bits behind the range's end are dropped; an IPv4 address that is written as IPv6 is the IPv4 address.
    """
    try:
        if "/" not in text and (address := _address(text)):
            return f"{address}/{address.max_prefixlen}"
        return str(ip_network(text.strip(), strict=False))
    except ValueError:
        return None


def address_in(text: str) -> str:
    """Give an address in its shortest form, at most 45 characters; nothing for a text that is none."""
    address = _address(text)
    return str(address) if address else ""


def is_too_wide(network: str) -> bool:
    """Say whether a network is wider than may be blocked."""
    parsed = ip_network(network)
    return parsed.prefixlen < WIDEST[parsed.version]


def networks_holding(text: str) -> list[str]:
    """Give every network a block may name that holds this address: what an index can look for. None for no address."""
    address = _address(text)
    if address is None:
        return []
    prefixes = range(WIDEST[address.version], address.max_prefixlen + 1)
    return [str(ip_network((address, prefix), strict=False)) for prefix in prefixes]


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
