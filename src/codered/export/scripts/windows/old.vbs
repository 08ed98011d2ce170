' @@NAME@@: @@TITLE@@
' @@DIGEST@@
' Needs Windows Script Host. Started by @@STARTER@@; on its own: cscript //nologo @@NAME@@ [/go]
' Without /go nothing is changed, it is only said what would be.
' Answers 0: done, or nothing to do; 1: something differed and was left; 2: wrong use.
Option Explicit
Const PLAN_ID = "@@ID@@"
Const LARGEST = 4194304
Dim shell, fso, going, changes, differed, logFile, donePath, doneText, rounds, answer
Set shell = CreateObject("WScript.Shell")
Set fso = CreateObject("Scripting.FileSystemObject")
answer = 0
changes = 0
differed = 0
doneText = ""
rounds = Empty
going = ReadArguments()
OpenLog
donePath = QuarantineOn(shell.ExpandEnvironmentStrings("%SystemDrive%")) & "\done.txt"
ReadDone
RunSteps
CloseAll

Sub RunSteps()
@@STEPS@@
End Sub

Function ReadArguments()
  Dim number
  ReadArguments = False
  For number = 0 To WScript.Arguments.Count - 1
    If LCase(WScript.Arguments(number)) = "/go" Then
      ReadArguments = True
    ElseIf LCase(WScript.Arguments(number)) = "/started" Then
      ' A script that breaks off answers 0 too; the command file takes only these for an answer.
      answer = 10
    Else
      WScript.Echo "use: @@NAME@@ [/go]"
      WScript.Quit answer + 2
    End If
  Next
End Function

Sub OpenLog()
  Dim name
  name = Left(WScript.ScriptName, Len(WScript.ScriptName) - 4) & ".log"
  Set logFile = Nothing
  On Error Resume Next
  Set logFile = fso.OpenTextFile(fso.GetParentFolderName(WScript.ScriptFullName) & "\" & name, 8, True)
  If logFile Is Nothing Then Set logFile = fso.OpenTextFile(shell.ExpandEnvironmentStrings("%TEMP%") & "\codered-" & name, 8, True)
  Err.Clear
  On Error Goto 0
  If going Then Say 0, "started, with /go" Else Say 0, "started, dry run: nothing is changed"
End Sub

' Only plain characters reach the screen and the log, whatever a name is.
Sub Say(number, text)
  Dim at, code, shown
  shown = ""
  For at = 1 To Len(text)
    code = Asc(Mid(text, at, 1))
    If code >= 32 And code < 127 Then shown = shown & Chr(code) Else shown = shown & "?"
  Next
  If number > 0 Then shown = "step " & number & ": " & shown
  WScript.Echo shown
  On Error Resume Next
  logFile.WriteLine Now & " " & shown
  Err.Clear
End Sub

Sub Leave(number, text)
  differed = differed + 1
  Say number, "LEFT: " & text
End Sub

Sub CloseAll()
  If changes = 0 And differed = 0 Then Say 0, "nothing to do"
  If changes > 0 And going Then Say 0, changes & " done"
  If changes > 0 And Not going Then Say 0, changes & " would be done: run it with /go"
  If differed > 0 Then Say 0, differed & " left as it is: look at each of them"
  If differed > 0 Then WScript.Quit answer + 1
  WScript.Quit answer
End Sub

Function QuarantineOn(drive)
  QuarantineOn = Left(drive, 2) & "\codered-quarantine-" & PLAN_ID
End Function

' What was done: a line a step, "number|what undoing needs". Undoing reads nothing else.
Sub ReadDone()
  Dim file
  If Not fso.FileExists(donePath) Then Exit Sub
  Set file = fso.OpenTextFile(donePath, 1, False, -1)
  If Not file.AtEndOfStream Then doneText = file.ReadAll
  file.Close
End Sub

Sub MarkDone(number, text)
  Dim file
  MakeFolder fso.GetParentFolderName(donePath)
  Set file = fso.OpenTextFile(donePath, 8, True, -1)
  file.WriteLine number & "|" & text
  file.Close
  doneText = doneText & number & "|" & text & vbCrLf
End Sub

' The last word about a step, "" if it was not done. "undone" takes one back.
Function FindDone(number)
  Dim lines, at, start
  FindDone = ""
  start = number & "|"
  lines = Split(doneText, vbCrLf)
  For at = 0 To UBound(lines)
    If Left(lines(at), Len(start)) = start Then FindDone = Mid(lines(at), Len(start) + 1)
  Next
  If FindDone = "undone" Then FindDone = ""
End Function

Sub MakeFolder(path)
  If Not fso.FolderExists(path) Then fso.CreateFolder path
End Sub

' A junction on the way would lead somewhere else. The bit is not kept by file systems that have none.
Function HasJunction(path)
  Dim folder, bits
  On Error Resume Next
  HasJunction = False
  folder = fso.GetParentFolderName(path)
  Do While Len(folder) > 3
    bits = 0
    If fso.FolderExists(folder) Then bits = fso.GetFolder(folder).Attributes
    If (bits And 1024) <> 0 Then HasJunction = True
    folder = fso.GetParentFolderName(folder)
  Loop
End Function

Sub CleanFile(number, path, size, hash, twins)
  Dim why, place
  If Not fso.FileExists(path) Then
    Say number, "nothing to do, it is not there: " & path
    Exit Sub
  End If
  place = QuarantineOn(path) & "\" & number & ".bin"
  why = CompareFile(path, size, hash, twins)
  If why = "" And HasJunction(path) Then why = "a junction leads there"
  If why = "" Then place = FindFree(number, path)
  If why <> "" Then
    Leave number, path & ": " & why
    Exit Sub
  End If
  changes = changes + 1
  Say number, "quarantine " & path & " as " & place
  If Not going Then Exit Sub
  MoveAway number, path, place
End Sub

' What comes back is kept beside the first one; undoing puts back the first.
Function FindFree(number, path)
  Dim copy
  FindFree = QuarantineOn(path) & "\" & number & ".bin"
  copy = 1
  Do While fso.FileExists(FindFree)
    copy = copy + 1
    FindFree = QuarantineOn(path) & "\" & number & "-" & copy & ".bin"
  Loop
End Function

Sub MoveAway(number, path, place)
  Dim file, kept, again, code
  On Error Resume Next
  MakeFolder fso.GetParentFolderName(place)
  Set file = fso.GetFile(path)
  kept = file.Attributes And 39
  ' Its attributes are noted first: whatever happens then, undoing knows them.
  again = FindDone(number) <> ""
  If Not again Then MarkDone number, kept
  file.Attributes = 0
  Err.Clear
  fso.MoveFile path, place
  If Err.Number = 0 And fso.FileExists(place) And Not fso.FileExists(path) Then Exit Sub
  code = Hex(Err.Number)
  file.Attributes = kept
  If Not again Then MarkDone number, "undone"
  changes = changes - 1
  Leave number, path & ": can't be moved (" & code & "). End what uses it, or restart, and run this again"
End Sub

Sub UndoFile(number, path, size, hash)
  Dim done, place, why
  done = FindDone(number)
  place = QuarantineOn(path) & "\" & number & ".bin"
  If done = "" Then
    Say number, "nothing to do, it was not moved: " & path
    Exit Sub
  End If
  why = ""
  If fso.FileExists(path) Then why = "there is a file again"
  If why = "" And Not fso.FileExists(place) Then why = "it is not in the quarantine: " & place
  If why = "" Then why = CompareFile(place, size, hash, Array())
  If why <> "" Then
    Leave number, path & ": " & why
    Exit Sub
  End If
  changes = changes + 1
  Say number, "put back " & path
  If going Then PutBack number, path, place, CInt(done)
End Sub

Sub PutBack(number, path, place, kept)
  On Error Resume Next
  fso.MoveFile place, path
  If Err.Number = 0 And fso.FileExists(path) Then
    fso.GetFile(path).Attributes = kept And 39
    MarkDone number, "undone"
    RemoveIfEmpty fso.GetParentFolderName(place)
  Else
    changes = changes - 1
    Leave number, path & ": can't be put back (" & Hex(Err.Number) & ")"
  End If
End Sub

Sub RemoveIfEmpty(path)
  If LCase(path) = LCase(fso.GetParentFolderName(donePath)) Then Exit Sub
  If Not fso.FolderExists(path) Then Exit Sub
  If fso.GetFolder(path).Files.Count + fso.GetFolder(path).SubFolders.Count = 0 Then fso.DeleteFolder path
End Sub

' The last step of undoing: the record goes when every step is undone.
Sub UndoRecord()
  Dim lines, at
  If Not going Or Not fso.FileExists(donePath) Then Exit Sub
  lines = Split(doneText, vbCrLf)
  For at = 0 To UBound(lines)
    If InStr(lines(at), "|") > 0 Then
      If FindDone(Left(lines(at), InStr(lines(at), "|") - 1)) <> "" Then Exit Sub
    End If
  Next
  fso.DeleteFile donePath
  If fso.GetFolder(fso.GetParentFolderName(donePath)).Files.Count = 0 Then fso.DeleteFolder fso.GetParentFolderName(donePath)
End Sub

' "" if the file is what is expected, else why not. size -1: any; hash "": any; twins: one must be there and be equal.
Function CompareFile(path, size, hash, twins)
  Dim file, at, data
  CompareFile = ""
  Set file = fso.GetFile(path)
  If size >= 0 And file.Size <> size Then
    CompareFile = "it has " & file.Size & " bytes, not " & size
    Exit Function
  End If
  If hash <> "" Then
    If file.Size > LARGEST Then
      CompareFile = "it is too large to be checked by this script"
    Else
      data = HashFile(path, file.Size)
      If data = "" Then
        CompareFile = "it can't be read byte for byte here: compare its SHA-256 yourself"
      ElseIf data <> hash Then
        CompareFile = "its content is another one"
      End If
    End If
    Exit Function
  End If
  If UBound(twins) < 0 Then Exit Function
  CompareFile = "it is no copy of this system's command interpreter: look at it yourself"
  For at = 0 To UBound(twins)
    If fso.FileExists(twins(at)) Then
      If fso.GetFile(twins(at)).Size = file.Size Then
        If SameBytes(path, twins(at)) Then CompareFile = ""
      End If
    End If
  Next
End Function

' Read as text and compared, then by fc /b, byte for byte. The names in this command line are those of this script.
Function SameBytes(path, twin)
  Dim command
  SameBytes = False
  If ReadText(path) <> ReadText(twin) Then Exit Function
  If InStr(path & twin, "%") + InStr(path & twin, Chr(34)) > 0 Then Exit Function
  command = "%comspec% /c fc /b " & Chr(34) & path & Chr(34) & " " & Chr(34) & twin & Chr(34) & " >nul"
  SameBytes = (shell.Run(command, 0, True) = 0)
End Function

Function ReadText(path)
  Dim file
  ReadText = ""
  Set file = fso.OpenTextFile(path, 1, False, 0)
  If Not file.AtEndOfStream Then ReadText = file.ReadAll
  file.Close
End Function

Function ReadValue(key, name, found)
  Dim data
  On Error Resume Next
  found = "yes"
  data = shell.RegRead(key & "\" & name)
  If Err.Number = -2147024894 Then
    found = "no"
  ElseIf Err.Number <> 0 Then
    found = "unreadable, " & Hex(Err.Number)
  End If
  If found = "yes" And VarType(data) <> 8 And VarType(data) <> 3 Then found = "of another type"
  If found <> "yes" Then data = ""
  ReadValue = data
End Function

' fold: capital letters make no difference. A number never equals a text.
Function IsOneOf(data, expected, fold)
  Dim at
  IsOneOf = False
  For at = 0 To UBound(expected)
    If VarType(data) = 8 And VarType(expected(at)) = 8 Then
      If StrComp(data, expected(at), 0) = 0 Then IsOneOf = True
      If fold And LCase(data) = LCase(expected(at)) Then IsOneOf = True
    ElseIf VarType(data) <> 8 And VarType(expected(at)) <> 8 Then
      If data = expected(at) Then IsOneOf = True
    End If
  Next
End Function

' kind "": the value goes; else it becomes `wanted`, of that type.
Sub CleanValue(number, key, name, expected, fold, kind, wanted)
  Dim data, found, shown
  shown = key & ": " & name
  data = ReadValue(key, name, found)
  If found = "no" Then
    Say number, "nothing to do, it is not there: " & shown
  ElseIf found <> "yes" Then
    Leave number, shown & " is " & found
  ElseIf kind <> "" And IsOneOf(data, Array(wanted), fold) Then
    Say number, "nothing to do, it is as it should be: " & shown
  ElseIf Not IsOneOf(data, expected, fold) Then
    Leave number, shown & " is something else: " & data
  Else
    changes = changes + 1
    If kind = "" Then Say number, "delete " & shown & " = " & data Else Say number, "set " & shown & " from " & data & " to " & wanted
    If going Then
      MarkDone number, "=" & data
      PutValue number, key, name, kind, wanted
    End If
  End If
End Sub

Sub PutValue(number, key, name, kind, wanted)
  Dim data, found
  On Error Resume Next
  If kind = "" Then
    shell.RegDelete key & "\" & name
    If Err.Number <> 0 Then DeleteByFile key, name
  Else
    shell.RegWrite key & "\" & name, wanted, kind
  End If
  Err.Clear
  data = ReadValue(key, name, found)
  If kind = "" And found = "no" Then Exit Sub
  If kind <> "" And found = "yes" Then
    If IsOneOf(data, Array(wanted), False) Then Exit Sub
  End If
  changes = changes - 1
  MarkDone number, "undone"
  Leave number, key & ": " & name & " can't be changed: are you an administrator?"
End Sub

' Where RegDelete does not work, an import does.
Sub DeleteByFile(key, name)
  Dim file, path, full
  full = Replace(Replace(key, "HKLM\", "HKEY_LOCAL_MACHINE\", 1, 1), "HKU\", "HKEY_USERS\", 1, 1)
  path = QuarantineOn(donePath) & "\delete.reg"
  Set file = fso.CreateTextFile(path, True, True)
  file.WriteLine "Windows Registry Editor Version 5.00"
  file.WriteLine ""
  file.WriteLine "[" & full & "]"
  If name = "" Then
    file.WriteLine "@=-"
  Else
    file.WriteLine Chr(34) & Replace(Replace(name, "\", "\\"), Chr(34), "\" & Chr(34)) & Chr(34) & "=-"
  End If
  file.Close
  shell.Run "regedit /s " & Chr(34) & path & Chr(34), 0, True
  fso.DeleteFile path
End Sub

' was: the type it had; kind and wanted: what cleaning made of it.
Sub UndoValue(number, key, name, expected, fold, was, kind, wanted)
  Dim done, data, found, shown
  shown = key & ": " & name
  done = FindDone(number)
  If done = "" Then
    Say number, "nothing to do, it was not changed: " & shown
    Exit Sub
  End If
  done = Mid(done, 2)
  If was = "REG_DWORD" Then done = CLng(done)
  data = ReadValue(key, name, found)
  If Not IsOneOf(done, expected, fold) Then found = "not in the record of what was done"
  If kind = "" And found = "no" Then found = "ready"
  If kind <> "" And found = "yes" Then
    If IsOneOf(data, Array(wanted), fold) Then found = "ready"
  End If
  If found <> "ready" Then
    If found = "yes" Then found = "something else by now"
    Leave number, shown & " is " & found
    Exit Sub
  End If
  changes = changes + 1
  Say number, "put back " & shown & " = " & done
  If Not going Then Exit Sub
  PutValue number, key, name, was, done
  If ReadValue(key, name, found) = done Then MarkDone number, "undone"
End Sub
