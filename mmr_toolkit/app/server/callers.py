"""Who may ask: under which names the page answers, and for which web sites.

Every web site that a visitor opens can send requests to this server from the visitor's browser, and with a name of its
own that leads to this machine (DNS rebinding) it could read the answers. So nothing is known that is forbidden; what is
allowed stands in a list:

- **Hosts.** The name that a request gives in `Host` is localhost, the address that the server is bound to, the address
  at which the connection came in, or one that `--allow-host` names. Names are compared as a whole.
- **Behind a proxy.** `X-Forwarded-Host` must be on the same list, each value of it: a forwarded name opens nothing that
  `--allow-host` does not. The proxy has to pass on what the browser asked for, in `Host` or in `X-Forwarded-Host`; or
  GRADIO_ROOT_PATH says the whole public address, and then its host is allowed.
- **Origins.** A browser says in `Origin` and `Sec-Fetch-Site` which site asks. It must be the page itself, the same
  host and port, for everything but opening the page from a link. Programs say neither and may ask.
"""

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from mmr_toolkit.app.server.routes import Route
from mmr_toolkit.common.quoting import quoted

__all__ = ["Callers", "client_of", "header_values", "host_of"]

LONGEST_NAME = 253  # characters, of a host
NETLOC = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::[0-9]{1,5})?", re.ASCII)
LONGEST_CLIENT = 80  # characters of what a proxy calls its client, where that is no address: it is kept, and logged
EVERY_ADDRESS = ("0.0.0.0", "::")


class Callers:
    """The hosts and sites that may ask.

    Args:
        host: the address that the server is bound to.
        allowed: more names, of `--allow-host`.

    Raises:
        ValueError: a name that is none, for example an address with "https://" or a port.
    """

    def __init__(self, host: str, allowed: Iterable[str] = ()) -> None:
        if isinstance(allowed, str):
            raise TypeError(
                f"the allowed hosts are {quoted(allowed)}, one text; expected a list of names: [{quoted(allowed)}]."
            )
        names = [_checked(name) for name in allowed]
        bound = _plain(host)
        self._hosts = {"localhost", *names, *([] if bound in EVERY_ADDRESS else [bound])}
        self._public: set[str] = set()

    def add_public(self, address: str | None) -> None:
        """Allow the host of a public address, for example "https://shop.example/search"; a path alone has none."""
        if address is not None and (netloc := urlsplit(address).netloc.lower()):
            self._public.add(_without_usual_port(netloc))
            self._hosts.add(host_of(netloc) or netloc)

    def refusal(self, scope: Mapping[str, Any], route: Route) -> str | None:
        """A sentence for a request that may not be answered, or None."""
        asked = header_values(scope, "host") + header_values(scope, "x-forwarded-host")
        here = _plain(scope["server"][0]) if scope.get("server") else None
        if not header_values(scope, "host"):
            return "The request does not say which host it asks (Host)."
        for netloc in asked:
            host = host_of(netloc)
            if host is None:
                return "The request names a host that can be none."
            if host not in self._hosts and host != here:
                return f"This page does not answer as {host[:80]}; if it should: mmr serve --allow-host {host[:80]}."
        if not self._is_own_site(scope, {_without_usual_port(netloc.lower()) for netloc in asked}, route):
            return "Another web site asks, and only the page itself may."
        return None

    def _is_own_site(self, scope: Mapping[str, Any], asked: set[str], route: Route) -> bool:
        """Whether no browser says that another site asks: `asked` are the hosts with their ports."""
        for origin in header_values(scope, "origin"):
            if _without_usual_port(urlsplit(origin.lower()).netloc) not in asked | self._public:
                return False  # "null", of a page without a site, has no host
        sites = header_values(scope, "sec-fetch-site")
        is_opened = route.of == "page" and header_values(scope, "sec-fetch-mode") == ["navigate"]
        return is_opened or all(site in ("same-origin", "none") for site in sites)


def header_values(scope: Mapping[str, Any], name: str) -> list[str]:
    """All values of a header: of each line of it, and parted at commas."""
    lines = (value.decode("latin-1") for key, value in scope["headers"] if key == name.encode())
    return [value.strip() for line in lines for value in line.split(",")]


def host_of(netloc: str) -> str | None:
    """The host of "host:port" in small letters, an address in its shortest form; None if it can be none."""
    match = NETLOC.fullmatch(netloc.lower())
    return None if match is None else _plain(match[1])


def client_of(scope: Mapping[str, Any]) -> str:
    """Who is counted as one client: an IPv4 address, or the /64 network of an IPv6 address, which one household has.

    Behind a proxy on the same machine uvicorn takes the address from X-Forwarded-For (FORWARDED_ALLOW_IPS names other
    proxies that it believes); else all visitors of a proxy are one client.
    """
    address = _plain(scope["client"][0]) if scope.get("client") else "unknown"
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:LONGEST_CLIENT]
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found.packed[:8] + bytes(8), 64)))


def _plain(host: str) -> str:
    """In small letters, without brackets; IPv6 in its shortest form, and as IPv4 where it only wraps one."""
    bare = host.strip().lower().removeprefix("[").removesuffix("]")
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return bare
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _checked(name: str) -> str:
    host = _plain(name)
    is_address = ":" in host and host_of(f"[{host}]") == host
    if host in EVERY_ADDRESS or not (is_address or re.fullmatch(rf"[a-z0-9_.-]{{1,{LONGEST_NAME}}}", host)):
        raise ValueError(
            f"the allowed host is {quoted(name)}; expected a name or an address alone, without https://, port and "
            'path, for example "shop.example".'
        )
    return host


def _without_usual_port(netloc: str) -> str:
    return re.sub(r":(80|443)$", "", netloc)
