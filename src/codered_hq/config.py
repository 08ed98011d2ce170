"""Where headquarters keeps its things, and how it is set up: its folder, its database, its fleet engines.

    CODERED_HQ            the folder (default: /var/lib/codered-hq for root, else below the user's data folder)
    CODERED_HQ_DATABASE   sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME, over the one in headquarters.toml

headquarters.toml in the folder is optional; unknown words in it are refused.
"""

import os
import stat
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import msgspec

from codered.model.errors import Refused, WrongUse
from codered.system.private_files import (
    KEEP_FROM_READERS,
    MAKE_OURS_ALONE,
    is_secret,
    make_private_folder,
    may_be_foreign,
)
from codered.system.rights import is_administrator

CONFIG_NAME = "headquarters.toml"
DATABASE_NAME = "headquarters.sqlite3"
BUSY_SECONDS = 20
MOST_BYTES = 1 << 20
_ON_OPENING = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000; PRAGMA foreign_keys=ON;"


class AnsibleConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How Ansible reaches hosts. `known_hosts` is the file that their keys must be in; `variables` go to every host."""

    user: str = "root"
    port: int = 22
    private_key: str = ""
    known_hosts: str = ""
    become: bool = False
    forks: int = 0
    folder: str = "/var/lib/codered/fleet"
    variables: dict[str, str] = {}


class SaltConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the master's programs and its configuration are; `timeout` in seconds."""

    programs: str = "/usr/bin"
    config: str = "/etc/salt"
    timeout: int = 20
    batch: int = 0
    folder: str = "/var/lib/codered/fleet"


class SnmpConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Switches and routers that may be read, and how: a `community` (v2c), or a `user` (v3) with its passwords. A file
    that holds secrets must be private.
    """

    devices: tuple[str, ...]
    community: str = ""
    user: str = ""
    auth: Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] = "sha256"
    auth_password: str = ""
    priv: Literal["des", "aes128", "aes192", "aes256"] = "aes128"
    priv_password: str = ""
    port: int = 161


class NamesConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to ask for names: DNS servers (none = the system's), WINS servers; `multicast`: mDNS and LLMNR too."""

    dns: tuple[str, ...] = ()
    wins: tuple[str, ...] = ()
    multicast: bool = False


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """headquarters.toml. `name` stands in every job; `engine` is the one for hosts that say nothing else; `contact` is
    what a probed server's log shows: whom to call.
    """

    name: str = "headquarters"
    contact: str = ""
    database: str = ""
    engine: Literal["ansible", "salt"] = "ansible"
    ansible: AnsibleConfig = AnsibleConfig()
    salt: SaltConfig = SaltConfig()
    names: NamesConfig = NamesConfig()
    snmp: tuple[SnmpConfig, ...] = ()


def headquarters_folder() -> Path:
    """The folder of headquarters; it need not be there yet. Raises Refused if somebody else may have made it."""
    if chosen := os.environ.get("CODERED_HQ"):
        return Path(chosen).absolute()
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    home = Path("/var/lib/codered-hq") if is_administrator() else Path(data) / "codered-hq"
    if may_be_foreign(home):
        advice = f"see who made it, then make it yours alone ({MAKE_OURS_ALONE}), or set CODERED_HQ"
        raise Refused("others may write in the folder of headquarters", where=str(home), advice=advice)
    return home


def make_headquarters_folder() -> Path:
    """The folder, made if it is not there, for its owner only. Raises Refused and WrongUse."""
    folder = headquarters_folder()
    try:
        make_private_folder(folder)
    except OSError as error:
        what = f"can't be made: {error.strerror}"
        raise WrongUse(what, where=str(folder), advice="set CODERED_HQ to a folder that you can write to") from None
    return folder


def read_config(folder: Path) -> Config:
    """headquarters.toml, or what holds without it. Raises WrongUse with the place of what is wrong."""
    path = folder / CONFIG_NAME
    try:
        with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise WrongUse("is no plain file", where=str(path), advice="see docs/headquarters.md for what it holds")
            private, raw = is_secret(status, file.fileno()), file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise WrongUse(f"can't be read: {error.strerror}", where=str(path), advice="make it readable for you") from None
    if len(raw) > MOST_BYTES:
        raise WrongUse("is larger than 1 MiB", where=str(path), advice="see docs/headquarters.md for what it holds")
    try:
        config = msgspec.toml.decode(raw, type=Config)
    except UnicodeDecodeError:
        raise WrongUse("is no text", where=str(path), advice="see docs/headquarters.md for its words") from None
    except msgspec.DecodeError as error:  # ValidationError is one
        raise WrongUse(str(error), where=str(path), advice="see docs/headquarters.md for its words") from None
    if not private and (config.snmp or "@" in config.database):
        advice = f"take it from them ({KEEP_FROM_READERS})"
        raise WrongUse("holds secrets, and others may read it", where=str(path), advice=advice)
    return config


def make_databases(config: Config, folder: Path) -> dict[str, dict[str, Any]]:
    """Django's DATABASES. Raises WrongUse for a URL of another kind.

    SQLite loses writes under 20 writers with Django's own settings; with a write-ahead log, transactions that take the
    lock when they begin, and 20 s of patience it lost none of 40,000 (docs/performance.md).
    """
    url = os.environ.get("CODERED_HQ_DATABASE") or config.database or f"sqlite:///{folder / DATABASE_NAME}"
    advice = "write sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WrongUse("is no database URL", where="database", advice=advice) from None
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        options = {"transaction_mode": "IMMEDIATE", "timeout": BUSY_SECONDS, "init_command": _ON_OPENING}
        name = unquote("/" + parts.path.lstrip("/"))
        return {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": options}}
    if parts.scheme in ("postgresql", "postgres") and len(parts.path) > 1:
        found = {"NAME": unquote(parts.path[1:]), "USER": unquote(parts.username or "")}
        found |= {"PASSWORD": unquote(parts.password or ""), "HOST": unquote(parts.hostname or "")}
        found["PORT"] = str(port or "")
        return {"default": {"ENGINE": "django.db.backends.postgresql", "CONN_HEALTH_CHECKS": True, **found}}
    raise WrongUse("a database of this kind is not known", where=f"{parts.scheme}:", advice=advice)
