/* Bots that hold requests against devices, to be filled in with a victim's address (%s). A web server's log or memory holds
   such requests as they came, never with the place to fill in. */

rule mirai_is_program
{
    meta:
        description = "An ELF program"
        references = "honeypots"
    condition:
        uint32(0) == 0x464C457F
}

rule mirai_http_program
{
    meta:
        description = "A program with two or more of the requests, and a Host line to be filled in"
        references = "yara-bots, report-2026"
    strings:
        $anchor_jaws = "GET /shell?cd+/tmp;rm+-rf+"
        $anchor_gpon = "/GponForm/diag_Form?"
        $anchor_huawei = "/ctrlt/DeviceUpgrade_1"
        $other_gpon = "XWebPageName=diag&diag_action=ping"
        $other_netgear = "/setup.cgi?next_file=netgear.cfg"
        $other_realtek = "/wanipcn.xml"
        $other_realtek_2 = "/picsdesc.xml"
        $other_hnap = "SOAPAction: http://purenetworks.com/HNAP1/"
        $fill_host = "Host: %s"
        $fill_host_2 = "Host: %d.%d.%d.%d"
    condition:
        any of ($anchor*) and uint32(0) == 0x464C457F and 2 of ($anchor*, $other*) and 1 of ($fill*)
}

rule mirai_http_in_memory
{
    meta:
        description = "The same in memory"
        references = "yara-bots, report-2026"
    strings:
        $anchor_jaws = "GET /shell?cd+/tmp;rm+-rf+"
        $anchor_gpon = "/GponForm/diag_Form?"
        $anchor_huawei = "/ctrlt/DeviceUpgrade_1"
        $other_gpon = "XWebPageName=diag&diag_action=ping"
        $other_netgear = "/setup.cgi?next_file=netgear.cfg"
        $other_realtek = "/wanipcn.xml"
        $other_realtek_2 = "/picsdesc.xml"
        $other_hnap = "SOAPAction: http://purenetworks.com/HNAP1/"
        $fill_host = " HTTP/1.1\r\nUser-Agent: Hello, world\r\nHost: %s"
        $fill_host_2 = /\r\nHost: %(s|d\.%d\.%d\.%d)(:\d{1,5})?\r\n/
    condition:
        any of ($anchor*) and 2 of ($anchor*, $other*) and 1 of ($fill*)
}
