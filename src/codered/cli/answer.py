"""`codered answer`: do what headquarters asked of this host, and answer under this host's signature."""

import rich_click as click


@click.command("answer")
@click.argument("job", metavar="JOB.json", required=False)
@click.option("-o", "--output", metavar="FILE", help="Also write the sealed answer here, to carry it back by hand.")
@click.option(
    "--piece", type=(click.IntRange(0), str), metavar="OFFSET NAME", help="Print a piece of an answer kept here."
)
def command(job: str | None, output: str | None, piece: tuple[int, str] | None) -> int:
    """Carry out a job that headquarters signed, for this host and until its time is over; print where the answer is.

    JOB.json is what `codered fleet` or `codered sweep --bundle` made. A job that changes something is carried out once:
    the same job again gives the same answer. With /etc/codered/trust.toml this host obeys the keys named there alone.

    Exits with 0 if the job was done (the answer holds its own exit code), 2 if it is no job, 3 if it could not be done,
    4 if it was refused, 6 or 7 if a change failed.
    """
    from codered.cli import answering

    if piece is not None:
        return answering.print_piece(*piece)
    if job is None:
        raise click.UsageError("name a job, or a piece of an answer")
    return answering.answer(job, output)
