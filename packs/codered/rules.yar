/* Code Red v1 and v2. The worm lives in memory; on disk only saved samples, captures and dumps can match. */

rule codered_body
{
    meta:
        description = "Request header, program and page strings of Code Red together in memory or on the wire"
        references = "yara-sets"
    strings:
        $anchor_host = "HOST:www.worm.com"
        $anchor_page = "Hacked By Chinese!"
        $page_welcome = "Welcome to http://www.worm.com !"
        $page_title = "<title>HELLO!</title>"
        $page_tag = "<bady>"
        $code_length = "Content-length: 3569"
        $code_vaccine = "c:\\notworm"
        $code_html = "LMTH"
        $code_info = "infocomm.dll"
        $code_w3 = "w3svc.dll"
        $code_send = "TcpSockSend"
    condition:
        any of ($anchor*) and 2 of ($code*) and 4 of them
}

rule codered_saved_body
{
    meta:
        description = "The same strings in a binary file: a saved body, a capture or a memory dump"
        references = "yara-sets"
    strings:
        $anchor_host = "HOST:www.worm.com"
        $anchor_page = "Hacked By Chinese!"
        $page_welcome = "Welcome to http://www.worm.com !"
        $page_title = "<title>HELLO!</title>"
        $page_tag = "<bady>"
        $code_length = "Content-length: 3569"
        $code_vaccine = "c:\\notworm"
        $code_html = "LMTH"
        $code_info = "infocomm.dll"
        $code_w3 = "w3svc.dll"
        $code_send = "TcpSockSend"
    condition:
        any of ($anchor*) and 2 of ($code*) and 4 of them
}
