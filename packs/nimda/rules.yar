/* Nimda. Pages and mails are text and need the injected form at the very end of a page, or a mail that really carries
   the program, so that a document about Nimda does not match. */

rule nimda_program
{
    meta:
        description = "The text Nimda's author left in the program, with the names it uses"
        references = "press-text, trend-e"
    strings:
        $anchor_text = "Concept Virus(CV) V."
        $name_mail = "readme.e" nocase
        $name_sample = "sample.e" nocase
        $name_dll = "admin.dll" nocase
        $name_dll_e = "httpodbc.dll" nocase
        $name_load = "load.exe" nocase
        $name_option = "-dontrunold" nocase
        $request = "/root.exe?/c+dir" nocase
    condition:
        any of ($anchor*) and 2 of ($name*, $request)
}

/* Where the script stands is part of the patterns: counting or comparing matches fails in a page with hundreds of them. */
rule nimda_injected_page
{
    meta:
        description = "A web page that ends with the script opening readme.eml far outside the screen"
        references = "msja-nimda, cert-2001-26"
    strings:
        $head_html = /<(html|head|body|!doctype|script|title|meta)[\s>]/ nocase
        $head_asp = "<%"
        $anchor_readme = "window.open(\"readme." nocase
        $anchor_sample = "window.open(\"sample." nocase
        $after_end = /<\/html>[\x00-\xff]{0,56}<script[^>]{0,60}>\s{0,20}window\.open\("(readme|sample)\.(eml|nws)"\s{0,4},[^)]{0,80}6000[^)]{0,20}\)/ nocase
        $at_end = /<script[^>]{0,60}>\s{0,20}window\.open\("(readme|sample)\.(eml|nws)"\s{0,4},[^)]{0,80}6000[^)]{0,20}\)[\x00-\xff]{0,220}$/ nocase
    condition:
        any of ($anchor*) and
        any of ($head*) in (0..1024) and
        ($after_end or $at_end)
}

rule nimda_mail
{
    meta:
        description = "A mail file whose sound attachment is the program readme.exe"
        references = "cert-2001-26, msja-nimda"
    strings:
        $mime = "MIME-Version:" nocase
        $kind = /content-type:\s{0,4}audio\/x-wav;?[ \t\r\n]{0,8}name\s{0,2}=\s{0,2}"?(readme|sample)\.exe/ nocase
        $program = /\n\s{0,4}TVqQAAMAAAAEAAAA/
    condition:
        $mime in (0..4096) and $kind and $program
}
