rule defaced_page {
  strings:
    $anchor_hacked = "hacked" nocase
    $anchor_h4cked = "h4ck3d" nocase
    $anchor_defaced = "defaced" nocase
    $anchor_owned = "owned by" nocase
    $anchor_pwned = "pwned" nocase
    $title_a = /<title[^>]{0,40}>[^<]{0,120}(hacked|h4ck3d|defaced|pwned|owned)[^<]{0,20} by[^<]{0,120}</ nocase
    $title_b = /<title[^>]{0,40}>[^<]{0,40}(hacked|h4ck3d|defaced|pwned|0wned)[^a-z<]{0,40}</ nocase
    $greet_a = "greetz" nocase
    $greet_b = "gr33tz" nocase
    $greet_c = "greets to" nocase
    $greet_d = "greetings to" nocase
    $greet_e = "thanks to :" nocase
    $greet_f = "we are legion" nocase
    $greet_g = "cyber army" nocase
    $greet_h = "cyber team" nocase
    $greet_i = "your security" nocase
    $greet_j = "security is low" nocase
    $greet_k = "secure your" nocase
    $greet_l = "patch your" nocase
    $greet_m = "fuck admin" nocase
    $greet_n = "sorry admin" nocase
    $greet_o = "hello admin" nocase
    $greet_p = "was here" nocase
    $page_links = /<nav|<article|rel="canonical"|property="og:|<lastmod|itemprop=/ nocase
  condition:
    any of ($anchor*) and (1 of ($title*) and 1 of ($greet*) and not $page_links and filesize < 100KB)
}
