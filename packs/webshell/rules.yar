// Which files are worth reading as scripts. A gate may be wrong often, but not slow: what it lets pass is parsed.

// -- PHP
rule gate_php {
  strings:
    $anchor_a = "$_GET" nocase
    $anchor_b = "$_POST" nocase
    $anchor_c = "$_REQUEST" nocase
    $anchor_d = "$_COOKIE" nocase
    $anchor_e = "$_SERVER" nocase
    $anchor_f = "$HTTP_" nocase
    $anchor_g = "php://input" nocase
    $anchor_h = "getallheaders" nocase
    $anchor_i = "$_FILES" nocase
    $anchor_j = "apache_request_headers" nocase
    $anchor_k = "filter_input" nocase
    $anchor_l = "get_defined_vars" nocase
    $anchor_m = "func_get_arg" nocase
    $anchor_n = "{_GET" nocase
    $anchor_o = "{_POST" nocase
    $anchor_p = "{'_" nocase
    $anchor_q = "HTTP_" nocase
    $run_a = /\b(eval|assert|shell_exec|passthru|popen|proc_open|pcntl_exec|create_function|expect_popen)\s{0,4}(\/\*[^*]{0,80}\*\/)?\(\s{0,4}[^)\s]/ nocase
    $run_b = /[^>:\w$]\s{0,4}(system|exec)\s{0,4}\(\s{0,4}[^)\s]/ nocase
    $run_c = /[\/#~|!%@][imsxuADSUX]{0,4}e[imsxuADSUX]{0,4}['"]\s{0,4},/
    $run_d = /=\s{0,4}@?`[^`\n]{0,200}\$/
    $run_e = /echo\s{0,4}`[^`\n]{0,200}\$/ nocase
    $run_f = /`[^`\n]{0,200}\$\{?_?(GET|POST|REQUEST|COOKIE)\b/ nocase
    $call_a = /\$_?(GET|POST|REQUEST|COOKIE)\s{0,3}(\[|\{)[^\]\n;]{0,40}(\]|\})\s{0,3}\(/ nocase
    $call_b = /[^>:\w]\$[\w\x80-\xff]{1,60}\s{0,3}(\[[^\]\n;]{0,40}\]\s{0,2}){0,3}\(\s{0,3}(array\s?\()?[^)\n;]{0,80}\$_?(GET|POST|REQUEST|COOKIE|SERVER)/ nocase
    $call_c = /\b(call_user_func|call_user_func_array|array_map|array_filter|array_walk|usort|uasort|uksort|array_reduce|register_shutdown_function|ob_start|forward_static_call|iterator_apply|ReflectionFunction|array_(diff|intersect|udiff|uintersect)_?u?\w{0,10})\s{0,3}\([^;\n]{0,120}\$_?(GET|POST|REQUEST|COOKIE|SERVER)/ nocase
    $call_d = /\$\w{1,60}\(\s{0,3}[@$]/
    $call_g = /[\w"']\s?(\]|\})\s?\(\s{0,3}[@$"']/
    $call_e = /\b(array_map|array_filter|array_walk|call_user_func(_array)?|ReflectionFunction|fromCallable)\s{0,3}\(\s{0,3}[^;\n]{0,60}(base64_decode|\$\w{1,40}\s{0,2}\.|['"]\s{0,2}\.|\$_|create_function|\^)/ nocase
    $call_f = /\barray_(\w{1,12}_u\w{3,6}|u\w{4,9}(_assoc)?)\s{0,3}\([^;\n]{0,120}(\$|\.)[^;\n]{1,40}\)/ nocase
    $inc = /\b(include|require)(_once)?\s{0,3}\(?\s{0,3}@?(\$_(GET|POST|REQUEST|COOKIE|FILES)|['"](php|data):)/ nocase
    $write = /\b(file_put_contents|fwrite|fputs|fopen)\s{0,3}\(\s{0,3}[^;\n]{0,120}\$_?(GET|POST|REQUEST|COOKIE)/ nocase
    $files_a = "move_uploaded_file" nocase
    $files_b = /\b(unlink|opendir|scandir|rmdir|chmod|readfile|show_source|highlight_file|copy|rename)\s{0,3}\(\s{0,3}[^;\n]{0,60}\$_?(GET|POST|REQUEST|COOKIE)/ nocase
    $sql_a = /(mysql|mssql|pg|mysqli|odbc)_p?connect\s{0,3}\(\s{0,3}@?\$/ nocase
    $list = /\b(opendir|scandir|chmod|unlink)\s{0,3}\(\s{0,3}\$/ nocase
    $hide_a = /\$\{\s{0,3}['"][^'"\n]{0,60}['"]/
    $hide_b = /\$\{?\$[\w{]/
    $hide_c = /\bextract\s{0,3}\(\s{0,3}\$_/ nocase
  condition:
    any of ($anchor*) and (any of ($run*) or any of ($call*) or $inc or $write or any of ($sql*) or $list or any of ($files*) or any of ($hide*))
}
rule gate_php_hidden {
  strings:
    $anchor_php = "<?ph" nocase
    $anchor_e = "<?= "
    $anchor_s = "<?\x0a"
    $anchor_t = "<?\x0d"
    $anchor_u = "<?=$"
    $anchor_v = "<?=`"
    $anchor_w = "<? "
    $anchor_y = "<?\x09"
    $anchor_x0 = "<?=e" nocase
    $anchor_x1 = "<?=@" nocase
    $anchor_x2 = "<?=(" nocase
    $anchor_x3 = "<?=s" nocase
    $anchor_x4 = "<?=i" nocase
    $anchor_x5 = "<?=p" nocase
    $anchor_x6 = "<?=\"" nocase
    $anchor_x7 = "<?='" nocase
    $anchor_x8 = "<?=_" nocase
    $anchor_x9 = "<?=a" nocase
    $anchor_x10 = "<?=f" nocase
    $anchor_x11 = "<?=c" nocase
    $anchor_x12 = "<?=\x0a" nocase
    $anchor_x13 = "<?=!" nocase
    $anchor_x14 = "<?=~" nocase
    $anchor_x15 = "language=php" nocase
    $anchor_x16 = "language=\"php" nocase
    $anchor_x17 = "language='php" nocase
    $a = /\beval\s{0,3}\(\s{0,3}(\?>['"]?\.?)?@?\s{0,3}(base64_decode|gz\w{4,12}|str_rot13|strrev|rawurldecode|urldecode|pack|hex2bin|convert_uudecode|\$[\w\x80-\xff]{1,60}\s{0,3}(\(|\.|\[[^\]\n]{1,40}\]\s{0,3}\()|\$[{$]|file_get_contents|curl_exec|chr|implode|join|substr|str_replace|strtr|getenv|end\(|current\(|pos\(|\/\*|['"])/ nocase
    $b = /\b(base64_decode|gzinflate|gzuncompress|gzdecode|str_rot13|strrev|rawurldecode|hex2bin|convert_uudecode)\s{0,3}\(\s{0,3}(base64_decode|gzinflate|gzuncompress|gzdecode|str_rot13|strrev|rawurldecode|convert_uudecode|hex2bin)\s{0,3}\(/ nocase
    $c = /(\\x[0-9a-fA-F]{2}|\\[0-7]{2,3}){4}/
    $d = /(chr\s{0,2}\(\s{0,2}[0-9a-fx^+-]{1,10}\s{0,2}\)\s{0,2}\.\s{0,2}){3}/ nocase
    $e = /(\$[\w\x80-\xff]{1,40}\s{0,2}(\[|\{)\s{0,2}[0-9x$]{1,8}\s{0,2}(\]|\})\s{0,2}\.\s{0,2}){3}/
    $f = /['"][^'"\n]{1,20}['"]\s{0,2}\^\s{0,2}['"]/
    $g = /\$_{1,8}\s{0,2}(\+\+|=|\.=|\(|\[)/
    $h = /[a-z_]['"]\s?\.\s?['"][a-z0-9_]{1,14}['"]\s{0,2}[;.]/ nocase
    $i = /\bcreate_function\s{0,3}\(/ nocase
    $j = /\bassert\s{0,3}\(\s{0,3}@?(\$|['"]|base64|str)/ nocase
    $k = /(['"][^'"\n]{1,5}['"]\s{0,2}\.\s{0,2}){3}/

    $m = /\b(str_replace|strtr|str_ireplace)\s{0,3}\(\s{0,3}['"][^'"\n]{1,12}['"]\s{0,3},\s{0,3}['"]{2}\s{0,3},\s{0,3}['"]/ nocase
    $n = /~['"\xa0-\xff]{2}/
    $o = "goto " nocase
    $p = "__halt_compiler" nocase
    $q = "registerPHPFunctions" nocase
    $r = /\bpack\s{0,3}\(\s{0,3}['"][Hh]\*/
    $s = /['"]ass?['"]\s{0,2}\.\s{0,2}['"]s|['"]ass['"]/ nocase
    $y = /\$GLOBALS\s{0,2}\[[^\]\n]{1,20}\]\s{0,2}\(/ nocase
    $z = /\bfsockopen\s{0,3}\(|\bsocket_connect\s{0,3}\(/ nocase
    $t = /\$[\w\x80-\xff]{1,60}\s{0,3}=\s{0,3}['"](assert|system|exec|eval|passthru|shell_exec|create_function|base64_decode|call_user_func)['"]/ nocase
    $t2 = /[(,]\s{0,3}["'](assert|system|passthru|shell_exec)["']\s{0,3}[,)]/ nocase
    $t3 = /\.\s?['"][a-z0-9_]{1,8}['"];\s{0,8}@?\$\w{1,20}\s?\(/ nocase
    $l2 = /[\])]\s?\^\s?\$|\^=\s?\$|\^\s?(ord|chr|substr)\(/
    $eval = /\beval\s{0,3}\(\s{0,3}['"$]/ nocase
    $dec = /\b(base64_decode|gzinflate|gzuncompress|gzdecode|str_rot13|strrev|hex2bin|openssl_decrypt|mcrypt_decrypt)\s{0,3}\(/ nocase
    $u = /['"]\/?(bin\/)?(ba)?sh -[ci]/
    $u2 = "/dev/tcp/"
    $run = /\b(proc_open|shell_exec|popen|exec|system|passthru)\s{0,3}\(/ nocase
    $w = /WScript\.Shell/ nocase
    $x = /include\s{0,3}\(?\s{0,3}['"](php|data|https?):/ nocase
  condition:
    any of ($anchor*) and (any of ($a,$b,$c,$d,$e,$f,$g,$h,$i,$j,$k,$m,$n,$o,$p,$q,$r,$s,$t,$t2,$t3,$u,$u2,$l2,$w,$x,$y) or ($z and $run) or ($eval and $dec))
}

// PHP in a picture or another file that is no text
rule gate_php_in_binary {
  strings:
    $anchor_a = "<?php"
    $run = /\b(eval|assert|system|exec|shell_exec|passthru|popen|proc_open|create_function|include|require|preg_replace|array_map|call_user_func|file_put_contents|fwrite)\s{0,3}\(?\s{0,3}[^;\n]{0,80}(\$_(GET|POST|REQUEST|COOKIE|SERVER|FILES)|base64_decode|gzinflate|str_rot13)/ nocase
    $call = /\$_(GET|POST|REQUEST|COOKIE)\s{0,3}\[[^\]\n;]{0,40}\]\s{0,3}\(/
    $hidden = /\$\w{1,60}\s{0,3}\(\s{0,3}\$_(GET|POST|REQUEST|COOKIE)/
  condition:
    any of ($anchor*) and any of ($run, $call, $hidden)
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
    $anchor_89 = "StartInfo" nocase
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

rule gate_asp_in_binary {
  strings:
    $anchor_a = "<%eval"
    $anchor_b = "<%execute"
    $anchor_c = "<% eval"
    $anchor_d = "<% execute"
    $anchor_e = "<%Execute"
    $anchor_f = "<%Eval"
    $asks = "request" nocase
  condition:
    any of ($anchor*) and $asks
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
    $anchor_b = "<cffile" nocase
    $anchor_c = "<cfquery" nocase
    $anchor_d = "<cfdirectory" nocase
    $anchor_e = "evaluate(" nocase
    $anchor_f = "<cfscript" nocase
    $anchor_g = "<cfset" nocase
    $anchor_h = "<cfinclude" nocase
    $tag = /<cf(set|if|output|param|script|execute|file|switch|try|function|component)\b/ nocase
    $asks_a = "form." nocase
    $asks_b = "url." nocase
    $asks_c = "cgi.query_string" nocase
    $asks_d = "cookie." nocase
    $asks_e = "getHttpRequestData" nocase
    $does_a = /<cfexecute\b/ nocase
    $does_b = /<cffile\b/ nocase
    $does_c = /<cfdirectory\b/ nocase
    $does_d = /\bevaluate\s{0,4}\(/ nocase
    $does_e = "java.lang." nocase
    $does_f = /<cfquery[^>]{1,200}#/ nocase
    $does_g = /<cfinclude[^>]{1,200}#/ nocase
    $does_h = /\bfile(write|read|delete|copy)\s{0,4}\(/ nocase
    $does_i = "java.net.URLClassLoader" nocase
  condition:
    any of ($anchor*) and $tag and any of ($asks*) and any of ($does*)
}

// -- CGI: Perl, Python, shell
rule gate_cgi {
  strings:
    $anchor_a = "QUERY_STRING"
    $anchor_b = "STDIN"
    $anchor_c = "param("
    $anchor_d = "/dev/tcp/"
    $anchor_e = "IO::Socket"
    $anchor_f = "dup2("
    $anchor_g = "FieldStorage"
    $anchor_h = "CONTENT_LENGTH"
    $anchor_i = "pty.spawn"
    $anchor_j = ".recv("
    $anchor_k = "use Socket"
    $anchor_l = "flask"
    $head = /^#!.{0,60}(perl|python|\/(ba|da|k|z)?sh)\b/
    $perl = /(^|\n)[ \t]{0,8}use (CGI|strict|Socket|IO::Socket)/
    $python = /(^|\n)(import|from) (cgi|os|sys|socket|flask|subprocess)\b/
    $back_a = /\/dev\/(tcp|udp)\//
    $back_b = "STDIN"
    $back_c = "dup2("
    $back_d = "pty.spawn"
    $back_e = ".recv("
    $asks_a = "QUERY_STRING"
    $asks_b = /\bparam\s{0,3}\(/
    $asks_c = "FieldStorage"
    $asks_d = "CONTENT_LENGTH"
    $asks_e = "request."
  condition:
    any of ($anchor*) and ($head or $perl or $python) and (any of ($asks*) or any of ($back*))
}
