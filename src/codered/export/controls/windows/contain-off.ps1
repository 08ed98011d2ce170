#requires -version 3
# Opens this Windows host again, exactly as it was. Safe to run twice.
# Enter as administrator: powershell -NoProfile -ExecutionPolicy Bypass -File contain-off.ps1
$ErrorActionPreference = 'Stop'
$Group = 'CRDRT'
$TaskName = 'CRDRT open again'
$Saved = Join-Path (Join-Path $env:SystemRoot 'CRDRT') 'before.json'
$Policy = New-Object -ComObject HNetCfg.FwPolicy2

function Get-RuleKey($Rule) {
    $Parts = $Rule.Name, $Rule.Grouping, $Rule.Direction, $Rule.Action, $Rule.Protocol, $Rule.LocalPorts, $Rule.RemotePorts
    $Parts += $Rule.LocalAddresses, $Rule.RemoteAddresses, $Rule.ApplicationName, $Rule.ServiceName, $Rule.Profiles
    return ($Parts | ForEach-Object { [string]$_ }) -join '|'
}

if (Test-Path -LiteralPath $Saved) {
    $Before = Get-Content -LiteralPath $Saved -Raw | ConvertFrom-Json

    # 1. The rules that were switched off, each as often as it was on.
    $Wanted = @{}
    foreach ($Key in @($Before.switched_off)) { $Wanted[$Key] = 1 + [int]$Wanted[$Key] }
    foreach ($Rule in @($Policy.Rules)) {
        $Key = Get-RuleKey $Rule
        if ($Rule.Action -ne 1 -or [int]$Wanted[$Key] -lt 1) { continue }
        $Wanted[$Key] = $Wanted[$Key] - 1
        if (-not $Rule.Enabled) { $Rule.Enabled = $true }
    }

    # 2. The defaults of each profile.
    foreach ($One in @($Before.profiles)) {
        $Policy.DefaultOutboundAction($One.profile) = [int]$One.outbound
        $Policy.DefaultInboundAction($One.profile) = [int]$One.inbound
        $Policy.BlockAllInboundTraffic($One.profile) = [bool]$One.block_all
        $Policy.FirewallEnabled($One.profile) = [bool]$One.enabled
    }
    foreach ($Key in @($Wanted.Keys)) {
        if ($Wanted[$Key] -gt 0) { Write-Warning "A rule is gone that was on before: $Key" }
    }
}

# 3. Our own rules, and the task; the saved state last, so that a second run can finish what the first did not.
foreach ($Rule in @($Policy.Rules | Where-Object { $_.Grouping -eq $Group })) { $Policy.Rules.Remove($Rule.Name) }
$Service = New-Object -ComObject Schedule.Service
$Service.Connect()
try { $Service.GetFolder('\').DeleteTask($TaskName, 0) } catch { Write-Verbose 'There is no such task.' }
if (Test-Path -LiteralPath $Saved) { Remove-Item -LiteralPath $Saved }
Write-Output 'Open again, as it was before.'
