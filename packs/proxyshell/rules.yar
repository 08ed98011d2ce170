/* Pages that Exchange was made to write. What they begin with is named by public rules; the conditions are our own.
   Only pages are asked for it (files, mailbox-page and certificate-page), so these rules cost other files nothing. */

rule proxyshell_mailbox_page
{
    meta:
        description = "A mailbox file (PST) with a script of a page in plain text. The mail in a real one is encoded"
        references = "signature-base"
    strings:
        $page = /<%@ {0,4}(page|webhandler|webservice) / nocase
        $script = /<script[^>]{1,80}runat ?= ?["']?server/ nocase
        $code = /<%[ =]{0,4}(eval|execute|response|request|system)/ nocase
    condition:
        uint32(0) == 0x4E444221 and ($script or $code or $page)
}

rule proxyshell_certificate_page
{
    meta:
        description = "A certificate request (DER) with a script of a page in it"
        references = "signature-base"
    strings:
        $page = /<%@ {0,4}page / nocase
        $script = /<script[^>]{1,80}runat ?= ?["']?server/ nocase
        $code = /<%[ =]{0,4}(eval|execute|response|request|system)/ nocase
    condition:
        uint16(0) == 0x8230 and filesize < 20KB and ($page or $script or $code)
}
