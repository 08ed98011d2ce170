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
    $anchor_00 = "WScript.Shell" nocase
    $anchor_01 = "Shell.Application" nocase
    $anchor_02 = "ScriptControl" nocase
    $anchor_03 = "FileSystemObject" nocase
    $anchor_04 = "ADODB.Stream" nocase
    $anchor_05 = "ExecuteGlobal" nocase
    $anchor_06 = "Execute(" nocase
    $anchor_07 = "Execute " nocase
    $anchor_08 = "Execute\"" nocase
    $anchor_09 = "Eval(" nocase
    $anchor_10 = "Eval " nocase
    $anchor_11 = "Eval\"" nocase
    $anchor_12 = "#@~^" nocase
    $anchor_13 = "CreateObject" nocase
    $anchor_14 = "ActiveXObject" nocase
    $anchor_15 = "GetObject" nocase
    $anchor_16 = "clsid:" nocase
    $anchor_17 = "Process.Start" nocase
    $anchor_18 = "ProcessStartInfo" nocase
    $anchor_19 = "Assembly.Load" nocase
    $anchor_20 = "StreamWriter" nocase
    $anchor_21 = "File.Write" nocase
    $anchor_22 = "SaveAs" nocase
    $anchor_23 = "DirectoryInfo" nocase
    $anchor_24 = "Directory.Get" nocase
    $anchor_25 = "CompileAssembly" nocase
    $anchor_26 = "msxsl:script" nocase
    $anchor_27 = "Deserialize" nocase
    $anchor_28 = "SqlConnection" nocase
    $anchor_29 = "OleDbConnection" nocase
    $anchor_30 = "TcpClient" nocase
    $anchor_31 = "u0065" nocase
    $anchor_32 = "ReadAllText" nocase
    $anchor_33 = "StreamReader" nocase
    $page = "<%"
    $server = /runat\s{0,4}=\s{0,4}["']?server/ nocase
    $asks_a = "request" nocase
    $asks_b = "<asp:TextBox" nocase
    $asks_c = "#@~^"
    $alone_a = "execute" nocase fullword
    $alone_b = "executeglobal" nocase fullword
    $alone_c = "eval" nocase fullword
    $alone_d = "responseBody" nocase
    $alone_e = "WScript.Shell" nocase
    $alone_f = "msxsl:script" nocase
    $alone_g = "Assembly.Load" nocase
  condition:
    any of ($anchor*) and ($page or $server) and (any of ($asks*) or any of ($alone*))
}

rule gate_asp_wide {
  strings:
    $anchor_a = "e\x00v\x00a\x00l\x00" nocase
    $anchor_b = "e\x00x\x00e\x00c\x00u\x00t\x00e\x00" nocase
    $anchor_c = "c\x00r\x00e\x00a\x00t\x00e\x00o\x00b\x00j\x00e\x00c\x00t\x00" nocase
    $page = "<\x00%\x00"
    $asks = "request" wide nocase
  condition:
    any of ($anchor*) and $page and $asks
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
