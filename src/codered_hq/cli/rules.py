"""`codered rules`: the rules of engagement that every action of headquarters passes."""

from typing import Any

import rich_click as click

from codered.cli.options import as_json_option
from codered_hq.cli.entering import HeadquartersGroup, prepare
from codered_hq.cli.speaking import speaker_options


@click.group("rules", cls=HeadquartersGroup)
def command() -> None:
    """Rules of engagement: who must say yes to what, what is never done, and the proof that the rules hold that.

    Write them as a YAML file (codered rules show --sample), have them signed by who answers for them, and put them in
    force. Without rules in force headquarters only looks.
    """


@command.command("show")
@click.argument("file", default="", metavar="[FILE]")
@click.option("--sample", is_flag=True, help="Print rules to begin with.")
@as_json_option
def show(**given: Any) -> int:
    """Print rules as they were written: those in force, or those of a file (YAML, or signed: FILE.signed)."""
    from codered_hq.cli import rules_showing

    return rules_showing.show_rules(given)


@command.command("card")
@click.argument("file", default="", metavar="[FILE]")
@click.option("-o", "--output", default="", metavar="FILE.pdf", help="Write the card as a PDF of one A4 page.")
def card(**given: Any) -> int:
    """Print the rules on one page: who must say yes to what, caps, what is never done, whom to tell."""
    from codered_hq.cli import rules_showing

    return rules_showing.show_card(given)


@command.command("check")
@click.argument("file", metavar="FILE")
@as_json_option
def check(**given: Any) -> int:
    """Prove what rules promise, in every situation, and name rules that can never decide anything.

    Exits with 1 if a promise is broken or something is doubtful, with 2 if the file can't be read.
    """
    from codered_hq.cli import rules_checking

    return rules_checking.check(given)


@command.command("test")
@click.argument("file", metavar="FILE")
@as_json_option
def test(**given: Any) -> int:
    """Ask the examples of a file. Exits with 1 if one is answered otherwise, or if a rule is met by none of them."""
    from codered_hq.cli import rules_checking

    return rules_checking.test(given)


@command.command("diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@as_json_option
def diff(**given: Any) -> int:
    """Tell what differs between two files of rules, and which answers change; those that get laxer come first.

    Exits with 1 if anything differs.
    """
    from codered_hq.cli import rules_checking

    return rules_checking.diff(given)


@command.command("explain")
@click.argument("action", metavar="ACTION")
@click.argument("hosts", nargs=-1, metavar="[HOST…]")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Of a machine that is only thought of (repeatable).")
@click.option("--state", default="unknown", metavar="STATE", help="Its state. Default: unknown.")
@click.option("--criticality", default="normal", metavar="WORD", help="low, normal, high or vital. Default: normal.")
@click.option("--evidence-saved", is_flag=True, help="Its evidence is saved.")
@click.option("--at", "at", default="", metavar="TIME", help="When: 2026-12-31, '2026-12-31 10:00', 'Tue 10:00'.")
@click.option("--drill", is_flag=True, help="As in a drill.")
@click.option("--for", "lasting", default="", metavar="TIME", help="For how long it is asked: 8h.")
@click.option("--rules", "file", default="", metavar="FILE", help="Ask the rules of a file. Default: those in force.")
@as_json_option
def explain(**given: Any) -> int:
    """Ask the rules about an action on hosts, and why they answer so: the rule, who must say yes, what came close.

    Nothing is done or noted. Exits with 0 for yes, 5 if people must say yes, 4 for no.
    """
    from codered_hq.cli import rules_explaining

    return rules_explaining.explain_action(given)


@command.command("sign")
@click.argument("file", metavar="FILE")
@click.option("--key", "key_file", required=True, metavar="FILE", help="The approver's private key.")
@click.option("--make-key", is_flag=True, help="Make it if it is not there, and its public half beside it (.pub).")
@click.option("-o", "--output", default="", metavar="FILE", help="Where to write it. Default: FILE.signed.")
def sign(**given: Any) -> int:
    """Sign rules, if all that they promise is proved and all their examples hold."""
    from codered_hq.cli import rules_signing

    return rules_signing.sign(given)


@command.command("use")
@click.argument("file", metavar="FILE.signed")
@speaker_options
def use(**given: Any) -> int:
    """Put signed rules in force. The public keys of approvers lie in keys/approvers below headquarters' folder.

    Approvals that wait under the old rules are void.
    """
    prepare()
    from codered_hq.cli import rules_signing

    return rules_signing.use(given)
