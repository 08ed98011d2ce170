/* China Chopper. The lines are named by public rules; the conditions are our own: the line must be the page, so that a text
   about it is none. What stands in bigger pages is for the pack webshell. */

rule chinachopper_aspx
{
    meta:
        description = "The line in ASP.NET (JScript): eval of a parameter, with \"unsafe\""
        references = "signature-base"
    strings:
        $anchor_unsafe = "\"unsafe\"" nocase
        $anchor_unsafe_single = "'unsafe'" nocase
        $line = /<%@ ?Page Language ?= ?["']?Jscript["']?[^%>]{0,60}%>\s{0,8}(<%[^%>]{0,60}%>\s{0,8})?<%\s{0,8}eval\s?\(\s?Request[^%]{1,120}["']unsafe["']\s?\);?\s{0,8}%>/ nocase
    condition:
        any of ($anchor*) and $line in (0..160) and filesize < 1000
}

rule chinachopper_asp
{
    meta:
        description = "The line in ASP: eval or execute of a parameter"
        references = "signature-base"
    strings:
        $anchor_eval_a = "eval request" nocase
        $anchor_eval_b = "eval(request" nocase
        $anchor_eval_c = "eval (request" nocase
        $anchor_execute_a = "execute request" nocase
        $anchor_execute_b = "execute(request" nocase
        $anchor_execute_c = "execute (request" nocase
        $anchor_global_a = "executeglobal request" nocase
        $anchor_global_b = "executeglobal(request" nocase
        $anchor_global_c = "executeglobal (request" nocase
        $line = /<%\s{0,8}@?\s?(eval|execute|executeglobal)( | ?\()request(\.form|\.item)?\s?\(\s?["'][^"'%]{1,40}["']\s?\)\s?\)?\s{0,8}%>/ nocase
    condition:
        any of ($anchor*) and $line in (0..160) and filesize < 600
}

rule chinachopper_php
{
    meta:
        description = "The line in PHP: eval or assert of a parameter"
        references = "signature-base"
    strings:
        $anchor_eval_a = "eval($_" nocase
        $anchor_eval_b = "eval ($_" nocase
        $anchor_eval_c = "eval(@$_" nocase
        $anchor_assert_a = "assert($_" nocase
        $anchor_assert_b = "assert ($_" nocase
        $anchor_assert_c = "assert(@$_" nocase
        $line = /<\?(php)?\s{0,8}@?(eval|assert)( ?\(|\(@)\$_(POST|GET|REQUEST)\s?\[\s?["']?[^\]"']{1,40}["']?\s?\]\s?\)\s?;?\s{0,8}(\?>|$)/ nocase
    condition:
        any of ($anchor*) and $line in (0..160) and filesize < 600
}

rule chinachopper_long_form
{
    meta:
        description = "The form for JSP and ColdFusion: both marks, and the orders z0, z1 and z2"
        references = "signature-base, commands"
    strings:
        $anchor_z1 = "\"z1\"" nocase
        $anchor_z1_single = "'z1'" nocase
        $anchor_form_z1 = "form.z1" nocase
        $z2_a = "\"z2\"" nocase
        $z2_b = "'z2'" nocase
        $z2_c = "form.z2" nocase
        $open_a = "\"->|\""
        $open_b = "'->|'"
        $open_c = ">->|"
        $open_d = "\"->\""
        $close_a = "\"|<-\""
        $close_b = "'|<-'"
        $close_c = ">|<-"
        $close_d = "\"<-\""
        $page = /<%|<cf(set|if|output|param)/ nocase
    condition:
        any of ($anchor*) and 1 of ($z2*) and 1 of ($open*) and 1 of ($close*) and $page and filesize < 60KB
}

rule chinachopper_command
{
    meta:
        description = "A request of its program: eval of z0, or the first words of its PHP code in Base64"
        references = "commands"
    strings:
        $anchor_php = "=QGluaV9zZXQoI"
        $anchor_z0 = "%5Bz0%5D"
        $anchor_z0_plain = "[z0]"
        $anchor_unsafe = "FromBase64String"
        $post = "POST /"
        $eval = /=(@|%40)eval(%01|\x01)?(%28|\()base64_decode(%28|\()/ nocase
        $unsafe = /=Response\.Write(\(|%28)("|%22)-(>|%3E)(\||%7C)/ nocase
    condition:
        any of ($anchor*) and $post at 0 and ($eval or $unsafe or $anchor_php)
}
