from codered.detect.scripts.asp.pages import find_page_language, find_parts


def test_code_is_told_from_the_page() -> None:
    text = '<%@ language="JScript" %><%= a %><script>b</script><script RUNAT=server language=VBScript>c</script><% d'
    parts = list(find_parts(text))
    assert [(part.code.strip("= "), part.language) for part in parts] == [("a", ""), ("c", "vbscript"), ("d", "")]
    assert all(text[part.at :].startswith(part.code) for part in parts)
    assert find_page_language(text) == "jscript"
    assert find_page_language("<% x %>") == ""
    assert list(find_parts("<%%>" * 1000)) == []
