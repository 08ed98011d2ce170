"""The forms that packs can be written in, one explicit list."""

from codered.export.indicators import blocklists, clamav, nmap, yara
from codered.export.indicators.blocklists import make_blocklists
from codered.export.indicators.clamav import make_clamav
from codered.export.indicators.exported import Form
from codered.export.indicators.nmap import make_nmap
from codered.export.indicators.snort import make_snort
from codered.export.indicators.suricata import make_suricata
from codered.export.indicators.yara import make_yara

_ALL = (
    Form("yara", "YARA", yara.CHECKED_WITH, make_yara),
    Form("clamav", "ClamAV", clamav.CHECKED_WITH, make_clamav),
    Form("suricata", "Suricata", "", make_suricata),
    Form("snort", "Snort 2", "", make_snort),
    Form("nmap", "nmap scripts", nmap.CHECKED_WITH, make_nmap),
    Form("blocklists", "Blocklists", blocklists.CHECKED_WITH, make_blocklists),
)

FORMS: dict[str, Form] = {form.name: form for form in _ALL}
