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
    $anchor_00 = "getRuntime"
    $anchor_01 = "ProcessBuilder"
    $anchor_02 = "ScriptEngine"
    $anchor_03 = "defineClass"
    $anchor_04 = "forName"
    $anchor_05 = "URLClassLoader"
    $anchor_06 = "ObjectInputStream"
    $anchor_07 = "XMLDecoder"
    $anchor_08 = "FileOutputStream"
    $anchor_09 = "FileWriter"
    $anchor_10 = "RandomAccessFile"
    $anchor_11 = "PrintWriter"
    $anchor_12 = "FileInputStream"
    $anchor_13 = "FileReader"
    $anchor_14 = "listFiles"
    $anchor_15 = "listRoots"
    $anchor_16 = "DriverManager"
    $anchor_17 = "Socket"
    $anchor_18 = "InitialContext"
    $anchor_19 = "ELProcessor"
    $anchor_20 = "ExpressionFactory"
    $anchor_21 = "SpelExpression"
    $anchor_22 = "addFilter"
    $anchor_23 = "addServlet"
    $anchor_24 = "addValve"
    $anchor_25 = "addEndpoint"
    $anchor_26 = "addInterceptor"
    $anchor_27 = "registerMapping"
    $anchor_28 = "EventListener"
    $anchor_29 = "transferTo"
    $anchor_30 = "MultipartRequest"
    $anchor_31 = "FileItem"
    $anchor_32 = "SmartUpload"
    $anchor_33 = "SubmittedFileName"
    $anchor_34 = "OriginalFilename"
    $anchor_35 = "java.nio.file"
    $anchor_36 = "Files."
    $anchor_37 = "FileUtils"
    $anchor_38 = "loadClass"
    $anchor_39 = "getMethod"
    $anchor_40 = "getDeclared"
    $anchor_41 = "newInstance"
    $anchor_42 = "GroovyShell"
    $anchor_43 = "ProcessImpl"
    $anchor_44 = "Unsafe"
    $anchor_45 = "MethodHandles"
    $anchor_46 = "openStream"
    $anchor_47 = "openConnection"
    $anchor_48 = "ClassLoader"
    $anchor_49 = "u0065"
    $anchor_50 = "u0072"
    $anchor_51 = "u0069"
    $anchor_52 = "u006"
    $anchor_53 = "Runtime"
    $anchor_54 = "getClass"
    $anchor_55 = "setProperty"
    $anchor_56 = "sql:query"
    $anchor_57 = "spring:eval"
    $page_a = "<%"
    $page_b = ":scriptlet"
    $page_c = ":expression"
    $page_d = ":declaration"
    $page_e = /[$#]\{[^}\n]{0,200}\b(param|header|cookie|pageContext|request)\b/
  condition:
    any of ($anchor*) and any of ($page*)
}

// pages in UTF-16 and in EBCDIC: "request", and the beginnings of pages
rule gate_jsp_encoded {
  strings:
    $anchor_a = "\x00r\x00e\x00q\x00u\x00e\x00s\x00t"
    $anchor_b = "r\x00e\x00q\x00u\x00e\x00s\x00t\x00"
    $anchor_c = "\x99\x85\x98\xa4\x85\xa2\xa3"
    $anchor_d = "\x00R\x00u\x00n\x00t\x00i\x00m\x00e"
    $page_a = "<\x00%"
    $page_b = "\x00<\x00%"
    $page_c = "<\x00j\x00s\x00p\x00:"
    $page_d = "\x00<\x00j\x00s\x00p\x00:"
    $page_e = "\x4c\x6c"
    $page_f = "\x4c\x91\xa2\x97\x7a"
  condition:
    any of ($anchor*) and any of ($page*)
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
    $anchor_90 = "execute" nocase fullword
    $anchor_91 = "eval" nocase fullword
    $anchor_92 = "FileStream" nocase
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
