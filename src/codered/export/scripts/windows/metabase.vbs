
' The metabase decides about folders that are published; the registry is only read when IIS starts.
Dim metabaseSaved
Function OpenSites(number, sites)
  OpenSites = False
  On Error Resume Next
  Set sites = GetObject("IIS://localhost/W3SVC")
  ' -2147221020: nobody knows what IIS:// is. Everything else may be an IIS that can't be asked now.
  If Err.Number = 0 Then
    OpenSites = True
  ElseIf Err.Number = -2147221020 Then
    Say number, "no IIS here, so no metabase (-2147221020)"
  Else
    Leave number, "the metabase can't be read (" & Hex(Err.Number) & "): start IIS, and run this again"
  End If
End Function

Function OpenBelow(site, below)
  Set OpenBelow = Nothing
  On Error Resume Next
  Set OpenBelow = GetObject("IIS://localhost/W3SVC/" & site & "/Root/" & below)
  If Err.Number <> 0 Then Set OpenBelow = Nothing
End Function

' The whole configuration is saved by IIS itself before the first change; without that nothing is changed.
Function SaveMetabase(number)
  If metabaseSaved <> True Then
    On Error Resume Next
    GetObject("IIS://localhost").Backup "codered-" & PLAN_ID, -1, 2
    metabaseSaved = (Err.Number = 0)
    If metabaseSaved Then Say number, "saved the metabase as codered-" & PLAN_ID
  End If
  SaveMetabase = metabaseSaved
End Function

' flags -1: a published folder `below` with this Path goes; else its AccessFlags, if one of expected, become flags.
Sub CleanMetabase(number, below, expected, flags)
  Dim sites, site, folder
  If Not OpenSites(number, sites) Then Exit Sub
  For Each site In sites
    If site.Class = "IIsWebServer" And IsNumeric(site.Name) Then
      Set folder = OpenBelow(site.Name, below)
      If Not folder Is Nothing Then CleanFolder number, site.Name, below, folder, expected, flags
    End If
  Next
End Sub

Sub CleanFolder(number, site, below, folder, expected, flags)
  Dim shown, now_
  shown = "site " & site & ", /" & below
  If flags >= 0 Then now_ = CLng(folder.AccessFlags) Else now_ = CStr(folder.Path)
  If flags >= 0 And now_ = flags Then
    Say number, "nothing to do, it is as it should be: " & shown
  ElseIf Not IsOneOf(now_, expected, True) Then
    Leave number, shown & " is something else: " & now_
  ElseIf going And Not SaveMetabase(number) Then
    Leave number, shown & ": the metabase can't be saved first, so it was not changed"
  Else
    changes = changes + 1
    If flags >= 0 Then Say number, "set " & shown & " from " & now_ & " to " & flags Else Say number, "no longer publish " & shown & " = " & now_
    If going Then ChangeFolder number, site, below, folder, flags
  End If
End Sub

Sub ChangeFolder(number, site, below, folder, flags)
  Dim kept
  kept = CLng(folder.AccessFlags)
  If flags < 0 Then kept = kept & ";" & folder.Path
  On Error Resume Next
  If flags >= 0 Then
    folder.AccessFlags = flags
    folder.SetInfo
  Else
    GetObject("IIS://localhost/W3SVC/" & site & "/Root").Delete "IIsWebVirtualDir", below
  End If
  If Err.Number = 0 Then
    MarkDone number & "." & site, kept
  Else
    changes = changes - 1
    Leave number, "site " & site & ", /" & below & " can't be changed (" & Hex(Err.Number) & ")"
  End If
End Sub

Sub UndoMetabase(number, below, expected, flags)
  Dim sites, site, done
  If Not OpenSites(number, sites) Then Exit Sub
  For Each site In sites
    If site.Class = "IIsWebServer" And IsNumeric(site.Name) Then
      done = FindDone(number & "." & site.Name)
      If done <> "" Then
        changes = changes + 1
        Say number, "put back site " & site.Name & ", /" & below & ": " & done
        If going Then PutFolder number, site.Name, below, flags, Split(done, ";")
      End If
    End If
  Next
End Sub

Sub PutFolder(number, site, below, flags, kept)
  Dim folder
  On Error Resume Next
  If flags >= 0 Then
    Set folder = OpenBelow(site, below)
  Else
    Set folder = GetObject("IIS://localhost/W3SVC/" & site & "/Root").Create("IIsWebVirtualDir", below)
    folder.Path = kept(1)
  End If
  folder.AccessFlags = CLng(kept(0))
  folder.SetInfo
  If Err.Number = 0 Then
    MarkDone number & "." & site, "undone"
  Else
    changes = changes - 1
    Leave number, "site " & site & ", /" & below & " can't be put back (" & Hex(Err.Number) & "): restore the backup codered-" & PLAN_ID & " in the IIS console"
  End If
End Sub
