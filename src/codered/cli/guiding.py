"""The guided workflow of `codered respond`: a new response or one that goes on, step by step, and its report."""

import os
from pathlib import Path

import msgspec

from codered.cli import running
from codered.cli.evidencing import parse_size
from codered.cli.guided_steps import GuidedSteps, Manners, may_ask
from codered.cli.guided_watch import check_length
from codered.cli.output import check_outputs, say, show, write_whole
from codered.cli.respond_options import RespondOptions
from codered.cli.source_checks import refuse_missing_sources
from codered.export.reports.json_document import render_document
from codered.export.responses.html import render_response_html
from codered.export.responses.text import render_decision, render_response, render_step_end, render_step_head
from codered.export.responses.wording import MEANINGS, START_ANEW, TITLES, tell_next
from codered.model.errors import CodeRedError, ExitCode, Refused, WrongUse
from codered.model.response import Asked, Response, StepDone, StepName
from codered.respond.advising import advise_on
from codered.respond.book import ResponseBook, open_book, resume_book
from codered.respond.trust import check_allowed
from codered.respond.workflow import walk

_RENDERERS = {".html": render_response_html, ".json": render_document, ".txt": render_response}


def guide(asked: RespondOptions) -> int:
    """Every step of a response on one target; the exit code."""
    _check(asked)
    refuse_missing_sources(asked)
    where = None
    if asked.resume is not None:
        book = resume_book(asked.resume)
        _add_wishes(book, asked)
    else:
        where = running.choose_target(asked.paths, asked.root, ())  # a wrong word leaves no book behind
        book = open_book(_note_wishes(asked))
    voice = _Voice(quiet=asked.as_json)
    voice.say(f"codered: response {book.response.id}")
    steps = GuidedSteps(book, _choose_manners(book.response, asked), where)
    try:
        code = walk(book, steps.list_steps(), voice)
        code = steps.judge_rest(code)
    except (CodeRedError, KeyboardInterrupt) as error:
        lost = isinstance(error, Refused) and steps.is_outdated()
        book.keep(code=error.exit_code if isinstance(error, CodeRedError) else ExitCode.INTERRUPTED, finished=lost)
        voice.say(f"codered: {START_ANEW if lost else f'go on with: codered respond --resume {book.response.id}'}")
        _write_outputs(book.response, asked)
        raise
    book.keep(code=code, finished=_is_finished(book.response), decision=advise_on(book.response, steps.baseline))
    _tell_end(book.response, voice)
    _write_outputs(book.response, asked)
    if asked.as_json:
        show(render_document(book.response))
    return code


class _Voice:
    """Tells the person of the steps; with --json nothing but the document."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet

    def begin(self, number: int, name: StepName) -> None:
        """The heading of a step, and what it is for."""
        self.show(render_step_head(number, TITLES[name], MEANINGS[name]))

    def end(self, step: StepDone) -> None:
        """What came of it, its exit code and time."""
        self.show(render_step_end(step))

    def pass_over(self, number: int, step: StepDone) -> None:
        """A step that an earlier run did."""
        self.show(f"\n{number}. {TITLES[step.name]}: done before\n")

    def show(self, text: str) -> None:
        """Data for stdout."""
        if not self._quiet:
            show(text)

    def say(self, line: str) -> None:
        """Talk."""
        say(line)


def _check(asked: RespondOptions) -> None:
    """Raises WrongUse."""
    if asked.fast and asked.paths:
        raise WrongUse("--fast is for a whole system", advice="leave PATH away")
    if asked.staged and asked.yes:
        raise WrongUse("--staged and --yes exclude one another", advice="look first, then go on with --resume ID --yes")
    if asked.resume is not None and (asked.paths or asked.root):
        raise WrongUse("--resume knows its target", advice="leave PATH and --root away")
    if asked.no_evidence is not None and not asked.no_evidence.strip():
        raise WrongUse("--no-evidence needs a reason", advice="say why none is collected: it stands in the report")
    if asked.budget is not None:
        parse_size(asked.budget)
    if asked.monitor is not None:
        check_length(asked.monitor)
    for path in asked.output:
        if not path.endswith(tuple(_RENDERERS)):
            raise WrongUse("no response format has this ending", where=path, advice="use " + " ".join(_RENDERERS))
    check_outputs(asked.output)
    if not asked.staged and (asked.yes or asked.resume is not None or may_ask()):
        check_allowed("respond")


def _choose_manners(response: Response, asked: RespondOptions) -> Manners:
    """Whether things are changed, and who is asked: who agreed to the plan once need not do it again after a crash."""
    review = response.step("review")
    agreed = asked.yes or (asked.resume is not None and review is not None and review.state == "done")
    staged = asked.staged or not (agreed or may_ask())
    return Manners(staged=staged, agreed=agreed and not asked.staged, quiet=asked.as_json)


def _note_wishes(asked: RespondOptions) -> Asked:
    """What is asked, with places that are still the same when it goes on from elsewhere."""
    return Asked(
        paths=tuple(os.path.abspath(path) for path in asked.paths),
        root=os.path.abspath(asked.root) if asked.root else "",
        fast=asked.fast,
        baseline=_absolute(asked.baseline),
        restore_from=_absolute(asked.restore_from),
        packages=tuple(_absolute(path) for path in asked.packages),
        keyring=_absolute(asked.keyring),
        lists=_absolute(asked.lists),
        offline=asked.offline,
        patch=asked.patch,
        include_suspicious=asked.include_suspicious,
        no_evidence=asked.no_evidence or "",
        budget=asked.budget or "",
        monitor=asked.monitor or "",
        no_firewall=asked.no_firewall,
    )


def _add_wishes(book: ResponseBook, asked: RespondOptions) -> None:
    """What may still be chosen when a response goes on. Raises WrongUse."""
    if book.response.finished:
        what, where = "is finished", book.response.id
        raise WrongUse(what, where=where, advice="start a new one: codered respond; see it with -o FILE.html")
    old = book.response.asked
    book.keep(
        asked=msgspec.structs.replace(
            old,
            no_evidence=asked.no_evidence or old.no_evidence,
            budget=asked.budget or old.budget,
            monitor=asked.monitor or old.monitor,
            no_firewall=asked.no_firewall or old.no_firewall,
        )
    )


def _absolute(path: str | None) -> str:
    return str(Path(path).absolute()) if path else ""


def _is_finished(response: Response) -> bool:
    """Whether nothing is left that going on would do."""
    return bool(response.steps) and all(step.state in ("done", "skipped") for step in response.steps)


def _tell_end(response: Response, voice: _Voice) -> None:
    if response.decision is not None and response.report is not None and response.report.findings:
        voice.show(render_decision(response.decision))
    following = tell_next(response)
    for line in following:
        voice.say(f"codered: {line}")


def _write_outputs(response: Response, asked: RespondOptions) -> None:
    for path in asked.output:
        ending = next(ending for ending in _RENDERERS if path.endswith(ending))
        write_whole(path, _RENDERERS[ending](response))
