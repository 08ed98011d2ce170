"""What a script of a web server does, told from its structure and from how data flows through it; never from a name.

`judging` adds up a pack's signs over the facts of one file. To add a language: a room with a `read_facts(script)`, its
line in `reading.READERS`, and its facts in `model/script_facts.json`.
"""
