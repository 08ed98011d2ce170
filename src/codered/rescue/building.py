"""`codered rescue build`: from a kernel, this tool and perhaps an approved plan to a medium that boots."""

import os
import tempfile
from pathlib import Path

import msgspec

from codered import __version__
from codered.model.errors import Refused, WrongUse
from codered.model.plan import Plan, digest_plan
from codered.rescue.gathering import list_system, read_parts
from codered.rescue.initramfs import write_initramfs
from codered.rescue.kernel import find_kernel, list_modules
from codered.rescue.medium import make_medium, make_state_partition, refuse_missing_programs

APPROVAL = "approved.json"
PLAN = "plan.json"
LEAST_STATE = 64 << 20  # bytes: journal, ext4's own, and room for what is found beside
ROOM = 4  # times the size of the files that the plan takes into the vault


class Approval(msgspec.Struct, frozen=True, kw_only=True, tag_field="format", tag="codered/approval/1"):
    """Somebody's word that the plan of this digest is to be carried out by whoever boots the medium."""

    plan: str
    digest: str
    tool: str


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
        with open(work / "initramfs", "xb") as out:
            entries = (*list_system(order.packs), *list_modules(kernel, read_parts().modules))
            unpacked = write_initramfs(entries, out)
        state = work / "state.img"
        make_state_partition(_lay_out_state(order, work), state, order.state_size or _measure_state(order.plan))
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
        return
    if plan.digest != digest_plan(plan):
        raise Refused("the plan was changed after it was made", where=plan.id, advice="make a new plan")
    if order.digest != plan.digest:
        advice = f"review it (codered apply {plan.id} --dry-run), then --approve {plan.digest}"
        what = "the digest that was approved is another one" if order.digest else "nobody has approved the plan"
        raise Refused(what, where=plan.id, advice=advice)
    if plan.target.kind not in ("offline_root", "disk_image", "live_windows"):
        raise Refused(f"it is for {plan.target.kind}", where=plan.id, advice="a medium cleans Windows volumes")


def _lay_out_state(order: RescueOrder, work: Path) -> Path:
    folder = work / "state"
    folder.mkdir(mode=0o700)
    if order.plan is not None:
        approval = Approval(plan=order.plan.id, digest=order.plan.digest, tool=f"codered {__version__}")
        (folder / PLAN).write_bytes(msgspec.json.encode(order.plan, order="deterministic"))
        (folder / APPROVAL).write_bytes(msgspec.json.encode(approval))
    return folder


def _measure_state(plan: Plan | None) -> int:
    files = sum(getattr(action.expects, "size", 0) for action in plan.actions) if plan else 0
    return (LEAST_STATE + ROOM * files + 0xFFFFF) & ~0xFFFFF
