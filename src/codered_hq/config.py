"""Where headquarters keeps its things, and how it is set up: its folder, its database, its fleet engines.

    CODERED_HQ            the folder (default: /var/lib/codered-hq for root, else below the user's data folder)
    CODERED_HQ_DATABASE   sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME, over the one in headquarters.toml

headquarters.toml in the folder is optional; unknown words in it are refused.
"""

import errno
import os
import secrets
import stat
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

import msgspec

from codered.model.errors import Refused, WrongUse
from codered.system.private_files import (
    KEEP_FROM_READERS,
    MAKE_OURS_ALONE,
    is_secret,
    make_private_folder,
    may_be_foreign,
    name_owner,
)
from codered.system.rights import is_administrator

CONFIG_NAME = "headquarters.toml"
DATABASE_NAME = "headquarters.sqlite3"
BUSY_SECONDS = 20
SECRET_NAME = "keys/console.secret"  # noqa: S105 - where it is, not what
SECRET_SIGNS = 48
APPROVERS_FOLDER = "keys/approvers"
LONGEST_APPROVAL = 1440  # minutes: a day
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


class DeviceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A switch, router or firewall that may be changed, and how. `driver` snmp (v3 or v2c write access), nftables
    and frr (a Linux router over ssh), napalm and netmiko (`platform` is their name of it), simulated (a played one, of
    a drill's own headquarters). `quarantine_vlan`: where machines are moved to (0 = nowhere); `routes`: the subnets
    whose traffic passes it (none = all). No port of `keep_ports` is changed.
    """

    name: str
    address: str
    driver: Literal["snmp", "nftables", "frr", "napalm", "netmiko", "simulated"]
    platform: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    enable_password: str = ""
    private_key: str = ""
    known_hosts: str = ""
    community: str = ""
    auth: Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"] = "sha256"
    auth_password: str = ""
    priv: Literal["des", "aes128", "aes192", "aes256"] = "aes128"
    priv_password: str = ""
    inside: str = ""
    outside: str = ""
    quarantine_vlan: int = 0
    routes: tuple[str, ...] = ()
    keep_ports: tuple[str, ...] = ()
    seconds: float = 5.0


class NotifyConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way to tell people. `url` is smtp://HOST:PORT (or smtps://, with `starttls` upgraded), https://… for
    webhook, slack, ntfy and matrix; `to` are its standing receivers; `for_roles` whom it reaches (none = everybody);
    at most `per_minute` messages. `audiences`: who reads there (none = the team alone: crisis_team, executives);
    nothing else goes there.
    """

    name: str
    way: Literal["mail", "webhook", "slack", "ntfy", "matrix"]
    url: str
    to: tuple[str, ...] = ()
    sender: str = ""
    user: str = ""
    password: str = ""
    token: str = ""
    starttls: bool = True
    ca_file: str = ""
    for_roles: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    per_minute: int = 30


class OidcConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider of identities (OpenID Connect) by which an account of the console may sign in."""

    name: str
    issuer: str
    client_id: str
    client_secret: str


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """headquarters.toml. `name` stands in every job; `engine` is for hosts that say nothing else; `contact` is what a
    probed server's log shows; an approval holds `approval_minutes`, a cured host is watched `watch_minutes`, a sender
    posts `ingest_megabytes` a day. `exercise`: a drill's own; all its machines are played, so its changes are allowed.
    """

    name: str = "headquarters"
    contact: str = ""
    database: str = ""
    engine: Literal["ansible", "salt"] = "ansible"
    ansible: AnsibleConfig = AnsibleConfig()
    salt: SaltConfig = SaltConfig()
    names: NamesConfig = NamesConfig()
    snmp: tuple[SnmpConfig, ...] = ()
    devices: tuple[DeviceConfig, ...] = ()
    notify: tuple[NotifyConfig, ...] = ()
    approval_minutes: int = 30
    watch_minutes: Annotated[int, msgspec.Meta(ge=1, le=525_600)] = 72 * 60
    ingest_megabytes: Annotated[int, msgspec.Meta(ge=1)] = 1024
    exercise: Literal["", "simulated"] = ""
    oidc: tuple[OidcConfig, ...] = ()


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
        raise WrongUse(what, where=str(folder), advice=advise_folder(folder, error)) from None
    return folder


def advise_folder(folder: Path, error: OSError) -> str:
    """What to do about a folder of headquarters that can't be used: somebody else's is seldom meant to be replaced."""
    if error.errno not in (errno.EACCES, errno.EPERM):
        return "set CODERED_HQ to a folder that you can write to"
    try:
        owner = name_owner(os.lstat(folder), folder).replace("user 0", "root")
    except OSError:
        owner = "root"  # who else keeps others out of what is above it
    chosen = "set CODERED_HQ to another" if os.environ.get("CODERED_HQ") else "set CODERED_HQ: it is not set"
    return f"it is {owner}'s: run as {owner}, or {chosen}"


def read_console_secret(folder: Path) -> str:
    """What sessions of the console are signed with; one that ends with the process where there is none yet."""
    try:
        with open(os.open(folder / SECRET_NAME, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)) as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode) and len(found := file.read(200).strip()) >= SECRET_SIGNS:
                return found
    except (OSError, UnicodeDecodeError):
        pass
    return secrets.token_urlsafe(SECRET_SIGNS)


def make_console_secret(folder: Path) -> None:
    """Make that secret if it is not there, for its owner only. Raises WrongUse."""
    place = folder / SECRET_NAME
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(SECRET_SIGNS) + "\n")
    except OSError as error:
        if error.errno != errno.EEXIST or not os.path.lexists(place):
            what = f"can't be written: {error.strerror}"
            raise WrongUse(what, where=str(place), advice=advise_folder(folder, error)) from None


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
        raise WrongUse(f"can't be read: {error.strerror}", where=str(path), advice=advise_folder(path, error)) from None
    if len(raw) > MOST_BYTES:
        raise WrongUse("is larger than 1 MiB", where=str(path), advice="see docs/headquarters.md for what it holds")
    try:
        config = msgspec.toml.decode(raw, type=Config)
    except (UnicodeDecodeError, msgspec.DecodeError) as error:  # ValidationError is one
        what = "is no text" if isinstance(error, UnicodeDecodeError) else str(error)
        raise WrongUse(what, where=str(path), advice="see docs/headquarters.md for its words") from None
    if not 1 <= config.approval_minutes <= LONGEST_APPROVAL:
        advice = f"write 1 to {LONGEST_APPROVAL}: an approval that is old was given for another day"
        raise WrongUse(f"approval_minutes = {config.approval_minutes}", where=str(path), advice=advice)
    _check_exercise(config, str(path))
    if not private and (config.snmp or config.devices or config.notify or config.oidc or "@" in config.database):
        advice = f"take it from them ({KEEP_FROM_READERS})"
        raise WrongUse("holds secrets, and others may read it", where=str(path), advice=advice)
    return config


def _check_exercise(config: Config, where: str) -> None:
    """From a played range nothing real can be reached, and nothing played stands in a real headquarters."""
    played = config.exercise == "simulated"
    if strange := next((each for each in config.devices if (each.driver == "simulated") != played), None):
        advice = "only devices with the driver simulated" if played else "the driver simulated is for drills alone"
        raise WrongUse(f"device {strange.name}: driver {strange.driver}", where=where, advice=advice)
    if played and (config.snmp or config.notify or config.names != NamesConfig()):
        what = "a played range asks and tells nobody outside: no [[snmp]], [[notify]] or [names]"
        raise WrongUse(what, where=where, advice="take them out")


def is_exercise() -> bool:
    """Whether this headquarters is a drill's own. Raises WrongUse."""
    return bool(read_config(headquarters_folder()).exercise)


def make_databases(config: Config, folder: Path) -> dict[str, dict[str, Any]]:
    """Django's DATABASES. Raises WrongUse for a URL of another kind, Refused for a drill's that is not in its folder.

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
    name = unquote("/" + parts.path.lstrip("/"))
    if config.exercise and (parts.scheme != "sqlite" or folder.resolve() not in Path(name).resolve().parents):
        advice = "unset CODERED_HQ_DATABASE, and have no database in headquarters.toml"
        raise Refused("a drill's database is in its own folder alone", where=str(folder), advice=advice)
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        options = {"transaction_mode": "IMMEDIATE", "timeout": BUSY_SECONDS, "init_command": _ON_OPENING}
        return {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": options}}
    if parts.scheme in ("postgresql", "postgres") and len(parts.path) > 1:
        found = {"NAME": unquote(parts.path[1:]), "USER": unquote(parts.username or ""), "PORT": str(port or "")}
        found |= {"PASSWORD": unquote(parts.password or ""), "HOST": unquote(parts.hostname or "")}
        return {"default": {"ENGINE": "django.db.backends.postgresql", "CONN_HEALTH_CHECKS": True, **found}}
    raise WrongUse("a database of this kind is not known", where=f"{parts.scheme}:", advice=advice)
