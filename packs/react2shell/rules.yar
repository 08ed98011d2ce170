/* What was left after React2Shell. The strings are named by public rules; the conditions are our own. No sample was seen.
   In memory each string must stand by itself, which it does not in a list of rules. */

rule react2shell_is_program
{
    meta:
        description = "An ELF program"
        references = "incident"
    condition:
        uint32(0) == 0x464C457F
}

rule react2shell_peerblight
{
    meta:
        description = "PeerBlight: where it copies itself to, and its service"
        references = "yara-dec25"
    strings:
        $anchor_unit = "/lib/systemd/system/systemd-agent.service"
        $place_copy = "/bin/systemd-daemon"
        $name_thread = "softirq"
        $name_key = "srvk"
    condition:
        any of ($anchor*) and uint32(0) == 0x464C457F and $place_copy and 1 of ($name*)
}

rule react2shell_peerblight_in_memory
{
    meta:
        description = "PeerBlight: the same two places, each by itself"
        references = "yara-dec25, inferred"
    strings:
        $anchor_unit = "/lib/systemd/system/systemd-agent.service\x00"
        $place_copy = /\x00\/bin\/systemd-daemon\x00/
    condition:
        any of ($anchor*) and $place_copy
}

rule react2shell_zinfoq
{
    meta:
        description = "ZinFoq: its marker and two of its commands"
        references = "yara-dec25"
    strings:
        $anchor_marker = "_FlAg_UuId;;;;;;"
        $command_shell = "interactive_shell"
        $command_fetch = "explorer_download"
    condition:
        any of ($anchor*) and uint32(0) == 0x464C457F and 1 of ($command*)
}

rule react2shell_zinfoq_in_memory
{
    meta:
        description = "ZinFoq in a running Go program"
        references = "yara-dec25, inferred"
    strings:
        $anchor_marker = "_FlAg_UuId;;;;;;"
        $command_shell = "interactive_shell"
        $command_fetch = "explorer_download"
        $go = "runtime.gopanic\x00"
    condition:
        any of ($anchor*) and all of ($command*) and $go
}

rule react2shell_cowtunnel
{
    meta:
        description = "CowTunnel: its own messages, and one of the proxy it is built on"
        references = "yara-dec25"
    strings:
        $anchor_seal = "[nss] encrypt_data"
        $anchor_open = "[nss] decrypt_data"
        $proxy = "cannot create proxy service, it should not happenned!"
    condition:
        any of ($anchor*) and uint32(0) == 0x464C457F and all of ($anchor*) and $proxy
}

rule react2shell_cowtunnel_in_memory
{
    meta:
        description = "CowTunnel: the same in memory, with the end of a text behind each"
        references = "yara-dec25, inferred"
    strings:
        $anchor_seal = "[nss] encrypt_data"
        $anchor_open = "[nss] decrypt_data"
        $proxy = "cannot create proxy service, it should not happenned!"
        $end = /\[nss\] (en|de)crypt_data[^"\\\x00]{0,80}\x00/
    condition:
        any of ($anchor*) and all of ($anchor*) and $proxy and $end
}

rule react2shell_shell_in_memory
{
    meta:
        description = "The text of a shell that answers requests, as published proofs put it into a Node.js server"
        references = "yara-pocs, inferred"
    strings:
        $anchor_query = ".query.cmd"
        $exec = ".execSync("
        $path = ".pathname=="
        $bad = ".writeHead(400)"
        $good = ".writeHead(200,{'Content-Type':"
        $hook = "createServer"
    condition:
        any of ($anchor*) and $exec and $path and $bad and $good and $hook
}
