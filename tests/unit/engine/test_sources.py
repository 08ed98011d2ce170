import importlib.metadata

import pytest

from codered.engine import ENGINE_VERSION, CompileProblem, Matcher, RuleSource, compile_sources, try_each

GOOD = 'rule good { strings: $a = "MARK" condition: $a }'


def problem_of(*texts: str, refuse_slow: bool = False) -> CompileProblem:
    sources = [RuleSource(f"pack{number}", text, f"packs/{number}/rules.yar") for number, text in enumerate(texts)]
    with pytest.raises(CompileProblem) as caught:
        compile_sources(sources, refuse_slow=refuse_slow)
    return caught.value


def test_the_version_is_the_one_that_is_installed() -> None:
    assert importlib.metadata.version("yara-x") in ENGINE_VERSION


def test_what_was_compiled_can_be_loaded() -> None:
    assert Matcher(compile_sources([RuleSource("a", GOOD, "a.yar")])).hits(b"a MARK")
    assert not Matcher(compile_sources([])).hits(b"a MARK")


def test_the_same_sources_give_the_same_bytes() -> None:
    sources = [RuleSource("a", GOOD, "a.yar")]
    assert compile_sources(sources) == compile_sources(sources)


def test_a_problem_names_file_line_and_reason_in_one_line() -> None:
    problem = problem_of(GOOD, 'rule bad {\n  strings:\n    $a = "x"\n  condition: $b\n}')
    assert (problem.origin, problem.line) == ("packs/1/rules.yar", 4)
    assert "$b" in problem.message
    assert "\n" not in problem.message
    assert not problem.message.startswith(("error", "["))
    assert str(problem) == f"packs/1/rules.yar:4: {problem.message}"


@pytest.mark.parametrize(
    "text",
    [
        "rule",
        "not yara at all",
        "rule r { strings: $a = /(/ condition: $a }",
        'rule r { strings: $a = "x" condition: $a and unknown_thing }',
        f"{GOOD}\n{GOOD}",
        'import "no_such_module"\nrule r { condition: true }',
        "rule r { condition: true",
        "\0",
    ],
)
def test_bad_sources_are_problems(text: str) -> None:
    problem = problem_of(text)
    assert problem.origin == "packs/0/rules.yar"
    assert problem.line >= 1
    assert problem.message


def test_what_was_not_expected_is_told() -> None:
    assert "syntax error: expecting" in problem_of('rule r { strings: $a = "x" condition: $a and and }').message
    assert "expression: unclosed group" in problem_of("rule r { strings: $a = /(ab/ condition: $a }").message


def test_includes_are_refused_although_the_file_is_there(tmp_path: object) -> None:
    secret = f"{tmp_path}/secret.yar"
    with open(secret, "w", encoding="utf-8") as file:
        file.write(GOOD)
    problem = problem_of(f'include "{secret}"\nrule r {{ condition: true }}')
    assert problem.line == 1
    assert "include" in problem.message


def test_slow_patterns_are_refused_only_when_asked() -> None:
    slow = "rule slow { strings: $a = /[a-z]{1,200}x/ condition: $a }"
    assert problem_of(slow, refuse_slow=True).line == 1
    assert Matcher(compile_sources([RuleSource("a", slow, "a.yar")])).hits(b"abcx")


def test_packs_do_not_see_each_others_rules() -> None:
    assert "good" in problem_of(GOOD, "rule r { condition: good }").message


def test_sources_are_tried_one_by_one_and_may_use_those_before() -> None:
    texts = ('import "pe"', "rule a { condition: pe.is_pe }", "rule bad {", "rule b { condition: a }",
             "rule c { condition: nothing }", 'rule d { strings: $a = "x" condition: $a }',
             r"rule e { strings: $a = /INERT\R{}/ condition: $a }")  # fmt: skip
    problems = try_each([RuleSource("", text, "x.yar") for text in texts])
    assert [problem is None for problem in problems] == [True, True, False, True, False, False, True]
    assert [problem.message for problem in problems if problem][1:] == ["unknown identifier `nothing`", "slow pattern"]


def test_patterns_are_relaxed_only_when_asked() -> None:
    source = [RuleSource("", r"rule e { strings: $a = /INERT\R{}/ condition: $a }", "x.yar")]
    assert Matcher(compile_sources(source, relaxed=True)).hits(b"INERTR{}")
    with pytest.raises(CompileProblem):
        compile_sources(source)
