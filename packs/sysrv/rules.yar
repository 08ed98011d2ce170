/* Sysrv. The names are those of its loader; what stands in the program is inferred, so the rules never say more than
   "suspicious". */

rule sysrv_is_program
{
    meta:
        description = "An ELF program"
        references = "loader"
    condition:
        uint32(0) == 0x464C457F
}

rule sysrv_loader
{
    meta:
        description = "The loader: names of the worm and its miner, the crontab, and other miners it ends"
        references = "loader"
    strings:
        $worm = /sys(rv)?=sysrv0[0-9]{0,3}/
        $miner = /xmr=network0[0-9]{0,3}/
        $self = "/ldr.sh"
        $cron = "crontab -"
        $rival = "kdevtmpfsi"
    condition:
        ($worm or $miner) and 2 of ($self, $cron, $rival)
}

rule sysrv_program
{
    meta:
        description = "A program with the names of the loader, the worm and what its miner poses as"
        references = "loader, removers, inferred"
    strings:
        $anchor_thread = "kthreaddi"
        $anchor_loader = "/ldr.sh"
        $name_thread = "kthreaddk"
        $name_worm = /sysrv0[0-9]{2}/
        $name_hello = "sysrv-hello"
        $name_miner = /network0[01][0-9]?/
        $name_rival = "kdevtmpfsi"
    condition:
        any of ($anchor*) and uint32(0) == 0x464C457F and all of ($anchor*) and 2 of ($name*)
}

rule sysrv_in_memory
{
    meta:
        description = "The same names in memory"
        references = "loader, removers, inferred"
    strings:
        $anchor_thread = "kthreaddi"
        $anchor_loader = "/ldr.sh"
        $name_thread = "kthreaddk"
        $name_worm = /sysrv0[0-9]{2}/
        $name_hello = "sysrv-hello"
        $name_miner = /network0[01][0-9]?/
        $go = "runtime.gopanic\x00"
    condition:
        any of ($anchor*) and all of ($anchor*) and 2 of ($name*) and $go
}
