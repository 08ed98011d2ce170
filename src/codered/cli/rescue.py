"""`codered rescue`: a bootable medium that cleans a Windows machine from outside."""

import rich_click as click

from codered.cli.rescue_options import RescueOptions


@click.group("rescue", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Make a bootable medium: a small Linux with this tool, for what resists a clean-up of the running system."""


@command.command("build")
@click.option("-o", "--output", required=True, metavar="FILE", help="The image to make: for a USB stick, a CD, a VM.")
@click.option("--plan", metavar="PLAN", help="Carry out this plan at the boot, then power off. Default: a shell.")
@click.option("--approve", default="", metavar="DIGEST", help="The plan's digest, as its reviewer read it: sha256:…")
@click.option("--kernel", metavar="DEB", help="A Debian package of a kernel. Default: the one installed here.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def build(output: str, plan: str | None, approve: str, kernel: str | None, as_json: bool) -> int:
    """Make the medium. With --plan it finds the volumes the plan was made for by what lies on them, carries the plan
    out only where everything is as it expects, keeps journal and backups on its own partition, and powers off.

    Write it to a stick with `dd if=FILE of=/dev/sdX bs=4M conv=fsync`, or boot a virtual machine from it.
    """
    from codered.cli import rescuing

    return rescuing.build(RescueOptions(output, kernel, plan, approve, as_json))


@command.command("run", hidden=True)
@click.option("--undo", is_flag=True, help="Undo what the medium's plan did.")
def run(undo: bool) -> int:
    """What the booted medium does."""
    from codered.cli import rescuing

    return rescuing.run(undo=undo)


@command.command("result")
@click.argument("medium", metavar="MEDIUM")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def result(medium: str, as_json: bool) -> int:
    """Tell what a medium did at its last boot: its image, or the stick."""
    from codered.cli import rescuing

    return rescuing.fetch(medium, as_json=as_json)
