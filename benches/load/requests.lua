-- Requests from a file, one a line: method, path, cookie, body, parted by tabs. {key} in a body becomes a fresh
-- idempotency key and {mark} a mark. Threads begin at different lines. The last line printed is for the benchmark.
local requests, at = {}, 0
local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  math.randomseed(os.time() * 10 + number)
  for line in io.lines(args[1]) do
    local method, path, cookie, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    local headers = { ["Cookie"] = cookie, ["Sec-Fetch-Site"] = "same-origin" }
    if method == "POST" then
      headers["Content-Type"] = "application/x-www-form-urlencoded"
      headers["x-waymark"] = "1"
      table.insert(requests, { path = path, headers = headers, body = body })
    else
      table.insert(requests, wrk.format("GET", path, headers))
    end
  end
  at = math.floor(#requests * number / 2)
end

local function key()
  local text = string.gsub("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx", "x", function()
    return string.format("%x", math.random(0, 15))
  end)
  return text
end

function request()
  at = at % #requests + 1
  local made = requests[at]
  if type(made) == "string" then return made end
  local body = made.body:gsub("{key}", key):gsub("{mark}", function() return tostring(math.random(0, 2)) end)
  return wrk.format("POST", made.path, made.headers, body)
end

function done(summary, latency)
  local e = summary.errors
  print(string.format('RESULT {"requests":%d,"micros":%d,"bytes":%d,"p50":%d,"p99":%d,"failed":%d}',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
