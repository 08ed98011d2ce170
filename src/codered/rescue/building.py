"""`codered rescue build`: from a kernel, this tool and perhaps an approved plan to a medium that boots."""

import os
import tempfile
from pathlib import Path
from uuid import uuid4

import msgspec

from codered.model.errors import Refused, WrongUse
from codered.model.plan import Plan, digest_plan
from codered.rescue.gathering import list_system, read_parts
from codered.rescue.initramfs import write_initramfs
from codered.rescue.kernel import find_kernel, list_modules
from codered.rescue.medium import make_medium, make_state_partition, refuse_missing_programs

PLAN = "plan.json"
LEAST_STATE = 64 << 20  # bytes: journal, ext4's own, and room for what is found beside
ROOM = 4  # times the size of the files that the plan takes into the vault


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What a medium carries in its initramfs, where nobody but its maker wrote: the UUID of its own partition, and the
    digest of the plan that was approved ("" = none). Disks of the machine it is booted on have no say in it.
    """

    partition: str
    digest: str = ""


class RescueOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What medium is wanted: the file to make, the kernel (None = this machine's), the packs' folder; a plan with the
    digest that was approved (None = a medium with a shell); the size of its own partition in bytes (0 = enough).
    """

    into: Path
    packs: Path
    kernel: str | None = None
    plan: Plan | None = None
    digest: str = ""
    state_size: int = 0


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """A medium: its size, that of the initramfs and of what it unpacks to, in bytes; the kernel's version."""

    file: str
    size: int
    initramfs: int
    unpacked: int
    kernel: str
    plan: str = ""


def build_medium(order: RescueOrder) -> Built:
    """Make it; the file must not exist yet. Raises WrongUse, Refused, OSError."""
    if os.path.lexists(order.into):
        raise WrongUse("is there already", where=str(order.into), advice="name a new file")
    _check_approval(order)
    refuse_missing_programs()
    with tempfile.TemporaryDirectory(prefix="codered-rescue-", dir=order.into.absolute().parent) as folder:
        work = Path(folder)
        kernel = find_kernel(order.kernel, work)
        identity = Identity(partition=str(uuid4()), digest=order.plan.digest if order.plan else "")
        with open(work / "initramfs", "xb") as out:
            system = list_system(order.packs, msgspec.json.encode(identity))
            entries = (*system, *list_modules(kernel, read_parts().modules))
            unpacked = write_initramfs(entries, out)
        state = work / "state.img"
        size = order.state_size or _measure_state(order.plan)
        make_state_partition(_lay_out_state(order, work), state, size, identity.partition)
        made = work / "medium.iso"
        make_medium(kernel.image, work / "initramfs", state, made, work)
        os.link(made, order.into)  # never over a file that came meanwhile
        return Built(
            file=str(order.into),
            size=made.stat().st_size,
            initramfs=(work / "initramfs").stat().st_size,
            unpacked=unpacked,
            kernel=kernel.version,
            plan=order.plan.id if order.plan else "",
        )


def _check_approval(order: RescueOrder) -> None:
    plan = order.plan
    if plan is None:
        if order.digest:
            raise WrongUse("--approve needs --plan", advice="name the plan whose digest it is")
        return
    if plan.digest != digest_plan(plan):
        raise Refused("the plan was changed after it was made", where=plan.id, advice="make a new plan")
    if order.digest != plan.digest:
        advice = "review it (codered apply PLAN --dry-run), then --approve the digest that its review shows"
        what = "the digest that was approved is another one" if order.digest else "nobody has approved the plan"
        raise Refused(what, where=plan.id, advice=advice)
    if plan.target.kind not in ("offline_root", "disk_image", "live_windows"):
        raise Refused(f"it is for {plan.target.kind}", where=plan.id, advice="a medium cleans Windows volumes")


def _lay_out_state(order: RescueOrder, work: Path) -> Path:
    folder = work / "state"
    folder.mkdir(mode=0o700)
    if order.plan is not None:
        (folder / PLAN).write_bytes(msgspec.json.encode(order.plan, order="deterministic"))
    return folder


def _measure_state(plan: Plan | None) -> int:
    files = sum(getattr(action.expects, "size", 0) for action in plan.actions) if plan else 0
    return (LEAST_STATE + ROOM * files + 0xFFFFF) & ~0xFFFFF
