#requires -version 3
# Cuts this Windows host off: nothing in or out but what is named here. Windows 8, Server 2012 and later (or PowerShell 3).
# Needs contain-off.ps1 beside it. It opens again by itself after the time below unless contain-confirm.ps1 is run.
# Enter as administrator: powershell -NoProfile -ExecutionPolicy Bypass -File contain-on.ps1
$ErrorActionPreference = 'Stop'
$Management = @(@@MANAGEMENT@@)
$ConfirmWithin = @@SECONDS@@
$Group = 'CRDRT'
$TaskName = 'CRDRT open again'
$Folder = Join-Path $env:SystemRoot 'CRDRT'
$Saved = Join-Path $Folder 'before.json'
$OffHere = Join-Path (Split-Path -Parent $MyInvocation.MyCommand.Path) 'contain-off.ps1'
$OffThere = Join-Path $Folder 'contain-off.ps1'
$Profiles = 1, 2, 4
$RemotePorts = 22, 3389, 5985, 5986

$Me = New-Object Security.Principal.WindowsPrincipal ([Security.Principal.WindowsIdentity]::GetCurrent())
if (-not $Me.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) { throw 'Run this as administrator.' }
if (-not (Test-Path -LiteralPath $OffHere)) { throw 'contain-off.ps1 is missing beside this script. Nothing was changed.' }
if (Test-Path -LiteralPath $Saved) { throw 'This host is contained already. Run contain-off.ps1 first.' }
$Policy = New-Object -ComObject HNetCfg.FwPolicy2

function Get-RuleKey($Rule) {
    $Parts = $Rule.Name, $Rule.Grouping, $Rule.Direction, $Rule.Action, $Rule.Protocol, $Rule.LocalPorts, $Rule.RemotePorts
    $Parts += $Rule.LocalAddresses, $Rule.RemoteAddresses, $Rule.ApplicationName, $Rule.ServiceName, $Rule.Profiles
    return ($Parts | ForEach-Object { [string]$_ }) -join '|'
}

function Add-Allowed($Name, $Direction, $Fields) {
    $Rule = New-Object -ComObject HNetCfg.FWRule
    $Rule.Name = $Name
    $Rule.Grouping = $Group
    $Rule.Direction = $Direction
    $Rule.Action = 1
    $Rule.Profiles = 0x7fffffff
    foreach ($Field in $Fields.Keys) { $Rule.$Field = $Fields[$Field] }
    $Rule.Enabled = $true
    $Policy.Rules.Add($Rule)
}

# 1. What is now, saved before anything changes.
$Before = @{ profiles = @(); switched_off = @() }
foreach ($One in $Profiles) {
    $Before.profiles += @{
        profile = $One
        enabled = [bool]$Policy.FirewallEnabled($One)
        inbound = [int]$Policy.DefaultInboundAction($One)
        outbound = [int]$Policy.DefaultOutboundAction($One)
        block_all = [bool]$Policy.BlockAllInboundTraffic($One)
    }
}
$Open = @($Policy.Rules | Where-Object { $_.Enabled -and $_.Action -eq 1 })
$Before.switched_off = @($Open | ForEach-Object { Get-RuleKey $_ })
New-Item -ItemType Directory -Force -Path $Folder | Out-Null
Copy-Item -LiteralPath $OffHere -Destination $OffThere -Force
ConvertTo-Json -InputObject $Before -Depth 4 | Set-Content -LiteralPath $Saved -Encoding UTF8

# 2. The way out, before the door closes: a task that opens again, also after a restart.
if ($ConfirmWithin -gt 0) {
    $Service = New-Object -ComObject Schedule.Service
    $Service.Connect()
    $Task = $Service.NewTask(0)
    $Task.RegistrationInfo.Description = 'Opens the firewall again unless the containment is confirmed.'
    $Task.Settings.StartWhenAvailable = $true
    $Task.Settings.DisallowStartIfOnBatteries = $false
    $Task.Settings.StopIfGoingOnBatteries = $false
    $Task.Principal.RunLevel = 1
    $Trigger = $Task.Triggers.Create(1)
    $Trigger.StartBoundary = (Get-Date).AddSeconds($ConfirmWithin).ToString('s')
    $Action = $Task.Actions.Create(0)
    $Action.Path = Join-Path $env:SystemRoot 'System32\WindowsPowerShell\v1.0\powershell.exe'
    $Action.Arguments = '-NoProfile -ExecutionPolicy Bypass -File "' + $OffThere + '"'
    $Service.GetFolder('\').RegisterTaskDefinition($TaskName, $Task, 6, 'SYSTEM', $null, 5) | Out-Null
}

try {
    # 3. What stays: the responder, and what keeps the address. Loopback is never filtered.
    $Number = 0
    foreach ($Network in $Management) {
        $Number += 1
        Add-Allowed "CRDRT management $Number in" 1 @{ RemoteAddresses = $Network }
        Add-Allowed "CRDRT management $Number out" 2 @{ RemoteAddresses = $Network }
    }
    $All = [Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().GetActiveTcpConnections()
    foreach ($One in $All) {
        $Mine = $One.State -eq 'Established' -and $RemotePorts -contains $One.LocalEndPoint.Port
        if (-not $Mine -or [Net.IPAddress]::IsLoopback($One.RemoteEndPoint.Address)) { continue }
        $Number += 1
        $There = $One.RemoteEndPoint.Address.ToString() -replace '%.*$', ''
        $Tcp = [ordered]@{ Protocol = 6; RemoteAddresses = $There }
        $Tcp.LocalPorts = [string]$One.LocalEndPoint.Port
        $Tcp.RemotePorts = [string]$One.RemoteEndPoint.Port
        Add-Allowed "CRDRT session $Number in" 1 $Tcp
        Add-Allowed "CRDRT session $Number out" 2 $Tcp
        Write-Output "Stays connected: $There port $($Tcp.RemotePorts) to our port $($Tcp.LocalPorts)"
    }
    Add-Allowed 'CRDRT DHCP' 2 ([ordered]@{ Protocol = 17; LocalPorts = '68'; RemotePorts = '67' })
    $Neighbours = [ordered]@{ Protocol = 58; IcmpTypesAndCodes = '133:*,134:*,135:*,136:*' }
    Add-Allowed 'CRDRT neighbours in' 1 $Neighbours
    Add-Allowed 'CRDRT neighbours out' 2 $Neighbours

    # 4. Close. Never by a rule that blocks everything: a block beats every allow, our own too.
    foreach ($Rule in $Open) { $Rule.Enabled = $false }
    foreach ($One in $Profiles) {
        $Policy.DefaultOutboundAction($One) = 0
        $Policy.DefaultInboundAction($One) = 0
        $Policy.BlockAllInboundTraffic($One) = $false
        $Policy.FirewallEnabled($One) = $true
    }
}
catch {
    & $OffThere
    throw
}
Write-Output "Contained. $($Open.Count) rules that allow something are switched off and remembered in $Saved."
if ($ConfirmWithin -gt 0) { Write-Output "It opens by itself in $ConfirmWithin seconds: run contain-confirm.ps1 to keep it." }
Write-Output 'Rules of a domain policy are not ours to switch off: look for them with Get-NetFirewallRule -PolicyStore RSOP.'
