from codered.authoring.orders import Sample
from codered.authoring.shared_strings import group_samples


def sample(name: str, *texts: bytes) -> Sample:
    return Sample(name, 1, name, b"\0" + b"\0".join(texts) + b"\0")


def test_strings_of_all_samples_make_one_group() -> None:
    samples = (sample("a", b"alpha_one", b"alpha_two", b"only_a"), sample("b", b"xalpha_one", b"alpha_two"))
    (group,) = group_samples(samples, lambda text: True)
    assert group.strings == {(b"alpha_one", False): True, (b"alpha_two", False): True}
    assert group.samples == samples


def test_samples_without_common_strings_fall_into_groups() -> None:
    samples = (
        sample("a", b"alpha_one", b"alpha_two", b"printf_like"),
        sample("b", b"alpha_one", b"alpha_two", b"printf_like"),
        sample("c", b"beta_one", b"beta_two", b"printf_like"),
        sample("d", b"short"),
    )
    groups = group_samples(samples, lambda text: text != b"printf_like")
    assert [[one.name for one in group.samples] for group in groups] == [["a", "b"], ["c"]]
    assert set(groups[1].strings) == {(b"beta_one", False), (b"beta_two", False)}


def test_nothing_gives_no_group() -> None:
    assert group_samples((), lambda text: True) == ()
    assert group_samples((sample("a", b"useless"),), lambda text: False) == ()
