rule androxgh0st_script {
  strings:
    $anchor_mark = "androxgh0st" nocase
    $send_a = "0x[]" nocase
    $send_b = "requests.post" nocase
    $send_c = "curl_setopt" nocase
    $send_d = "requests.get" nocase
    $aim_env = "/.env"
    $aim_phpunit = "eval-stdin.php" nocase
    $aim_aws = "AWS_ACCESS_KEY" nocase
    $aim_mail = "MAIL_PASSWORD" nocase
    $aim_twilio = "TWILIO" nocase
  condition:
    any of ($anchor*) and 1 of ($send*) and 2 of ($aim*)
}
