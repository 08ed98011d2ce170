from codered.detect.windows_processes import (
    list_object_names,
    make_findings,
    make_object_findings,
    match_windows_processes,
)
from codered.model.paths import FilePath
from codered.model.process import Connection, Executable, ProcessesSeen, ProcessId, ProcessSeen
from codered.packs.loading import find_packs_folder, load_packs

PACKS = load_packs(find_packs_folder())


def run(pid: int, path: str, *, threads: int = 1, parent: int = 1) -> ProcessSeen:
    return ProcessSeen(
        id=ProcessId(pid, 1),
        parent=parent,
        name=path.rpartition("\\")[2],
        exe=Executable(path=FilePath(path)),
        threads=threads,
        connections=(Connection(protocol="tcp", local_port=80, state="LISTEN"),),
    )


def find(*processes: ProcessSeen, own: frozenset[ProcessId] = frozenset()) -> set[tuple[str, str, int | None]]:
    hits = match_windows_processes(processes, PACKS, own)
    found = make_findings(hits, ProcessesSeen(processes=processes))
    return {(one.pack, one.indicator, one.subject.pid) for one in found}


def test_a_program_is_known_by_its_place_in_any_case() -> None:
    assert find(run(5, "c:\\EXPLORER.exe")) == {("codered2", "explorer-process", 5)}
    assert find(run(5, "C:\\Windows\\explorer.exe"), run(6, "C:\\sub\\explorer.exe")) == set()
    assert find(run(7, "E:\\WINNT\\mmc.exe")) == {("nimda", "mmc-process", 7)}
    assert find(run(7, "E:\\WINNT\\system32\\mmc.exe")) == set()


def test_names_and_threads_must_fit_together() -> None:
    assert find(run(5, "C:\\WINNT\\inetinfo.exe", threads=300)) == {("codered2", "inetinfo-threads", 5)}
    assert find(run(5, "C:\\WINNT\\inetinfo.exe", threads=42), run(6, "C:\\other.exe", threads=300)) == set()


def test_the_scans_own_process_and_one_without_a_program_are_passed_over() -> None:
    assert find(run(5, "C:\\explorer.exe"), own=frozenset((ProcessId(5, 1),))) == set()
    assert find(ProcessSeen(id=ProcessId(4, 0), parent=0, name="System", kernel=True)) == set()
    assert find(ProcessSeen(id=ProcessId(9, 0), parent=0, name="hidden")) == set()


def test_named_objects_are_asked_for_and_told() -> None:
    assert {"CodeRedII", "CodeBlue"} <= set(list_object_names(PACKS))
    (finding,) = make_object_findings({"CodeRedII": "atom"}, PACKS)
    assert (finding.pack, finding.indicator, finding.layer) == ("codered2", "atom", "processes")
    assert finding.subject.name() == "atom CodeRedII"
    assert make_object_findings({}, PACKS) == []
