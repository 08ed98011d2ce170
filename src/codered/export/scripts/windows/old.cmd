@echo off
rem @@NAME@@: @@TITLE@@
rem @@DIGEST@@
rem @@NAME@@ changes nothing and says what it would do; @@NAME@@ /go does it.
rem Answers 0: done, or nothing to do; 1: something differed and was left; 2: wrong use.
if not "%2"=="" goto use
if "%1"=="" goto look
if "%1"=="/go" goto look
if "%1"=="/GO" goto look
goto use
:look
if exist "%SystemRoot%\system32\cscript.exe" goto start
echo Windows Script Host is not installed here: see README.txt, "Without Windows Script Host".
%COMSPEC% /c exit 2
goto end
:use
echo use: @@NAME@@ [/go]
%COMSPEC% /c exit 2
goto end
:start
"%SystemRoot%\system32\cscript.exe" //nologo "%~dp0@@VBS@@" /started %1
if errorlevel 13 goto broken
if errorlevel 12 goto wrong
if errorlevel 11 goto left
if errorlevel 10 goto done
:broken
echo It broke off: what is said above was done, the rest was not looked at.
:left
%COMSPEC% /c exit 1
goto end
:wrong
%COMSPEC% /c exit 2
goto end
:done
%COMSPEC% /c exit 0
:end
