/* Kinsing. The strings are named by public rules and by hosts' owners; the conditions are our own. No sample was seen. */

rule kinsing_is_program
{
    meta:
        description = "An ELF program or library: a text in the same place is a vaccine or a note"
        references = "incidents"
    condition:
        uint32(0) == 0x464C457F
}

rule kinsing_program
{
    meta:
        description = "A program with the names of Kinsing's functions and of its files"
        references = "signature-base, second-rule, incidents"
    strings:
        $anchor_redis = "main.redisBrute"
        $anchor_control = "ActiveC2CUrl"
        $name_scan = "main.masscan"
        $name_connect = "main.backconnect"
        $name_health = "main.checkHealth"
        $name_task = "main.runTask"
        $name_fetch = "downloadAndExecute"
        $name_socks = "connectForSocks"
        $name_miner = "kdevtmpfsi"
    condition:
        any of ($anchor*) and uint32(0) == 0x464C457F and 3 of ($name*)
}

/* Go keeps the names of functions with a NUL behind each; a list of rules that names them does not. */
rule kinsing_in_memory
{
    meta:
        description = "The names of Kinsing's functions, each with a NUL behind it as in a running Go program"
        references = "signature-base, second-rule, inferred"
    strings:
        $anchor_redis = "main.redisBrute\x00"
        $anchor_scan = "main.masscan\x00"
        $name_connect = "main.backconnect\x00"
        $name_health = "main.checkHealth\x00"
        $name_task = "main.runTask\x00"
        $name_cipher = "main.RC4\x00"
    condition:
        any of ($anchor*) and 2 of ($name*)
}
