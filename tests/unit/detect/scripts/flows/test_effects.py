from codered.detect.scripts.flows.effects import MOST_OF_SHELL
from codered.detect.scripts.flows.following import Follower
from codered.detect.scripts.flows.grammar import TAINTS, load_grammar
from codered.detect.scripts.flows.statements import split_statements
from codered.detect.scripts.flows.tokens import read_tokens


def find_uses(code: str, room: str, name: str) -> dict[str, int]:
    grammar = load_grammar(room, name)
    follower = Follower(split_statements(read_tokens(code, grammar.syntax), grammar.syntax), grammar)
    follower.follow()
    return {use.what: use.made_of for use in follower.uses.values()}


def test_what_is_put_into_an_object_comes_out_of_it() -> None:
    code = 'set s = createobject("adodb.stream")\ns.write request("a")\nexecute s.readtext\n'
    assert find_uses(code, "asp", "vbscript")["code"] & TAINTS["request"]


def test_functions_by_other_names_are_known() -> None:
    assert find_uses('var f = {"E": eval}; f.E(Request("a"));', "asp", "jscript")["code"] & TAINTS["request"]
    assert find_uses('this["ev" + "al"](Request("a"));', "asp", "jscript")["code"] & TAINTS["request"]


def test_lists_of_values_are_handed_on() -> None:
    code = 'byte[] d = F(Request["a"]); m.Invoke(null, new object[] { d });'
    assert find_uses(code, "dotnet", "dotnet")["invoke"] & TAINTS["request"]


def test_large_programs_that_listen_are_servers() -> None:
    code = "socket(S, 1, 1, 1); $l = <S>; system($l);"
    assert find_uses(code, "cgi", "perl")["command"] & TAINTS["fetched"]
    assert not find_uses(code + "$a = 1;" * MOST_OF_SHELL, "cgi", "perl")["command"] & TAINTS["fetched"]


def test_accounts_by_their_scheme_are_known() -> None:
    assert "system" in find_uses('set u = getobject("WinNT://./admins,group")\n', "asp", "vbscript")
