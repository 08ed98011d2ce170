"""The forms that packs can be written in, one explicit list."""

from codered.export.indicators import blocklists, clamav, misp, modsecurity, nmap, sigma, stix, yara
from codered.export.indicators.blocklists import make_blocklists
from codered.export.indicators.clamav import make_clamav
from codered.export.indicators.exported import Form
from codered.export.indicators.misp import make_misp
from codered.export.indicators.modsecurity import make_modsecurity
from codered.export.indicators.nmap import make_nmap
from codered.export.indicators.osquery import make_osquery
from codered.export.indicators.sigma import make_sigma
from codered.export.indicators.snort import make_snort
from codered.export.indicators.stix import make_stix
from codered.export.indicators.suricata import make_suricata
from codered.export.indicators.velociraptor import make_velociraptor
from codered.export.indicators.wazuh import make_wazuh
from codered.export.indicators.yara import make_yara

_ALL = (
    Form("yara", "YARA", yara.CHECKED_WITH, make_yara),
    Form("clamav", "ClamAV", clamav.CHECKED_WITH, make_clamav),
    Form("suricata", "Suricata", "", make_suricata),
    Form("snort", "Snort 2", "", make_snort),
    Form("nmap", "nmap scripts", nmap.CHECKED_WITH, make_nmap),
    Form("blocklists", "Blocklists", blocklists.CHECKED_WITH, make_blocklists),
    Form("sigma", "Sigma rules", sigma.CHECKED_WITH, make_sigma),
    Form("modsecurity", "ModSecurity", modsecurity.CHECKED_WITH, make_modsecurity),
    Form("osquery", "osquery", "", make_osquery),
    Form("wazuh", "Wazuh", "", make_wazuh),
    Form("velociraptor", "Velociraptor", "", make_velociraptor),
    Form("stix", "STIX 2.1", stix.CHECKED_WITH, make_stix),
    Form("misp", "MISP", misp.CHECKED_WITH, make_misp),
)

FORMS: dict[str, Form] = {form.name: form for form in _ALL}
