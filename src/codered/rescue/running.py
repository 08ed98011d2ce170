"""`codered rescue run`: what the booted medium does: find the volumes of the approved plan, carry it out, record."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from codered.model.errors import CodeRedError, Refused, WrongUse
from codered.model.plan import Action, Plan, digest_plan, seal_plan
from codered.model.plan_reading import decode_plan
from codered.remediate.applying import Step
from codered.remediate.guards import check_states
from codered.rescue.building import PLAN, Identity
from codered.rescue.disks import Partition, find_state, list_partitions
from codered.rescue.gathering import IDENTITY
from codered.rescue.programs import demand_program, run_program
from codered.respond.changing import OnStep, apply, undo
from codered.targets.rooted import RootedTarget

STATE = Path("/state")
OWN = Path("/") / IDENTITY
VOLUMES = Path("/mnt/volumes")
RESULT = "result.json"
_MAP = "volumes.json"
_MOST_BYTES = 512 << 20
_MOST_WAITS = 300  # tenths of a second
Say = Callable[[str], None]


class Result(msgspec.Struct, frozen=True, kw_only=True, tag_field="format", tag="codered/rescue-result/1"):
    """How it ended: the exit code, what was said, what was done or undone (action ids), and on which
    volumes (drive or partition of the plan -> NTFS serial number).
    """

    plan: str
    exit_code: int
    said: str = ""
    done: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    already: bool = False
    volumes: dict[str, str] = {}


def carry_out(say: Say, on_step: OnStep, *, undo_it: bool = False) -> Result:
    """Carry the medium's plan out, or undo what was done by it. Raises WrongUse if the medium has none; whatever else
    goes wrong is in the result, which is kept on the medium.
    """
    partitions, identity = list_partitions(), read_identity()
    state = find_state(partitions, identity.partition)
    if state is None:
        what = "its own partition is not there, or there are two of it"
        raise WrongUse(what, where="the rescue medium", advice="write the whole image to one stick")
    STATE.mkdir(exist_ok=True)
    demand_program("mount", "-t", "ext4", state.device, str(STATE))
    plan = _read_approved(identity)
    volumes: dict[str, str] = {}
    try:
        volumes = _choose_volumes(plan, partitions, say)
        with _mounted(plan, partitions, volumes, write=True) as target:
            outcome = (undo if undo_it else apply)(plan, target, on_step)
        result = Result(
            plan=plan.id,
            exit_code=0,
            done=outcome.done,
            undone=outcome.undone,
            already=outcome.already,
            volumes=volumes,
        )
    except CodeRedError as error:
        say(f"codered: {error}")
        result = Result(plan=plan.id, exit_code=int(error.exit_code), said=str(error), volumes=volumes)
    _write(STATE / RESULT, msgspec.json.encode(result))
    os.sync()
    return result


def read_identity() -> Identity:
    """What the medium carries of itself. Raises WrongUse where it was not booted from one."""
    try:
        return msgspec.json.decode(OWN.read_bytes(), type=Identity)
    except (OSError, msgspec.DecodeError):
        raise WrongUse("does not know itself", where="the rescue medium", advice="make it again") from None


def _read_approved(identity: Identity) -> Plan:
    """The plan whose digest was approved. Raises WrongUse if none was, Refused if another one lies there."""
    if not identity.digest:
        advice = "a shell follows; look with codered"
        raise WrongUse("no plan is on it", where="the rescue medium", advice=advice)
    try:
        plan = decode_plan((STATE / PLAN).read_bytes()[:_MOST_BYTES])
    except (OSError, msgspec.DecodeError) as error:
        raise Refused(f"can't be read: {error}", where=PLAN, advice="make the medium again") from None
    if plan.digest != digest_plan(plan):
        raise Refused("the plan was changed after it was made", where=plan.id, advice="make the medium again")
    if plan.digest != identity.digest:
        what = "the plan on the medium is not the one that was approved"
        raise Refused(what, where=plan.id, advice="make the medium again")
    return plan


def _choose_volumes(plan: Plan, partitions: tuple[Partition, ...], say: Say) -> dict[str, str]:
    """For each drive or partition of the plan the volume on which everything is as the plan expects it; the choice of
    an earlier run that was interrupted stays. Raises Refused.
    """
    kept = STATE / _MAP
    ntfs = [one for one in partitions if one.serial]
    serials = [one.serial for one in ntfs]
    if twice := next((one for one in serials if serials.count(one) > 1), ""):
        advice = "detach the copy: nobody can tell which of them is meant"
        raise Refused("two volumes have the same serial number", where=f"NTFS {twice}", advice=advice)
    with suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode(kept.read_bytes(), type=dict[str, str])
    chosen: dict[str, str] = {}
    why = "there is no NTFS volume on this machine"
    for prefix, actions in _split(plan).items():
        part = seal_plan(msgspec.structs.replace(plan, actions=actions))
        for one in _order(prefix, [each for each in ntfs if each.serial not in chosen.values()]):
            try:
                with _mounted(part, partitions, {prefix: one.serial}, write=False) as target:
                    check_states(part, target, frozenset())
            except CodeRedError as error:
                why = str(error)
                continue
            chosen[prefix] = one.serial
            say(f"codered: {prefix or 'the volume'} is {one.device} (NTFS {one.serial})")
            break
        else:
            advice = "was it changed since the plan was made? scan it again and make a new plan"
            raise Refused(
                f"no volume here is as the plan expects: {why}", where=prefix or plan.target.root, advice=advice
            )
    _write(kept, msgspec.json.encode(chosen))
    return chosen


def _split(plan: Plan) -> dict[str, tuple[Action, ...]]:
    """The actions by the volume they are on."""
    top = plan.target.root.rstrip("/") + "/"
    found: dict[str, list[Action]] = {}
    prefixes = sorted((volume.prefix for volume in plan.target.volumes), key=len, reverse=True)
    for action in plan.actions:
        rel = action.path.text.removeprefix(top).replace("\\", "/")
        prefix = next((one for one in prefixes if not one or rel.startswith(one + "/")), "")
        found.setdefault(prefix, []).append(action)
    return {prefix: tuple(actions) for prefix, actions in found.items()}


def _order(prefix: str, ntfs: list[Partition]) -> list[Partition]:
    """The likely ones first: `p2` of an image is the second partition."""
    number = int(prefix[1:]) if prefix.startswith("p") and prefix[1:].isdigit() else 0
    return sorted(ntfs, key=lambda one: one.number != number)


@contextmanager
def _mounted(
    plan: Plan, partitions: tuple[Partition, ...], volumes: dict[str, str], *, write: bool
) -> Iterator[RootedTarget]:
    """The plan's target over its volumes. Raises Refused."""
    VOLUMES.mkdir(parents=True, exist_ok=True)
    mounted: list[tuple[Path, set[str]]] = []
    try:
        for prefix, serial in sorted(volumes.items()):
            one = next((each for each in partitions if each.serial == serial), None)
            if one is None:
                raise Refused("a volume of the plan is gone", where=serial, advice="attach the disk and boot again")
            place = VOLUMES / prefix
            place.mkdir(parents=True, exist_ok=True)
            options = "streams_interface=windows" + ("" if write else ",ro")
            before = _list_servers()
            demand_program("ntfs-3g", "-o", options, one.device, str(place))
            mounted.append((place, _list_servers() - before))
        target = RootedTarget(plan.target, os.fsencode(VOLUMES))
        try:
            yield target
        finally:
            target.close()
    finally:
        for place, servers in reversed(mounted):
            _unmount(place, servers)


def _list_servers() -> set[str]:
    return set(run_program("pidof", "ntfs-3g").stdout.split())


def _unmount(place: Path, servers: set[str]) -> None:
    """Unmount it, and wait for the program that served it: only then everything is on the disk."""
    os.sync()
    demand_program("umount", str(place))
    for _ in range(_MOST_WAITS):
        if not servers & _list_servers():
            return
        time.sleep(0.1)


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + ".part")
    with open(part, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def tell_step(say: Say) -> OnStep:
    """A line for each change."""

    def tell(step: Step) -> None:
        if step.event in ("verified", "failed", "undone", "left"):
            place = step.action.shown or step.action.path.text
            say(f"  {step.number}/{step.total}  {step.event}: {step.action.kind} {place}")

    return tell
