-- Sends the next record of a file with each request; a record is a whole HTTP request.
-- Extra arguments of wrk: file, length of a record, number of records, whether to begin anew at the end (1 or 0),
-- milliseconds to run.

local ffi = require("ffi")
ffi.cdef("typedef struct { long s; long us; } moment; int gettimeofday(moment *, void *);"
  .. "int getpid(void); int kill(int, int);")
local moment = ffi.new("moment")

local function nowMs()
  ffi.C.gettimeofday(moment, nil)
  return tonumber(moment.s) * 1000 + tonumber(moment.us) / 1000
end

-- A thread's own stop() leaves wrk asleep until its whole seconds are over; an interrupt wakes it.
local function stop()
  local INTERRUPT = 2
  ffi.C.kill(ffi.C.getpid(), INTERRUPT)
end

local file, recordBytes, records, again, stopAt, runMs
local kept = {}

sent = 0
ranOut = false

function init(args)
  file = assert(io.open(args[1], "rb"))
  recordBytes = tonumber(args[2])
  records = tonumber(args[3])
  again = args[4] == "1"
  runMs = tonumber(args[5])
  if again then
    for record = 1, records do kept[record] = file:read(recordBytes) end
  end
end

function request()
  local now = nowMs()
  stopAt = stopAt or now + runMs
  if now >= stopAt then
    stopAt = math.huge
    stop()
  end
  local record
  if again then
    record = kept[sent % records + 1]
  else
    record = file:read(recordBytes)
  end
  if record == nil then
    ranOut = true
    stop()
    return wrk.format("GET")
  end
  sent = sent + 1
  return record
end

local thread

function setup(first)
  thread = first
end

function done(summary, latency)
  local errors = summary.errors
  io.write("\n", string.format(
    '{"requests":%d,"seconds":%.6f,"p50Ms":%.3f,"p99Ms":%.3f,"refused":%d,"socketErrors":%d,"ranOut":%s}',
    summary.requests,
    summary.duration / 1e6,
    latency:percentile(50) / 1000,
    latency:percentile(99) / 1000,
    errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    tostring(thread:get("ranOut"))
  ), "\n")
end
