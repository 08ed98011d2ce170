from pathlib import Path

from codered.collect.windows.autostart.com_classes import find_servers
from tests.fixtures.windows_machines import Laid, open_machine
from tests.fixtures.windows_roots import Entries

NUMBER = "{11111111-aaaa-1111-1111-111111111111}"


def test_servers_of_a_class(tmp_path: Path) -> None:
    software: Entries = {
        f"Classes\\CLSID\\{NUMBER}\\InprocServer32": {"": " C:\\x.dll "},
        f"Classes\\CLSID\\{NUMBER}\\LocalServer32": {"": "C:\\x.exe -s"},
        f"Classes\\Wow6432Node\\CLSID\\{NUMBER}\\InprocServer32": {"": "C:\\x.dll"},
        "Classes\\CLSID\\InprocServer32": {"": "C:\\y.dll"},
    }
    user: Entries = {f"Software\\Classes\\CLSID\\{NUMBER}\\InprocServer32": {"": "C:\\u.dll"}}
    machine = open_machine(tmp_path, Laid(software, user=user))
    assert set(find_servers(machine, NUMBER.upper())) == {"C:\\x.dll", "C:\\x.exe -s", "C:\\u.dll"}
    assert find_servers(machine, NUMBER.replace("a", "b")) == ()
    for bad in ("", "..", f"{NUMBER}\\InprocServer32", NUMBER + "\n", NUMBER.strip("{}")):
        assert find_servers(machine, bad) == ()
