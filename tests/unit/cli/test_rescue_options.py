from codered.cli.rescue_options import RescueOptions


def test_the_words_of_build_are_kept_by_name() -> None:
    asked = RescueOptions("x.iso", None, "plan.json", "sha256:0", as_json=False)
    assert (asked.output, asked.kernel, asked.plan, asked.approve) == ("x.iso", None, "plan.json", "sha256:0")
