@HEADER@
local http = require "http"
local shortport = require "shortport"
local stdnse = require "stdnse"

local has_pcre, pcre = pcall(require, "pcre")

description = @DESCRIPTION@

---
-- @usage nmap -p @PORT@ --script @SCRIPT@ TARGET
-- On other ports: nmap -p PORT --script +@SCRIPT@ TARGET

author = "CodeRed Detection and Removal"
license = "Same as Nmap--See https://nmap.org/book/man-legal.html"
categories = {"safe", "discovery"}

local METHOD = @METHOD@
local PATH = @PATH@
local MOST_BODY = 65536
-- In order: the first answer whose status and body fit. Its words end up in nmap's own report.
local ANSWERS = {
@ANSWERS@}

portrule = shortport.port_or_service({@PORTS@}, {"http", "https"}, "tcp", "open")

local function has_status(answer, status)
  if #answer.status == 0 then return true end
  for _, one in ipairs(answer.status) do
    if one == status then return true end
  end
  return false
end

-- nil = this nmap can't say
local function has_body(answer, body)
  if answer.body == "" then return true end
  if not has_pcre then return nil end
  local made, pattern = pcall(pcre.new, answer.body, pcre.flags().CASELESS, "C")
  if not made then return nil end
  local tried, first = pcall(pattern.exec, pattern, body, 0, 0)
  if not tried then return nil end
  return first ~= nil
end

local function judge(response)
  local body = string.sub(response.body or response.rawbody or "", 1, MOST_BODY)
  for _, answer in ipairs(ANSWERS) do
    if has_status(answer, response.status) then
      local fits = has_body(answer, body)
      if fits == nil then return "undetermined", "this nmap has no PCRE to read the answer with" end
      if fits then return answer.says, answer.because end
    end
  end
  return "undetermined", "no answer of the list fits"
end

action = function(host, port)
  local response = http.generic_request(host, port, METHOD, PATH,
    {no_cache = true, redirect_ok = false, max_body_size = MOST_BODY, truncated_ok = true, timeout = 10000})
  if not response or not response.status then return nil end
  local says, because = judge(response)
  local out = stdnse.output_table()
  out.pack = @PACK@
  out.state = says
  out.because = because
  out.status = response.status
  return out
end
