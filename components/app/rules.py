"""The rules that the doors go by: the address listened on, further names, trusted proxies, and what shows the owner."""

import dataclasses
import ipaddress
import os
import secrets
from collections.abc import Iterable

from components.environment import SHARED, opened
from mwanda_core.errors import InputError

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
ANY = "*"
"""As a trusted proxy: whoever connects."""


@dataclasses.dataclass(frozen=True)
class Rules:
    """What the doors go by. bound: the address listened on. allowed: further names that are answered to. proxies: addresses whose
    forwarded headers are believed. token, login: what shows the owner ("user:password"); "" when there is none."""

    bound: str = "127.0.0.1"
    share: bool = False
    allowed: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    token: str = dataclasses.field(default="", repr=False)
    login: str = dataclasses.field(default="", repr=False)
    given: bool = False

    @property
    def shared(self) -> bool:
        """Whether more than this machine's owner may come."""
        return (
            self.share or self.given or not is_loopback(self.bound) or bool(self.proxies)
            or any(name not in LOCAL_NAMES for name in self.allowed) or opened()
        )  # fmt: skip


def rules(host: str, share: bool = False, allowed: Iterable[str] = (), proxies: Iterable[str] = (), login: str = "") -> Rules:
    """The rules for an address, with what the environment adds: MWANDA_ALLOW_HOST, MWANDA_TRUST_PROXY (lists with commas), MWANDA_AUTH,
    MWANDA_TOKEN. Secrets are taken out of the environment: processes started later need not have them.

    Raises InputError for a login without a user or a password, and for a token that could be guessed.
    """
    login = login or os.environ.pop("MWANDA_AUTH", "")
    token = os.environ.pop("MWANDA_TOKEN", "")
    if login and not all(login.partition(":")):
        raise InputError(
            "--auth is user:password, with both; better in the environment as MWANDA_AUTH, where other users do not see it."
        )
    if token and len(token) < 16:
        raise InputError("MWANDA_TOKEN has fewer than 16 characters and could be guessed: give it more, or let one be made.")
    names = [*allowed, *_listed("MWANDA_ALLOW_HOST")]
    trusted = [*proxies, *_listed("MWANDA_TRUST_PROXY")]
    if os.environ.get("SPACE_ID"):  # Its proxy is the only way in, and says who asks.
        names.append(os.environ.get("SPACE_HOST", ""))
        trusted.append(ANY)
    if share:  # The tunnel ends in a process of this machine.
        trusted.append("127.0.0.1")
    found = Rules(
        host.strip("[]").lower(),
        share,
        tuple(name.lower() for name in names if name),
        tuple(trusted),
        token,
        login,
        bool(token or login),
    )
    if found.shared and not found.given and not os.environ.get("SPACE_ID"):
        found = dataclasses.replace(found, token=secrets.token_urlsafe(32))
    return found


def open_to(found: Rules) -> None:
    """From now on strangers are strangers, where the rules let any in; in the processes that this one starts as well."""
    if found.shared:
        os.environ[SHARED] = "1"


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches an address. A name that is not "localhost" may lead anywhere."""
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return address == "localhost"


def _listed(variable: str) -> list[str]:
    return [item.strip() for item in os.environ.get(variable, "").split(",") if item.strip()]
