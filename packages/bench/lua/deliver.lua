-- Sends the next record of a file with each request: 64 hex digits of signature, then the body.
-- Extra arguments of wrk: file, length of a record, number of records, number of the first one. A file of one record is
-- sent again and again.

local file, recordBytes, records, only

sent = 0
ranOut = false

local function post(record)
  local headers = {
    ["content-type"] = "application/json; charset=UTF-8",
    ["x-hook-signature"] = record:sub(1, 64),
  }
  return wrk.format("POST", nil, headers, record:sub(65))
end

function init(args)
  file = assert(io.open(args[1], "rb"))
  recordBytes = tonumber(args[2])
  records = tonumber(args[3])
  if records == 1 then only = post(file:read(recordBytes)) end
  file:seek("set", tonumber(args[4]) * recordBytes)
end

function request()
  if only then return only end
  local record = file:read(recordBytes)
  if record == nil then
    ranOut = true
    wrk.thread:stop()
    return wrk.format("GET")
  end
  sent = sent + 1
  return post(record)
end

local thread

function setup(first)
  thread = first
end

function done(summary, latency)
  local errors = summary.errors
  io.write("\n", string.format(
    '{"requests":%d,"seconds":%.6f,"p50Ms":%.3f,"p99Ms":%.3f,"refused":%d,"socketErrors":%d,"sent":%d,"ranOut":%s}',
    summary.requests,
    summary.duration / 1e6,
    latency:percentile(50) / 1000,
    latency:percentile(99) / 1000,
    errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    thread:get("sent"),
    tostring(thread:get("ranOut"))
  ), "\n")
end
