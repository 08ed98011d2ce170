"""`codered packs export`: packs for the engines that people already run."""

from typing import Any

import rich_click as click

from codered.cli.options import as_json_option


@click.command("export")
@click.argument("names", nargs=-1, metavar="[NAME|FOLDER]...")
@click.option("--as", "forms", multiple=True, metavar="FORM", help="A form, as often as you like; default: all forms.")
@click.option("--to", "folder", required=True, metavar="DIR", help="Write the files into a folder a form below DIR.")
@click.option("--report", metavar="FILE", help="A saved report whose attackers go into the blocklists.")
@click.option("--force", is_flag=True, help="Write into DIR although it holds other things.")
@as_json_option
def command(**given: Any) -> int:
    """Write packs as rules of other engines. Default: all packs, in all forms.

    Forms: yara clamav suricata snort nmap blocklists sigma modsecurity osquery wazuh velociraptor stix misp. What a
    form can't say is left out and told.
    """
    from codered.cli.packs import export_writing

    return export_writing.export_packs(export_writing.Wanted(**given))
