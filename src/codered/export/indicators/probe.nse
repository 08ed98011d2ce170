@HEADER@
local http = require "http"
local shortport = require "shortport"
local rand = require "rand"
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
-- A made-up name of the same kind: what PATH shows counts only where this one is not there. "" = none is needed.
local CONTROL = @CONTROL@
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
local function has_text(wanted, text)
  if wanted == "" then return true end
  if not has_pcre then return nil end
  local made, pattern = pcall(pcre.new, wanted, pcre.flags().CASELESS, "C")
  if not made then return nil end
  local tried, first = pcall(pattern.exec, pattern, text, 0, 0)
  if not tried then return nil end
  return first ~= nil
end

local function judge(response)
  local body = string.sub(response.body or response.rawbody or "", 1, MOST_BODY)
  local server = response.header and response.header["server"] or ""
  for _, answer in ipairs(ANSWERS) do
    if has_status(answer, response.status) then
      local by_body, by_server = has_text(answer.body, body), has_text(answer.server, server)
      if by_body == nil or by_server == nil then
        return "undetermined", "this nmap has no PCRE to read the answer with"
      end
      if by_body and by_server then return answer.says, answer.because end
    end
  end
  return "undetermined", "no answer of the list fits"
end

local function ask(host, port, path)
  local response = http.generic_request(host, port, METHOD, path,
    {no_cache = true, redirect_ok = false, max_body_size = MOST_BODY, truncated_ok = true, timeout = 10000})
  return response and response.status and response
end

local FOUND = {infected = true, vulnerable = true, exposed = true}
local NOTHING_FOUND = {not_affected = true, patched = true, not_seen = true}

-- "" = the made-up name is not there
local function find_doubt(host, port)
  local path = string.gsub(CONTROL, "{random}", rand.random_string(12, "abefghjkmnpqrtuwxyz"))
  local response = ask(host, port, path)
  if not response then return "a made-up name beside it got no answer to compare with" end
  if NOTHING_FOUND[judge(response)] then return "" end
  return "a made-up name beside it is not plainly missing: this site's answers tell nothing"
end

action = function(host, port)
  local response = ask(host, port, PATH)
  if not response then return nil end
  local says, because = judge(response)
  if FOUND[says] and CONTROL ~= "" then
    local doubt = find_doubt(host, port)
    if doubt ~= "" then says, because = "undetermined", doubt end
  end
  local out = stdnse.output_table()
  out.pack = @PACK@
  out.probe = @PROBE@
  out.state = says
  out.because = because
  out.status = response.status
  return out
end
