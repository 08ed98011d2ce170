"""One source, asked by TUF's client workflow: what it has now, verified. Nothing is installed here."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from tuf.api import exceptions
from tuf.api.metadata import TargetFile, Targets
from tuf.ngclient import Updater, UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface

from codered.model.errors import CodeRedError, CoverageIncomplete, Refused, RolledBack
from codered.packs.loading import digest_files
from codered.packs.strict_yaml import shorten
from codered.packs.updating.archives import MOST_ARCHIVE_BYTES, explain_name, read_archive
from codered.packs.updating.index import INDEX_TARGET, MOST_INDEX_BYTES, Index, find_future, read_index

MOST_SOURCE_BYTES = 64 << 20  # all archives of one source
_KEPT = "the packs in use stay"


class Trusted(NamedTuple):
    """A source as it is trusted: its name, the first root (bytes of root.json), and the folder of what was seen."""

    name: str
    root: bytes
    metadata: Path


class Offer(NamedTuple):
    """What a source has: its list, the files of each pack and of the heuristics that we had not, and its version."""

    source: str
    listed: Index
    packs: dict[str, dict[str, bytes]]
    heuristics: dict[str, bytes]
    version: int


def fetch_offer(trusted: Trusted, fetcher: FetcherInterface, now: datetime, have: Mapping[str, str]) -> Offer:
    """What a source has now (`now`: the time that expiry is judged by); archives of packs in `have` (name to digest)
    are not fetched. Raises Refused for what is not as signed or too old, CoverageIncomplete if it can't be had,
    RolledBack if it can't be written here.
    """
    with _explain(trusted.name):
        trusted.metadata.mkdir(mode=0o700, parents=True, exist_ok=True)
        updater = _make_updater(trusted, fetcher, now)
        updater.refresh()
        version = _check_targets(updater, trusted.name)
        with tempfile.TemporaryDirectory(prefix="codered-update-") as folder:
            data = _download(updater, INDEX_TARGET, MOST_INDEX_BYTES, Path(folder))
            index = read_index(data, trusted.name)
            _demand_present(index, now, trusted.name)
            wanted = [pack for pack in index.packs if have.get(pack.name) != pack.digest]
            packs: dict[str, dict[str, bytes]] = {}
            left = MOST_SOURCE_BYTES
            for pack in wanted:
                archive = _download(updater, pack.target, min(MOST_ARCHIVE_BYTES, left), Path(folder))
                packs[pack.name] = _open_archive(archive, pack.digest, pack.target)
                left -= len(archive)
            heuristics: dict[str, bytes] = {}
            if index.heuristics:
                archive = _download(updater, index.heuristics.target, min(MOST_ARCHIVE_BYTES, left), Path(folder))
                heuristics = _open_archive(archive, index.heuristics.digest, index.heuristics.target)
        return Offer(trusted.name, index, packs, heuristics, version)


def _make_updater(trusted: Trusted, fetcher: FetcherInterface, now: datetime) -> Updater:
    config = UpdaterConfig(root_max_length=64 << 10, snapshot_max_length=64 << 10, targets_max_length=1 << 20)
    updater = Updater(str(trusted.metadata), "metadata", None, "targets", fetcher, config, bootstrap=trusted.root)
    # TUF gives no other way to say what time it is, and a test of expiry must not wait for it.
    updater._trusted_set.reference_time = now
    return updater


def _check_targets(updater: Updater, where: str) -> int:
    """The version of the list of targets; no name in it may lead out of its folder. Raises Refused."""
    targets = updater._trusted_set.targets
    assert isinstance(targets, Targets)
    if bad := next((name for name in targets.targets if explain_name(name)), None):
        what = f"signs a target with a name that leads elsewhere ({shorten(bad)})"
        raise Refused(what, where=where, advice=f"{_KEPT}; tell the publisher")
    return targets.version


def _demand_present(index: Index, now: datetime, where: str) -> None:
    """Raises Refused for a version of a time to come."""
    if late := next((pack for pack in index.packs if find_future(pack.version, now)), None):
        what = f"{late.name} has the version {late.version}, which is later than next month"
        raise Refused(what, where=where, advice=f"{_KEPT}; check this host's clock, tell the publisher")


def _download(updater: Updater, name: str, most: int, folder: Path) -> bytes:
    """The verified bytes of a target."""
    target: TargetFile | None = updater.get_targetinfo(name)
    if target is None:
        raise Refused(f"lists {name}, but has not signed it", advice=f"{_KEPT}; tell the publisher")
    if target.length > most:
        raise Refused(f"{name} is larger than packs may be", advice=f"{_KEPT}; tell the publisher")
    return Path(updater.download_target(target, str(folder / "target"))).read_bytes()


def _open_archive(archive: bytes, digest: str, where: str) -> dict[str, bytes]:
    files = read_archive(archive, where)
    if digest_files({name: hashlib.sha256(data).hexdigest() for name, data in files.items()}) != digest:
        raise Refused("holds other files than its list says", where=where, advice=f"{_KEPT}; tell the publisher")
    return files


@contextmanager
def _explain(source: str) -> Iterator[None]:
    """TUF's errors as ours."""
    try:
        yield
    except CodeRedError as error:
        raise type(error)(error.what, where=error.where or source, advice=error.advice) from None
    except exceptions.DownloadLengthMismatchError:
        raise Refused("sends more than was signed or is allowed", where=source, advice=_KEPT) from None
    except exceptions.SlowRetrievalError:
        raise CoverageIncomplete("is too slow", where=source, advice=f"{_KEPT}; try again or another way") from None
    except exceptions.DownloadError as error:
        what = f"can't be had: {shorten(str(error), 160)}"
        raise CoverageIncomplete(what, where=source, advice=f"{_KEPT}; check the address and the way there") from None
    except exceptions.ExpiredMetadataError as error:
        what = f"has expired ({shorten(str(error))}): somebody holds updates back, or nobody has refreshed them"
        raise Refused(what, where=source, advice=f"{_KEPT}; check this host's clock, ask the publisher") from None
    except exceptions.BadVersionNumberError as error:
        what = f"offers an older state than was seen before, or a mixed one ({shorten(str(error))})"
        raise Refused(what, where=source, advice=f"{_KEPT}; ask another mirror or the publisher") from None
    except exceptions.UnsignedMetadataError as error:
        what = f"is not signed by enough of the keys that are trusted ({shorten(str(error))})"
        raise Refused(what, where=source, advice=f"{_KEPT}; ask the publisher") from None
    except exceptions.LengthOrHashMismatchError:
        raise Refused(
            "gives other content than was signed", where=source, advice=f"{_KEPT}; ask another mirror"
        ) from None
    except exceptions.RepositoryError as error:
        what = f"gives what is no signed metadata ({shorten(str(error), 100)})"
        raise Refused(what, where=source, advice=f"{_KEPT}; check the address") from None
    except OSError as error:
        what = f"can't be written here: {error.strerror}"
        raise RolledBack(what, where=error.filename or source, advice=f"{_KEPT}; make room") from None
