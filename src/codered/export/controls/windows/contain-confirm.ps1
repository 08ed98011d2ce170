#requires -version 3
# Keeps the containment: the task that would open this host again is taken away.
# Enter as administrator: powershell -NoProfile -ExecutionPolicy Bypass -File contain-confirm.ps1
$ErrorActionPreference = 'Stop'
$TaskName = 'CRDRT open again'
$Saved = Join-Path (Join-Path $env:SystemRoot 'CRDRT') 'before.json'
if (-not (Test-Path -LiteralPath $Saved)) { throw 'This host is not contained. Run contain-on.ps1 first.' }
$Service = New-Object -ComObject Schedule.Service
$Service.Connect()
$Service.GetFolder('\').DeleteTask($TaskName, 0)
Write-Output 'Confirmed: it stays until contain-off.ps1 is run.'
