rule miner_loader {
  strings:
    $anchor_stratum = "stratum+" nocase
    $anchor_xmrig = "xmrig" nocase
    $anchor_donate = "--donate-level" nocase
    $anchor_kinsing = "kdevtmpfsi"
    $fetch_curl = /\bcurl [^\n]{1,200}(https?:|\$)/
    $fetch_wget = /\bwget [^\n]{1,200}(https?:|\$)/
    $run_chmod = /chmod (\+x|-R 777|777|755|\+rwx|a\+x)/
    $run_nohup = "nohup "
    $end_pkill = /pkill -(9 )?-?f? ?[^\n]{1,80}/
    $end_killall = "killall "
    $end_grep = /grep [^\n]{1,120}\|[^\n]{0,80}xargs[^\n]{0,40}kill/
    $end_cron = "crontab -r"
    $hide_chattr = "chattr "
    $hide_history = "history -c"
    $hide_log = "/var/log/syslog"
    $hide_selinux = "setenforce 0"
    $hide_aegis = "aliyun.one"
    $hide_preload = "/etc/ld.so.preload"
    $tmp = /(cd|>) ?\/(tmp|var\/tmp|dev\/shm)/
  condition:
    any of ($anchor*) and (1 of ($fetch*) and 1 of ($run*) and 1 of ($end*) and (1 of ($hide*) or $tmp))
}

rule miner_config {
  strings:
    $anchor_donate = "\"donate-level\""
    $pools = "\"pools\""
    $url = /"url"\s{0,8}:\s{0,8}"[^"]{4,200}"/
    $user = /"user"\s{0,8}:\s{0,8}"[0-9A-Za-z]{20,110}/
    $hint = "YOUR_WALLET"
  condition:
    any of ($anchor*) and ($pools and $url and $user and not $hint)
}

rule miner_program {
  strings:
    $anchor_donate = "donate-level"
    $own_a = "xmrig" nocase
    $own_b = "randomx"
    $own_c = "stratum+tcp"
    $own_d = "cryptonight"
    $own_e = "\"huge-pages-jit\""
    $own_f = "rig-id"
    $own_g = "nicehash"
  condition:
    any of ($anchor*) and 5 of ($own*)
}
