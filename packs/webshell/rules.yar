// Which files are worth reading as scripts. A gate may be wrong often, but not slow: what it lets pass is parsed.

// -- PHP
// `$near` is a direct way from a request to something harmful and counts in a file of any size. All else counts only in
// smaller files, or several kinds together: what large libraries do is one of them at most.
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
    $anchor_r = "'_POST'"
    $anchor_s = "'_GET'"
    $anchor_t = "'_REQUEST'"
    $anchor_u = "\"_POST\""
    $anchor_v = "\"_GET\""
    $anchor_w = "\"_REQUEST\""
    $near_a = /[^>:\w$](eval|assert|system|exec|shell_exec|passthru|popen|proc_open|pcntl_exec|create_function|expect_popen|mb_ereg_replace|mb_eregi_replace|preg_(replace|filter)\s{0,4}\(\s{0,4}[@$b])\s{0,4}(\/\*[^*]{0,80}\*\/)?[($_][^;\n]{0,160}\$\{?["']?(_(GET|POST|REQUEST|COOKIE|FILES)|HTTP_\w{3,9}_VARS)\b/ nocase
    $near_b = /(=|echo|print|return|;|\{|php|@|\w\(|["']\s?\.)\s{0,4}`[^`\n]{0,200}\$\{?_(GET|POST|REQUEST|COOKIE)\b/ nocase
    $near_c = /\$_(GET|POST|REQUEST|COOKIE)\s{0,3}(\[|\{)[^\]\n;]{0,40}(\]|\})\s{0,3}\(/ nocase
    $near_d = /[^>:\w]\$[\w\x80-\xff]{1,60}\s{0,3}(\[[^\]\n;]{0,40}\]\s{0,2}){0,3}\(\s{0,3}(array\s?\()?[^)\n;]{0,80}\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
    $near_e = /\b(call_user_func|call_user_func_array|array_map|array_filter|array_walk|usort|uasort|uksort|array_reduce|register_shutdown_function|register_tick_function|ob_start|set_error_handler|spl_autoload_register|header_register_callback|forward_static_call|forward_static_call_array|iterator_apply|ReflectionFunction|array_(diff|intersect|udiff|uintersect)_?u\w{2,10})\s{0,3}\([^;\n]{0,120}\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
    $near_f = /\b(include|require)(_once)?\s{0,3}\(?\s{0,3}@?(\$_(GET|POST|REQUEST|COOKIE|FILES)|['"](php|data):)/ nocase
    $near_g = /\b(file_put_contents|fwrite|fputs|fopen)\s{0,3}\(\s{0,3}[^;\n]{0,120}\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
    $near_h = /\b(unlink|opendir|scandir|rmdir|chmod|readfile|show_source|highlight_file|copy|rename|chdir|mkdir)\s{0,3}\(\s{0,3}[^;\n]{0,60}\$_(GET|POST|REQUEST|COOKIE)\b/ nocase
    $near_i = /\b(array_map|array_filter|array_walk|call_user_func(_array)?|ReflectionFunction|fromCallable)\s{0,3}\(\s{0,3}(["'](assert|system|exec|passthru|shell_exec|eval)|base64_decode\s?\(|[^;\n]{0,20}['"]\s{0,2}\.\s{0,2}["'])/ nocase
    $near_j = /\b(copy|rename|move_uploaded_file)\s{0,3}\([^;\n]{0,60}\$_FILES[^;\n]{0,90},\s?[^;\n]{0,60}\$_FILES/ nocase
    $near_k = /compress\.zlib:\/\/['"]\s?\.\s?\$/ nocase
    $run_a = /[^>:\w$](eval|shell_exec|passthru|popen|proc_open|pcntl_exec|create_function|expect_popen)\s{0,4}(\/\*[^*]{0,80}\*\/)?\(\s{0,4}([^)\s'"]|['"][^'"\n]{0,80}["']\s{0,2}\.|"[^"\n]{0,80}\$)/ nocase
    $run_b = /[^>:\w$]\s{0,4}(system|exec)\s{0,4}\(\s{0,4}([^)\s'"]|['"][^'"\n]{0,80}["']\s{0,2}\.|"[^"\n]{0,80}\$)/ nocase
    $start = /[^>:\w$](proc_open|pcntl_exec)\s{0,4}\(/ nocase
    $run_c = /[\/#~|!%@][imsxuADSUX]{0,4}e[imsxuADSUX]{0,4}['"]\s{0,4},/
    $run_d = /(= ?|echo ?|print |return )@?`[^`\n]{0,80}\$/ nocase
    $run_e = /\bassert\s{0,4}\(\s{0,4}@?(\$\w{1,40}\s{0,3}[)\[.]|\$\{|\$_|str|base64|['"][^'"]{0,80}['"]\s?\.)/ nocase
    $call_g = /[\w"']\s?(\]|\})\s?\(\s{0,3}[@$"']/
    $call_e = /\b(array_map|array_filter|array_walk|call_user_func(_array)?|ReflectionFunction|fromCallable)\s{0,3}\(\s{0,3}([^;\n]{0,60}(\$_|create_function|\^)|\$\w{1,40}\s{0,2}[.,\[])/ nocase
    $call_f = /\barray_((diff|intersect)_(u\w{3,6}|assoc_u\w{3,6})|u(diff|intersect)\w{0,8})\s{0,3}\([^;\n]{0,120}(\$|\.)[^;\n]{1,40}\)/ nocase
    $up = "move_uploaded_file" nocase
    $sql = /(mysql|mssql|pg|mysqli|odbc)_p?connect\s{0,3}\(\s{0,3}@?\$/ nocase
    $list_a = /\b(opendir|scandir|glob)\s{0,3}\(\s{0,3}@?\$/ nocase
    $list_b = /\bchmod\s{0,3}\(\s{0,3}\$/ nocase
    $list_c = /\b(unlink|rmdir)\s{0,3}\(\s{0,3}\$/ nocase
    $hide_a = /\$\{\s{0,3}['"][^'"\n]{0,60}['"]/
    $hide_b = /\$\{?\$[\w{]/
    $hide_c = /\bextract\s{0,3}\(\s{0,3}\$_/ nocase
    $library = /\n\s{0,8}(namespace [A-Z]\w|(abstract |final )?class [A-Z]\w{2})/
  condition:
    any of ($anchor*) and (
      any of ($near*)
      or (filesize < 8KB and (any of ($run*) or any of ($call*) or any of ($hide*) or $up or $sql or any of ($list*)))
      or (filesize < 24KB and not $library and (any of ($run*) or $start))
      or (filesize < 1MB and not $library and (
        (any of ($run*) and (2 of ($list*) or $sql or $up or any of ($hide*) or any of ($call*)))
        or (any of ($run*) and any of ($anchor_a, $anchor_b, $anchor_c, $anchor_d))
        or ($hide_c and any of ($run*, $list*, $sql, $up, $call*))
        or (2 of ($list*) and ($up or $sql or any of ($hide*)))))
      or (filesize < 1MB and any of ($run_a, $run_b, $run_d) and 2 of ($list*) and ($sql or $up)))
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
    $replace = /\bpreg_replace\s{0,3}\(\s{0,3}["'][\/#~|!%@][^'"\n]{0,60}[\/#~|!%@][imsxuADSUX]{0,4}e[imsxuADSUX]{0,4}["']\s{0,3},/
    $create = /\bcreate_function\s{0,3}\(\s{0,3}['"][^'"\n]{0,60}['"]\s{0,3},\s{0,3}[^'"\s]/ nocase
    $listens = /\b(socket_bind|socket_listen|stream_socket_server|socket_create_listen)\s{0,3}\(/
    $a = /[^>:\w$]eval\s{0,3}\(\s{0,3}(\?>['"]?\.?)?@?\s{0,3}(['"]\?>['"]\s?\.\s?)?(base64_decode|gz\w{4,12}|str_rot13|strrev|rawurldecode|urldecode|pack|hex2bin|convert_uudecode|\$[\w\x80-\xff]{1,60}\s{0,3}(\(|\.|\[[^\]\n]{1,40}\]\s{0,3}\()|\$[{$]|file_get_contents|curl_exec|chr|implode|join|substr|str_replace|strtr|getenv|end\(|current\(|pos\(|\/\*)/ nocase
    $b = /\b(base64_decode|gzinflate|gzuncompress|gzdecode|str_rot13|strrev|rawurldecode|hex2bin|convert_uudecode)\s{0,3}\(\s{0,3}(base64_decode|gzinflate|gzuncompress|gzdecode|str_rot13|strrev|rawurldecode|convert_uudecode|hex2bin)\s{0,3}\(/ nocase
    $c = /(\\x[46][0-9a-fA-F]|\\x[57][0-9aA]|\\1[0-6][0-7]|\\x5[fF]|\\137){4}/
    $c2 = /["'][a-z_]{0,4}(\\x[4567][0-9a-fA-F][a-z_]{0,3}){3,20}["']\]?\s?[\]\(]/ nocase
    $d = /(chr\s{0,2}\(\s{0,2}[0-9a-fx^+-]{1,10}\s{0,2}\)\s{0,2}\.\s{0,2}){3}/ nocase
    $e = /(\$[\w\x80-\xff]{1,40}\s{0,2}(\[|\{)\s{0,2}[0-9x$]{1,8}\s{0,2}(\]|\})\s{0,2}\.\s{0,2}){3}/
    $f = /[^'"\n]['"] ?\^ ?['"][^'"\n]{1,20}['"]\s?[;.)]/
    $g = /\$_{1,8}\s{0,2}(\+\+|\.=|\()|\$_{2,8}\s{0,2}=[^=>]/
    $h = /[a-z_]['"]\s?\.\s?['"][a-z0-9_]{1,14}['"]\s{0,2}[;.]/ nocase
    $i = /\bcreate_function\s{0,3}\(/ nocase
    $j = /\bassert\s{0,3}\(\s{0,3}@?(\$\w{1,40}\s{0,3}[)\[(.]|\$[{$_]|['"][^'"]{0,80}['"]\s?\.|['"][a-z]{4,14}\(|base64|str)/ nocase
    $k = /(['"][^'"\n]{1,5}['"]\s{0,2}\.\s{0,2}){3}/
    $m = /\b(str_replace|strtr|str_ireplace)\s{0,3}\(\s{0,3}['"][^'"\n]{1,12}['"]\s{0,3},\s{0,3}['"]{2}\s{0,3},\s{0,3}['"]/ nocase
    $n = /~['"\x80-\xff][\x80-\xff]{2}/
    $o = /\bgoto [A-Za-z_]\w{0,40}\s?;\s{0,9}[A-Za-z_]\w{0,40}\s?:\s/ nocase
    $p = "__halt_compiler" nocase
    $q = "registerPHPFunctions" nocase
    $r = /\bpack\s{0,3}\(\s{0,3}['"][Hh]\*/
    $s = /['"]ass?['"]\s{0,2}\.\s{0,2}['"]s/ nocase
    $y = /\$GLOBALS\s{0,2}\[[^\]\n]{1,20}\]\s{0,2}\(/ nocase
    $z = /\bfsockopen\s{0,3}\(|\bsocket_connect\s{0,3}\(|\bstream_socket_client\s{0,3}\(/ nocase
    $t = /\$[\w\x80-\xff]{1,60}\s{0,3}=\s{0,3}['"](assert|system|exec|eval|passthru|shell_exec|create_function|base64_decode|call_user_func)['"]\s?[;,.]/ nocase
    $t2 = /[(,]\s{0,3}["'](assert|system|passthru|shell_exec)["']\s{0,3}[,)]/ nocase
    $t3 = /\.\s?['"][a-z0-9_]{1,8}['"];\s{0,8}@?\$\w{1,20}\s?\(/ nocase
    $l2 = /[\])]\s?\^\s?\$|\^=\s?\$|\^\s?(ord|chr|substr)\(/
    $eval = /[^>:\w$]eval\s{0,3}\(\s{0,3}['"$]/ nocase
    $dec = /\b(base64_decode|gzinflate|gzuncompress|gzdecode|str_rot13|strrev|hex2bin|openssl_decrypt|mcrypt_decrypt|base_convert|convert_uudecode)\s{0,3}\(/ nocase
    $u = /['"]\/?(bin\/)?(ba)?sh -[ci]/
    $u2 = "/dev/tcp/"
    $run = /[^>:\w$]\s?(proc_open|shell_exec|popen|exec|system|passthru)\s{0,3}\(\s{0,3}[^)\s]/ nocase
    $asks = /\$_(GET|POST|REQUEST|COOKIE)/
    $w = /WScript\.Shell/ nocase
    $x = /include\s{0,3}\(?\s{0,3}['"](php|data|https?):/ nocase
  condition:
    any of ($anchor*) and (
      any of ($a, $b, $c2, $k, $replace, $create, $e, $t3, $u, $u2, $w, $y, $s)
      or (filesize < 200KB and ($eval and $dec or any of ($x, $j, $n)) or $o)
      or (filesize < 60KB and $z and $run)
      or (filesize < 24KB and $listens)
      or (filesize < 8KB and $eval)
      or (filesize < 200KB and $h)
      or (filesize < 60KB and $asks and any of ($c, $d, $f, $g, $k, $m, $r, $t, $l2))
      or (filesize < 16KB and any of ($c, $d, $f, $g, $h, $i, $k, $m, $p, $q, $r, $t, $t2))
      or (filesize < 4KB and $l2)
      or ($eval and any of ($c, $d, $f, $k, $m, $l2, $p, $t, $z, $r)))
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
    $anchor_93 = "CreateInstance" nocase
    $anchor_94 = "InvokeMember" nocase
    $anchor_95 = "System.Reflection" nocase
    $anchor_96 = "CreateDecryptor" nocase
    $anchor_97 = "DirectoryEntry" nocase
    $anchor_98 = "AddScript" nocase
    $anchor_99 = "System.Management" nocase
    $anchor_9a = "Registry." nocase
    $anchor_9b = "UploadFile" nocase
    $anchor_9c = "WriteAllBytes" nocase
    $anchor_9d = "winmgmts" nocase
    $anchor_9e = "SaveToFile" nocase
    $anchor_9f = "GetMethod" nocase
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
    $anchor_m = "do_POST"
    $anchor_n = "do_GET"
    $anchor_o = "get_argument("
    $anchor_p = "web.input"
    $anchor_q = "PRIVMSG"
    $anchor_r = "bottle"
    $anchor_s = "b64decode"
    $anchor_t = "subprocess"
    $anchor_u = "wsgi"
    $anchor_v = "decode_base64"
    $anchor_w = "marshal"
    $anchor_x = "zlib"
    $head = /^#!.{0,60}(perl|python|\/(ba|da|k|z)?sh)\b/
    $perl = /(^|\n)[ \t]{0,8}use (CGI|strict|Socket|IO::Socket)/
    $python = /(^|\n)(import|from) ([\w.]{1,20}, ?){0,6}(cgi|os|sys|socket|flask|subprocess|bottle|http\.server|base64|zlib|marshal|commands)\b/
    $back_a = /\/dev\/(tcp|udp)\//
    $back_b = "STDIN"
    $back_c = "dup2("
    $back_d = "pty.spawn"
    $back_e = /(\.|->)\s?(recv|accept)\b/
    $asks_a = "QUERY_STRING"
    $asks_b = /\bparam\s{0,3}\(/
    $asks_c = "FieldStorage"
    $asks_d = "CONTENT_LENGTH"
    $asks_e = "request."
    $asks_f = /\bdef do_(GET|POST)\b/
    $asks_g = "get_argument("
    $asks_h = "web.input"
    $asks_i = "wsgi.input"
    $runs_a = /\b(system|popen[234]?|exec[lv]?p?e?|eval|execfile|check_output|Popen|getoutput|getstatusoutput|spawn|call|run|create_subprocess_shell)\s{0,3}\(\s{0,3}[^)\s]/
    $runs_b = /(= ?|print |return |[(;{] ?)`[^`\n]{0,120}[$@]/
    $runs_c = /\b(system|exec|eval)\s{0,3}[$"'`]/
    $runs_d = /\bopen\s{0,3}\(?[^;\n]{0,80}(\|\s{0,3}["']|["']\s{0,3}\||["']\s{0,3}[+>]|\$)/
    $runs_e = "unlink"
    $runs_f = "open3"
    $runs_g = /\b(bash|sh|eval|tail|cat|dd|nc)\s/
    $hides = /\b(exec|eval|compile)\s{0,3}\(\s{0,3}(base64|zlib|marshal|codecs|__import__|bytes|bytearray|compile|getattr|gzip|lzma|bz2|unhexlify|b64decode|decode_base64|unpack|pack|reverse|urllib|requests|["']{2})/
    $chat = "PRIVMSG"
  condition:
    any of ($anchor*) and ($head or $perl or $python) and ($hides or $chat or any of ($back*) or (any of ($asks*) and any of ($runs*)))
}

// Programs that attack others: machine code, known attacks, rights and traces
rule gate_tools {
  strings:
    $anchor_a = "\\xcd\\x80" nocase
    $anchor_b = "\\x90\\x90\\x90\\x90" nocase
    $anchor_c = "/etc/passwd"
    $anchor_d = "union" nocase
    $anchor_e = "xp_cmdshell" nocase
    $anchor_f = "passthru("
    $anchor_g = "system("
    $anchor_h = "shell_exec("
    $anchor_i = "\\xff\\xff\\xff" nocase
    $anchor_j = "setuid(0"
    $anchor_k = "chmod +s"
    $anchor_l = "chmod 4755"
    $anchor_m = "/wtmp"
    $anchor_n = "flood" nocase
    $anchor_o = "defac" nocase
    $anchor_p = "brute" nocase
    $anchor_q = "SOCK_DGRAM"
    $anchor_r = "/bin/sh"
    $anchor_s = "cmd.exe"
    $anchor_t = "wordlist" nocase
    $anchor_u = "etc/passwd%00"
    $anchor_v = "\\x2f\\x62\\x69\\x6e" nocase
    $anchor_w = "mosConfig_"
    $head = /^#!.{0,60}(perl|python)\b/
    $perl = /(^|\n)[ \t]{0,8}use (CGI|Socket|IO::Socket|LWP|HTTP)/
    $python = /(^|\n)(import|from) ([\w.]{1,20}, ?){0,6}(os|sys|socket|requests|urllib2?|subprocess|httplib|struct)\b/
    $code = /(\\x[0-9a-fA-F]{2}){24}/
    $sends_a = "\\xcd\\x80" nocase
    $attack_a = /(\.\.\/){3}[^\n]{0,20}etc\/(passwd|shadow)|\.\.\/(\.\.\/){1,12}proc\/self/
    $attack_b = /union(\+|\s|\/\*\*\/|%20){1,6}(all(\+|\s|\/\*\*\/|%20){1,6})?select/ nocase
    $attack_c = "xp_cmdshell" nocase
    $attack_d = /\b(passthru|system|shell_exec|eval)\(\\?['"]?(%s|\{0?\}|\$_(GET|POST|REQUEST|SERVER|COOKIE))/
    $attack_e = /<\?(php)?\s{0,5}@?(echo\s)?(passthru|system|eval|exec|assert|shell_exec)\s{0,3}\(/
    $attack_f = /=(https?|ftp):\/\/[^\s"']{1,200}\.(txt|gif|jpg)\?/
    $rights_a = /\bset(re)?[ug]id\s{0,3}\(\s{0,3}0/
    $rights_b = /chmod\s{1,3}([ug]{0,2}\+s|[42]7[0-7]{2})\b/
    $floods = /\bflood|\bd?dos\b/ nocase
    $guesses = /\bbrute|wordlist|passlist/ nocase
    $defaces = /(mass[ _-]{0,2})?defac(e|er|ing|ement)/ nocase
    $tells = /\/(wtmp|utmp|lastlog)\b/
    $shell = /\/bin\/(ba|da|k|z)?sh['" ]|cmd\.exe/
    $ties = /\b(socket|IO::Socket|use Socket|Socket\.)/ 
    $looks_a = "/etc/passwd"
    $looks_b = "public_html"
    $udp = "SOCK_DGRAM"
    $rand = /\brand(int|om)?\b/
  condition:
    any of ($anchor*) and ($head or $perl or $python) and ($code or $sends_a or any of ($attack*) or any of ($rights*) or $floods or $guesses or $defaces or $tells or ($shell and $ties) or ($looks_a and $looks_b) or ($udp and $rand))
}
