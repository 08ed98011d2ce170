from codered.export.writing import page_parts
from codered.export.writing.escaping import Markup


def test_table_has_caption_and_scopes() -> None:
    cells = [page_parts.make_cell("<a>", "code"), page_parts.make_cell("7", "number")]
    table = page_parts.make_table("All & sundry", ("Name", "Count"), [cells])
    assert "<caption>All &amp; sundry</caption>" in table
    assert '<th scope="col">Name</th><th scope="col" class="number">Count</th>' in table
    assert '<th scope="row" class="code">&lt;a&gt;</th><td class="number" data-label="Count">7</td>' in table


def test_section_and_chip() -> None:
    section = page_parts.make_section("A < B", page_parts.make_paragraph("x & y"), name="warning")
    assert section == '<section class="warning"><h2>A &lt; B</h2><p>x &amp; y</p></section>'
    assert page_parts.make_chip("likely") == '<span class="chip likely">likely</span>'


def test_lists_and_facts_leave_out_what_is_empty() -> None:
    assert page_parts.make_list([]) == ""
    assert page_parts.make_list([Markup("a")]) == "<ul><li>a</li></ul>"
    assert page_parts.make_facts([("n", Markup("v")), ("m", Markup(""))]) == "<dl><dt>n</dt><dd>v</dd></dl>"


def test_quotes_are_entities() -> None:
    assert page_parts.make_quote("<x") == "<code>&#60;&#120;</code>"
