"""Examples of the reference: lines that can be typed. A test has each parsed by the command that it is of."""

from collections.abc import Mapping

EXAMPLES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "scan": (
        ("This host, with the report kept as JSON and as a page", "codered scan -o report.json -o report.html"),
        ("Seconds only: what runs, and what it points to", "codered scan --fast"),
        ("A mounted Windows disk, and one folder", "codered scan /mnt/disk /var/www"),
        ("A disk image, with what is left of deleted files", "codered scan --image evidence.vmdk --deleted"),
        ("Web logs, with your own networks named", "codered scan --logs access.log --internal 203.0.113.0/24"),
        ("Which process of this host scans", "codered scan --network --for 60s"),
    ),
    "baseline": (
        ("Record this host while it can be trusted", "codered baseline create -o good.baseline"),
        ("Sign it with a key that never comes to this host", "codered baseline sign good.baseline --key mine.key"),
        ("What is not as it was", "codered baseline compare good.baseline"),
    ),
    "plan": (
        ("From a report", "codered plan report.json -o plan.json"),
        (
            "With packages from a stick, and no network",
            "codered plan report.json --packages /mnt/usb/debs --offline -o plan.json",
        ),
        ("Also close the holes", "codered plan report.json --patch -o plan.json"),
    ),
    "contain": (
        ("Cut this host off; your own session stays", "codered contain on"),
        ("Only what a threat reaches for", "codered contain on --pack codered2"),
        ("Undo it", "codered contain off"),
        ("By itself, for a day", "codered contain --auto --for 24h"),
        (
            "A machine at its switch port, under the rules",
            'codered contain host iis-nimda --reason "it spreads" --as Nora --key nora.key',
        ),
    ),
    "apply": (
        ("Check and show everything, change nothing", "codered apply plan.json --dry-run"),
        ("Carry it out", "codered apply plan.json"),
    ),
    "verify": (("Prove that it is gone", "codered verify plan.json -o proof.html"),),
    "rollback": (("Undo it, byte for byte", "codered rollback plan.json"),),
    "respond": (
        ("Be guided through all steps", "codered respond"),
        ("Go on after a crash", "codered respond --resume"),
    ),
    "monitor": (
        (
            "Watch for what comes back, and freeze it",
            "codered monitor --plan plan.json --for 72h --on-finding contain",
        ),
        ("What watches there are", "codered monitor status"),
    ),
    "evidence": (
        ("Keep what would be lost", "codered evidence collect --plan plan.json -o /root/evidence"),
        ("Prove that it is unchanged", "codered evidence verify /root/evidence/CONTAINER"),
    ),
    "report": (("A saved report as a page", "codered report report.json -o report.html"),),
    "packs": (
        ("What the tool knows", "codered packs list"),
        ("Draft a pack from samples", "codered packs new myworm --from samples --clean clean"),
        ("Why a rule does (not) match", "codered packs try FILE --packs ./myworm"),
        ("For the engines that you already run", "codered packs export --to exports"),
    ),
    "rescue": (
        ("A medium that carries out a plan", "codered rescue build --plan plan.json --approve DIGEST -o rescue.iso"),
    ),
    "script": (("For a host that is too old for this tool", "codered script plan.json --for iis5 -o scripts"),),
    "drill": (
        ("The whole thing on an inert volume", "codered drill host"),
        ("A crisis team's exercise", "codered drill tabletop start three-am"),
        ("The same on real servers and switches, in a checkout", "codered drill lab start"),
    ),
    "self-check": (("Is this copy of the tool whole, and what can it do here", "codered self-check"),),
    "completion": (("For the shell that you use", "codered completion bash"),),
    "answer": (("What a fleet engine runs on a host", "codered answer JOB.json"),),
    "hosts": (
        ("Take what the network's own tools know", "codered hosts import enterprise.yaml dnsmasq.leases"),
        ("What is not known", "codered hosts gaps"),
        ("Where hosts are plugged in", "codered hosts locate --tag web"),
    ),
    "sweep": (
        ("Every subnet that may be swept", "codered sweep --all --authorisation authorisation.yaml"),
        ("What was not covered", "codered sweep --coverage"),
    ),
    "fleet": (
        ("Scan, by tag", "codered fleet scan --tag web"),
        ("Plan and clean what a run found, by its number", "codered fleet plan 7"),
        ("State of every host of a run", "codered fleet status 7"),
    ),
    "incident": (
        (
            "Declare one",
            "codered incident declare red --title 'Code Red II inside' --pack codered2 --as Nora --key nora.key",
        ),
        ("Where it stands, as one page", "codered incident status --pdf status.pdf"),
    ),
    "task": (("The most urgent one of your roles", "codered task next --as Nora"),),
    "rules": (
        ("Prove what rules promise", "codered rules check rules.yaml"),
        ("What they say about an action", "codered rules explain isolate_host iis-nimda"),
    ),
    "approve": (
        ("What waits for you", "codered approve list --as Edda"),
        ("Say yes", "codered approve yes e4c04286 --as Edda --key edda.key"),
    ),
    "account": (
        ("Let somebody in", "codered account invite Nora"),
        ("A token for a program", "codered account token make dashboard --scope findings:read"),
    ),
    "work": (("Do what is due, until Ctrl-C", "codered work"),),
    "serve": (
        ("The console", "codered serve"),
        ("A played outbreak to look at", "codered serve --demo"),
    ),
}
"""First word after `codered` -> what a line is for, and the line. Every word has one."""
