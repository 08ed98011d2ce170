"""A containment made ready before it is decided: when the worm shows, one line in the journal and one transaction are
left to do. Afterwards it is an ordinary applied plan.
"""

import shutil
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from codered.model.errors import NotRolledBack, Refused, RolledBack
from codered.model.plan import Action, Plan
from codered.model.target import ChangeableTarget
from codered.remediate.actions.isolate_host import back_up, end_connections, kind_of
from codered.remediate.applying import OnStep
from codered.remediate.case_folder import CaseFolder, check_place, open_case
from codered.remediate.file_state import ChangeFailed
from codered.remediate.firewall.containment import put_up
from codered.remediate.firewall.links import list_links
from codered.remediate.firewall.nft import FirewallFailed, start_nft
from codered.remediate.firewall.orders import name_of, order_of
from codered.remediate.firewall.requests import request_tables
from codered.remediate.firewall.sockets import list_connections
from codered.remediate.guards import check_plan, check_states
from codered.remediate.running import Run, Step


class Contained(NamedTuple):
    """It holds: seconds from the call to the commit of the rules, and to the end of the connections; `notes` is what
    could not be done.
    """

    commit_seconds: float
    all_seconds: float
    notes: tuple[str, ...] = ()


def _ignore(_: Step) -> None:
    pass


class ReadyContainment:
    """A plan whose first action sets the firewall, with its case open and locked. Works in the network namespace of the
    thread that makes it.
    """

    def __init__(self, plan: Plan, target: ChangeableTarget, case: Path) -> None:
        """Checks all that applying checks, opens the case, and encodes the request. Raises Refused (nothing is left
        behind).
        """
        self._plan, self._target, self._folder = plan, target, case
        self._action = _find_action(plan)
        self._begun = False
        self._stack = ExitStack()
        check_plan(plan, target)
        check_place(case, target.info.root)
        try:
            check_states(plan, target, frozenset())
            self._case: CaseFolder = self._stack.enter_context(open_case(case, plan, create=True))
            self._check_fresh()
            self._nft = start_nft()  # nothing is asked with it before: what it knew then it would have to forget first
            self._stack.callback(self._nft.close)
            self._prepare()
        except (OSError, ChangeFailed) as error:
            self._begun = False
            self.close()
            raise Refused(f"can't be made ready: {error}", where=plan.id, advice="apply it when it is needed") from None
        except BaseException:
            self._begun = True  # whatever is there is not ours to remove
            self.close()
            raise

    def hold(self, because: str, on_step: OnStep = _ignore) -> Contained:
        """Contain now; the journal gets the reason. The case is closed then. Raises RolledBack, NotRolledBack."""
        began = time.monotonic()
        action, notes = self._action, []
        try:
            self._case.journal.append("begun", action=action.id, backup=self._backup, note=because)
            self._begun = True
            notes.append(self._commit())
            committed = time.monotonic()
            notes.append(end_connections(action))
            ended = time.monotonic()
            # What is left: freezing, verifying, and closing the story; a failure there undoes all of it.
            Run(self._plan, self._target, self._case, on_step).apply(self._plan.actions, self._case.journal.progress())
        except FirewallFailed as error:
            raise self._fail(str(error)) from None
        except OSError as error:
            raise self._fail(f"the journal can't be written: {error.strerror}") from None
        finally:
            self.close()
        return Contained(committed - began, ended - began, tuple(note for note in notes if note))

    def close(self) -> None:
        """Let go of it. If it was never held, the case goes too."""
        self._stack.close()
        if not self._begun:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _check_fresh(self) -> None:
        if self._case.journal.entries:
            raise Refused("was begun before", where=self._plan.id, advice="apply it again, or roll it back")

    def _prepare(self) -> None:
        """All that takes time: space, the journal's first line, the record, the request, and one look at the kernel."""
        kind, name, order = kind_of(self._action), name_of(self._action), order_of(self._action)
        self._case.check_space(0)
        self._case.journal.append("opened", plan_digest=self._plan.digest)
        self._backup = back_up(self._action, self._target, self._case.vault)
        links = list_links() if order.frames else None
        self._request = request_tables(kind, name, order, links)
        sum(1 for _ in list_connections())

    def _commit(self) -> str:
        """The transaction; what it could not do. Raises FirewallFailed."""
        try:
            self._nft.run(self._request)
        except FirewallFailed:  # a device may have gone since
            return put_up(self._nft, kind_of(self._action), name_of(self._action), order_of(self._action))
        return ""

    def _fail(self, why: str) -> RolledBack | NotRolledBack:
        """The rules are not there, or it is not known: take away what there may be."""
        try:
            left = Run(self._plan, self._target, self._case, _ignore).undo_all()
        except OSError as error:
            left, why = (), f"{why}; {error}"
        if left:
            return NotRolledBack(why, where=self._plan.id, advice=f"codered rollback {self._plan.id}")
        return RolledBack(f"{why}; nothing is changed", where=self._plan.id, advice="remove the cause and try again")


def _find_action(plan: Plan) -> Action:
    """The plan's first action. Raises Refused if that does not set the firewall."""
    if not plan.actions or plan.actions[0].firewall is None:
        raise Refused("is no plan of a containment", where=plan.id, advice="`codered contain on` makes one")
    return plan.actions[0]
