/* sadmind/IIS. All text: the page it leaves, its shell scripts, and the line in a start script. */

rule sadmind_defaced_page
{
    meta:
        description = "The short black page with the worm's three lines"
        references = "cert-2001-11, scripts"
    strings:
        $head = "<html" nocase
        $black = /<body[^>]{0,40}bgcolor\s{0,2}=\s{0,2}["']?(black|#000000)/ nocase
        $line_1 = "USA Government" nocase
        $anchor_line = "PoizonBOx" nocase
        $line_3 = "contact:sysadmcn@yahoo.com.cn" nocase
    condition:
        any of ($anchor*) and
        $head in (0..64) and $black and all of ($line*) and filesize < 4KB
}

rule sadmind_tools
{
    meta:
        description = "A shell or Perl script that calls the worm's tools in /dev/cuc"
        references = "scripts"
    strings:
        $start = "/dev/cuc/start.sh"
        $time = "/dev/cuc/time.sh"
        $spread = "/dev/cuc/sadmin.sh"
        $web = "/dev/cuc/uniattack."
        $addresses = "/dev/cuc/ranip.pl"
        $scan = "/dev/cuc/grabbb"
        $record = "/dev/cub/result.txt"
    condition:
        uint16(0) == 0x2123 and 2 of them
}

rule sadmind_start_line
{
    meta:
        description = "A start script that starts the worm"
        references = "f-secure"
    strings:
        $start = "/dev/cuc/start.sh"
    condition:
        $start
}
