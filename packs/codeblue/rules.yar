/* Code Blue. No sample was seen: the strings follow from the described behaviour, so this never says more than "suspicious". */

rule codeblue_program
{
    meta:
        description = "Code Blue's mutex or the address it floods, with the names of its files and its Run value"
        references = "symantec, press, inferred"
    strings:
        $anchor_mutex = "CodeBlue"
        $anchor_flood = "211.99.196.135"
        $name_run = "Domain Manager" nocase
        $name_program = "c:\\svchost.exe" nocase
        $name_script = "c:\\d.vbs" nocase
        $name_dll = "httpext.dll" nocase
    condition:
        any of ($anchor*) and 3 of ($name*)
}
