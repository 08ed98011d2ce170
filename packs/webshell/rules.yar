// Which files are worth reading as scripts. A gate may be wrong often, but not slow: what it lets pass is parsed.

// -- PHP
rule gate_php {
  strings:
    $anchor_a = "eval(" nocase
  condition:
    any of ($anchor*)
}

// -- JSP
rule gate_jsp {
  strings:
    $anchor_a = "getRuntime("
  condition:
    any of ($anchor*)
}

// -- ASP, ASP.NET
rule gate_asp {
  strings:
    $anchor_a = "WScript.Shell" nocase
  condition:
    any of ($anchor*)
}

// -- ColdFusion
rule gate_cfm {
  strings:
    $anchor_a = "<cfexecute" nocase
  condition:
    any of ($anchor*)
}

// -- CGI: Perl, Python, shell
rule gate_cgi {
  strings:
    $anchor_a = "QUERY_STRING"
  condition:
    any of ($anchor*)
}
