/* Code Red II. The marker and the places are described by analysts; the exact spelling inside the program was not seen,
   so the file rules never say more than "suspicious". */

rule codered2_body
{
    meta:
        description = "Marker of Code Red II with the places it writes to, in memory or on the wire"
        references = "incid"
    strings:
        $anchor_atom = "CodeRedII"
        $request = /default\.ida\?X{32}/
        $place_scripts = ":\\inetpub\\scripts\\root.exe" nocase
        $place_msadc = "\\system\\msadc\\root.exe" nocase
        $place_shell = ":\\explorer.exe" nocase
        $call_atom = "GlobalFindAtomA"
        $source = "\\cmd.exe" nocase
    condition:
        any of ($anchor*) and ($request or 1 of ($place*)) and 3 of them
}

rule codered2_saved_body
{
    meta:
        description = "The same strings in a binary file: a saved body, a capture or a memory dump"
        references = "incid, inferred"
    strings:
        $anchor_atom = "CodeRedII"
        $request = /default\.ida\?X{32}/
        $place_scripts = ":\\inetpub\\scripts\\root.exe" nocase
        $place_msadc = "\\system\\msadc\\root.exe" nocase
        $place_shell = ":\\explorer.exe" nocase
        $call_atom = "GlobalFindAtomA"
        $source = "\\cmd.exe" nocase
    condition:
        any of ($anchor*) and ($request or 1 of ($place*)) and 3 of them
}

rule codered2_trojan
{
    meta:
        description = "A small program with the settings the trojan explorer.exe keeps rewriting"
        references = "incid, vbs, inferred"
    strings:
        $anchor_root = ":\\,,217"
        $key_roots = "W3SVC\\Parameters\\Virtual Roots" nocase
        $key_sfc = "SFCDisable" nocase
        $key_logon = "CurrentVersion\\Winlogon" nocase
    condition:
        any of ($anchor*) and 2 of ($key*) and uint16(0) == 0x5A4D and filesize < 64KB
}

rule codered2_trojan_in_memory
{
    meta:
        description = "The settings the trojan explorer.exe keeps rewriting, in the memory of a program"
        references = "incid, vbs, inferred"
    strings:
        $anchor_root = ":\\,,217\x00"
        $key_roots = "W3SVC\\Parameters\\Virtual Roots" nocase
        $key_sfc = "SFCDisable" nocase
        $key_logon = "CurrentVersion\\Winlogon" nocase
    condition:
        any of ($anchor*) and 2 of ($key*)
}
