# @@NAME@@: @@TITLE@@
# @@DIGEST@@
# Enter as administrator: powershell -NoProfile -ExecutionPolicy Bypass -File @@NAME@@ [-Go]
# Without -Go nothing is changed, it is only said what would be. Works with PowerShell 2 and later.
# Answers 0: done, or nothing to do; 1: something differed and was left; 2: wrong use.
param([switch]$Go, [Parameter(ValueFromRemainingArguments = $true)]$Rest)
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
if ($Rest) { Write-Output 'use: @@NAME@@ [-Go]'; exit 2 }
$Utf16 = [Text.Encoding]::Unicode
$PlanId = '@@ID@@'
$Drive = $env:SystemDrive
$Here = Split-Path -Parent $MyInvocation.MyCommand.Path
$LogPath = Join-Path $Here '@@LOG@@'
$DonePath = "$Drive\codered-quarantine-$PlanId\done.txt"
$Done = @{}
$script:Changes = 0
$script:Differed = 0

# To the screen and the log, never into what a function answers.
function Write-Step($Number, $Text) {
    $Shown = -join ($Text.ToCharArray() | ForEach-Object {
        if ([int]$_ -ge 32 -and [int]$_ -lt 127) { [string]$_ } else { '\u{0:x4}' -f [int]$_ }
    })
    if ($Number) { $Shown = "step ${Number}: $Shown" }
    Write-Host $Shown
    try { [IO.File]::AppendAllText($LogPath, "$(Get-Date -Format s) $Shown`r`n") } catch { Write-Verbose 'no log' }
}

function Write-Left($Number, $Text) {
    $script:Differed++
    Write-Step $Number "LEFT: $Text"
}

function Get-Place($Path, $Number) {
    return "$($Path.Substring(0, 2))\codered-quarantine-$PlanId\$Number.bin"
}

# What was done: a line a step, "number|what undoing needs". Undoing reads nothing else.
function Save-Done($Number, $Text) {
    [void][IO.Directory]::CreateDirectory((Split-Path -Parent $DonePath))
    [IO.File]::AppendAllText($DonePath, "$Number|$Text`r`n")
    $Done["$Number"] = $Text
}

function Read-Done {
    if (-not [IO.File]::Exists($DonePath)) { return }
    foreach ($Line in [IO.File]::ReadAllLines($DonePath)) {
        $At = $Line.IndexOf('|')
        if ($At -gt 0) { $Done[$Line.Substring(0, $At)] = $Line.Substring($At + 1) }
    }
}

function Test-Done($Number) {
    return ($Done.ContainsKey("$Number") -and $Done["$Number"] -ne 'undone')
}

function Get-Hash($Bytes) {
    $Algorithm = [Security.Cryptography.SHA256]::Create()
    return ([BitConverter]::ToString($Algorithm.ComputeHash($Bytes)) -replace '-', '').ToLower()
}

function Get-HashOfFile($Path) {
    $Stream = [IO.File]::OpenRead($Path)
    try { return Get-Hash $Stream } finally { $Stream.Close() }
}

# A link on the way would lead somewhere else.
function Test-Link($Path) {
    while ($Path -and $Path.Length -gt 3) {
        if (([IO.File]::GetAttributes($Path) -band [IO.FileAttributes]::ReparsePoint) -ne 0) { return $true }
        $Path = [IO.Path]::GetDirectoryName($Path)
    }
    return $false
}

# '' if the file is what is expected, else why not. Size -1 and hash '': any; one of the twins must be equal.
function Compare-File($Path, $Size, $Hash, $Twins) {
    $Length = (New-Object IO.FileInfo $Path).Length
    if (Test-Link $Path) { return 'a link leads there' }
    if ($Size -ge 0 -and $Length -ne $Size) { return "it has $Length bytes, not $Size" }
    if ($Hash -and (Get-HashOfFile $Path) -ne $Hash) { return 'its content is another one' }
    if ($Hash -or $Twins.Count -eq 0) { return '' }
    $Own = Get-HashOfFile $Path
    foreach ($Twin in $Twins) {
        if ([IO.File]::Exists($Twin) -and (Get-HashOfFile $Twin) -eq $Own) { return '' }
    }
    return "it is no copy of this system's command interpreter: look at it yourself"
}

function Clear-File($Number, $Path, $Size, $Hash, $Twins) {
    if (-not [IO.File]::Exists($Path)) { Write-Step $Number "nothing to do, it is not there: $Path"; return }
    $Why = Compare-File $Path $Size $Hash $Twins
    if ($Why) { Write-Left $Number "${Path}: $Why"; return }
    $Place = Get-Place $Path $Number
    for ($Copy = 2; [IO.File]::Exists($Place); $Copy++) { $Place = Get-Place $Path "$Number-$Copy" }
    $script:Changes++
    Write-Step $Number "quarantine $Path as $Place"
    if (-not $Go) { return }
    [void][IO.Directory]::CreateDirectory((Split-Path -Parent $Place))
    $Kept = [int][IO.File]::GetAttributes($Path)
    $Again = Test-Done $Number
    if (-not $Again) { Save-Done $Number $Kept }
    try {
        [IO.File]::SetAttributes($Path, [IO.FileAttributes]::Normal)
        [IO.File]::Move($Path, $Place)
    } catch {
        if ([IO.File]::Exists($Path)) { [IO.File]::SetAttributes($Path, $Kept) }
        if (-not $Again) { Save-Done $Number 'undone' }
        $script:Changes--
        Write-Left $Number "${Path}: can't be moved. End what uses it, or restart, and run this again"
    }
}

function Restore-File($Number, $Path, $Size, $Hash) {
    if (-not (Test-Done $Number)) { Write-Step $Number "nothing to do, it was not moved: $Path"; return }
    $Place = Get-Place $Path $Number
    $Why = ''
    if ([IO.File]::Exists($Path)) { $Why = 'there is a file again' }
    elseif (-not [IO.File]::Exists($Place)) { $Why = "it is not in the quarantine: $Place" }
    else { $Why = Compare-File $Place $Size $Hash @() }
    if ($Why) { Write-Left $Number "${Path}: $Why"; return }
    $script:Changes++
    Write-Step $Number "put back $Path"
    if (-not $Go) { return }
    [IO.File]::Move($Place, $Path)
    [IO.File]::SetAttributes($Path, [int]$Done["$Number"])
    Save-Done $Number 'undone'
    $Folder = Split-Path -Parent $Place
    if (@([IO.Directory]::GetFileSystemEntries($Folder)).Count -eq 0) { [IO.Directory]::Delete($Folder) }
}

function Open-Key($Name, $Writable) {
    $Parts = $Name.Split([char[]]'\', 2)
    $Hive = [Microsoft.Win32.Registry]::LocalMachine
    if ($Parts[0] -eq 'HKU') { $Hive = [Microsoft.Win32.Registry]::Users }
    return $Hive.OpenSubKey($Parts[1], $Writable)
}

# A value as text: its kind, and its data in base64. '' if it is not there.
function Get-Mark($Key, $Name) {
    if ($null -eq $Key -or @($Key.GetValueNames() | Where-Object { $_ -eq $Name }).Count -eq 0) { return '' }
    $Kind = $Key.GetValueKind($Name)
    $Data = $Key.GetValue($Name, $null, [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
    switch ([string]$Kind) {
        'DWord' { $Bytes = [BitConverter]::GetBytes([int]$Data) }
        'QWord' { $Bytes = [BitConverter]::GetBytes([long]$Data) }
        'MultiString' { $Bytes = $Utf16.GetBytes((@($Data) -join "`0")) }
        'Binary' { $Bytes = [byte[]]$Data }
        default { $Bytes = $Utf16.GetBytes([string]$Data) }
    }
    return "${Kind}:$([Convert]::ToBase64String($Bytes))"
}

function Set-Mark($Key, $Name, $Mark) {
    if (-not $Mark) { $Key.DeleteValue($Name, $false); return }
    $Parts = $Mark.Split([char[]]':', 2)
    $Bytes = [Convert]::FromBase64String($Parts[1])
    switch ($Parts[0]) {
        'DWord' { $Data = [BitConverter]::ToInt32($Bytes, 0) }
        'QWord' { $Data = [BitConverter]::ToInt64($Bytes, 0) }
        'MultiString' { $Data = [string[]]@($Utf16.GetString($Bytes).Split([char]0) | Where-Object { $_ }) }
        'Binary' { $Data = [byte[]]$Bytes }
        default { $Data = $Utf16.GetString($Bytes) }
    }
    $Key.SetValue($Name, $Data, [Microsoft.Win32.RegistryValueKind]$Parts[0])
}

function ConvertTo-Folded($Mark) {
    $Parts = $Mark.Split([char[]]':', 2)
    if ('String', 'ExpandString' -notcontains $Parts[0]) { return $Mark }
    return "String:$($Utf16.GetString([Convert]::FromBase64String($Parts[1])).ToLowerInvariant())"
}

function Test-Mark($Mark, $Expected, $Fold) {
    foreach ($One in $Expected) {
        if ($Mark -ceq $One) { return $true }
        if ($Fold -and $Mark -and $One -and (ConvertTo-Folded $Mark) -ceq (ConvertTo-Folded $One)) { return $true }
    }
    return $false
}

function Test-Loaded($Number, $Path) {
    $Parts = $Path.Split([char[]]'\')
    if ($Parts[0] -ne 'HKU' -or (Open-Key "HKU\$($Parts[1])" $false)) { return $true }
    Write-Left $Number "$($Parts[1]) is not logged on: run this again while that user is"
    return $false
}

function Clear-Value($Number, $Path, $Name, $Expected, $Fold, $Wanted) {
    if (-not (Test-Loaded $Number $Path)) { return }
    $Key = Open-Key $Path $false
    $Mark = Get-Mark $Key $Name
    if (-not $Mark) { Write-Step $Number "nothing to do, it is not there: ${Path}: $Name"; return }
    if ($Wanted -and (Test-Mark $Mark @($Wanted) $Fold)) { Write-Step $Number "nothing to do: ${Path}: $Name"; return }
    if (-not (Test-Mark $Mark $Expected $Fold)) { Write-Left $Number "${Path}: $Name is something else"; return }
    $script:Changes++
    if ($Wanted) { $What = 'set' } else { $What = 'delete' }
    Write-Step $Number "$What ${Path}: $Name"
    if (-not $Go) { return }
    Save-Done $Number $Mark
    Set-Mark (Open-Key $Path $true) $Name $Wanted
}

function Restore-Value($Number, $Path, $Name, $Expected, $Fold, $Wanted) {
    if (-not (Test-Done $Number)) { Write-Step $Number "nothing to do, it was not changed: ${Path}: $Name"; return }
    $Key = Open-Key $Path $false
    $Mark = Get-Mark $Key $Name
    $Kept = $Done["$Number"]
    if ($Mark -cne $Wanted -or $null -eq $Key -or -not (Test-Mark $Kept $Expected $Fold)) {
        Write-Left $Number "${Path}: $Name is something else by now"
        return
    }
    $script:Changes++
    Write-Step $Number "put back ${Path}: $Name"
    if (-not $Go) { return }
    Set-Mark (Open-Key $Path $true) $Name $Kept
    Save-Done $Number 'undone'
}

# How many keys (itself counted) and values there are in all.
function Measure-Key($Key) {
    $Keys = 1
    $Values = $Key.ValueCount
    foreach ($Name in $Key.GetSubKeyNames()) {
        $Below = Measure-Key ($Key.OpenSubKey($Name))
        $Keys += $Below[0]
        $Values += $Below[1]
    }
    return @($Keys, $Values)
}

function Clear-Key($Number, $Path, $Keys, $Values) {
    if (-not (Test-Loaded $Number $Path)) { return }
    $Key = Open-Key $Path $false
    if ($null -eq $Key) { Write-Step $Number "nothing to do, it is not there: $Path"; return }
    $Counted = Measure-Key $Key
    if ($Counted[0] -ne $Keys -or $Counted[1] -ne $Values) { Write-Left $Number "$Path is something else"; return }
    $script:Changes++
    Write-Step $Number "save and delete $Path"
    if (-not $Go) { return }
    [void][IO.Directory]::CreateDirectory((Split-Path -Parent $DonePath))
    $Saved = "$(Split-Path -Parent $DonePath)\$Number.reg"
    & "$env:SystemRoot\System32\reg.exe" export $Path $Saved /y | Out-Null
    if ($LASTEXITCODE -ne 0 -or -not [IO.File]::Exists($Saved)) {
        $script:Changes--
        Write-Left $Number "$Path can't be saved, so it was not deleted"
        return
    }
    Save-Done $Number 'saved'
    $At = $Path.LastIndexOf('\')
    (Open-Key $Path.Substring(0, $At) $true).DeleteSubKeyTree($Path.Substring($At + 1))
}

function Restore-Key($Number, $Path) {
    if (-not (Test-Done $Number)) { Write-Step $Number "nothing to do, it was not deleted: $Path"; return }
    if (Open-Key $Path $false) { Write-Left $Number "$Path is there again"; return }
    $script:Changes++
    Write-Step $Number "put back $Path"
    if (-not $Go) { return }
    $Saved = "$(Split-Path -Parent $DonePath)\$Number.reg"
    & "$env:SystemRoot\System32\reg.exe" import $Saved 2>&1 | Out-Null
    if (-not (Open-Key $Path $false)) { Write-Left $Number "$Path can't be put back from $Saved"; return }
    [IO.File]::Delete($Saved)
    Save-Done $Number 'undone'
}

# A line ends with a newline byte and nothing else. Lines: number, hash, what takes its place ($null = it goes).
function Edit-Bytes($Bytes, $Lines) {
    $Result = New-Object IO.MemoryStream
    $Start = 0
    for ($Line = 1; $Start -lt $Bytes.Length; $Line++) {
        $End = [Array]::IndexOf($Bytes, [byte]10, $Start)
        if ($End -lt 0) { $End = $Bytes.Length }
        $Next = [Math]::Min($End + 1, $Bytes.Length)
        $Change = $null
        foreach ($One in $Lines) { if ($One[0] -eq $Line) { $Change = $One } }
        if ($null -eq $Change) {
            $Result.Write($Bytes, $Start, $Next - $Start)
        } elseif ($null -ne $Change[1]) {
            $New = [Convert]::FromBase64String($Change[1])
            $Result.Write($New, 0, $New.Length)
            $Result.Write($Bytes, $End, $Next - $End)
        }
        $Start = $Next
    }
    return , $Result.ToArray()
}

function Clear-Lines($Number, $Path, $Before, $After, $Lines) {
    if (-not [IO.File]::Exists($Path)) { Write-Step $Number "nothing to do, it is not there: $Path"; return }
    if (Test-Link $Path) { Write-Left $Number "${Path}: a link leads there"; return }
    $Bytes = [IO.File]::ReadAllBytes($Path)
    $Hash = Get-Hash $Bytes
    if ($Hash -eq $After) { Write-Step $Number "nothing to do, it is as it should be: $Path"; return }
    if ($Hash -ne $Before) { Write-Left $Number "${Path}: its content is another one"; return }
    $New = Edit-Bytes $Bytes $Lines
    if ((Get-Hash $New) -ne $After) { Write-Left $Number "${Path}: the change does not fit"; return }
    $script:Changes++
    Write-Step $Number "change $(@($Lines).Count) lines of $Path"
    if (-not $Go) { return }
    Save-WebServer $Number $Path
    $Place = Get-Place $Path $Number
    [void][IO.Directory]::CreateDirectory((Split-Path -Parent $Place))
    [IO.File]::WriteAllBytes($Place, $Bytes)
    Save-Done $Number 'saved'
    [IO.File]::WriteAllBytes($Path, $New)
}

function Restore-Lines($Number, $Path, $Before, $After) {
    if (-not (Test-Done $Number)) { Write-Step $Number "nothing to do, it was not changed: $Path"; return }
    $Place = Get-Place $Path $Number
    $Fits = [IO.File]::Exists($Path) -and [IO.File]::Exists($Place) -and -not (Test-Link $Path)
    if (-not $Fits -or (Get-HashOfFile $Path) -ne $After -or (Get-HashOfFile $Place) -ne $Before) {
        Write-Left $Number "$Path is something else by now"
        return
    }
    $script:Changes++
    Write-Step $Number "put back $Path"
    if (-not $Go) { return }
    [IO.File]::WriteAllBytes($Path, [IO.File]::ReadAllBytes($Place))
    [IO.File]::Delete($Place)
    Save-Done $Number 'undone'
}

# The web server's own backup of its whole configuration, once, before the first change of it.
function Save-WebServer($Number, $Path) {
    $Command = "$env:SystemRoot\System32\inetsrv\appcmd.exe"
    if ($Path -notlike '*\inetsrv\config\*' -or -not [IO.File]::Exists($Command)) { return }
    if ([IO.Directory]::Exists("$env:SystemRoot\System32\inetsrv\backup\codered-$PlanId")) { return }
    & $Command add backup "codered-$PlanId" | Out-Null
    Write-Step $Number "saved the configuration of IIS as codered-$PlanId"
}

function Clear-Record {
    if (-not $Go -or -not [IO.File]::Exists($DonePath)) { return }
    if (@($Done.Values | Where-Object { $_ -ne 'undone' }).Count -gt 0) { return }
    [IO.File]::Delete($DonePath)
    $Folder = Split-Path -Parent $DonePath
    if (@([IO.Directory]::GetFileSystemEntries($Folder)).Count -eq 0) { [IO.Directory]::Delete($Folder) }
}

function Close-Run {
    if ($script:Changes -eq 0 -and $script:Differed -eq 0) { Write-Step 0 'nothing to do' }
    if ($script:Changes -gt 0 -and $Go) { Write-Step 0 "$script:Changes done" }
    if ($script:Changes -gt 0 -and -not $Go) { Write-Step 0 "$script:Changes would be done: run it with -Go" }
    if ($script:Differed -gt 0) { Write-Step 0 "$script:Differed left as it is: look at each of them" }
}

if ($env:PROCESSOR_ARCHITEW6432) { Write-Output 'Start the 64-bit PowerShell of this system.'; exit 2 }
$Me = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
if ($Go -and -not $Me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
    Write-Output 'Run this as administrator.'
    exit 2
}
if ($Go) { Write-Step 0 'started, with -Go' } else { Write-Step 0 'started, dry run: nothing is changed' }
Read-Done
@@STEPS@@
Close-Run
if ($script:Differed -gt 0) { exit 1 }
exit 0
