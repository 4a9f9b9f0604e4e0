-- Sends the records of a file, one with each request; a record is a whole HTTP request.
-- Extra arguments of wrk: file, length of a record, number of records, whether to begin anew at the end (1 or 0),
-- number of connections, milliseconds to run.

local ffi = require("ffi")
ffi.cdef("typedef struct { long s; long us; } moment; int gettimeofday(moment *, void *); int usleep(unsigned);"
  .. "int getpid(void); int kill(int, int); int open(const char *, int, ...);"
  .. "void *mmap(void *, size_t, int, int, int, long);")
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

local data, recordBytes, records, again, connections, runMs
local silent = 0

sent = 0
ranOut = false
beganAt, endedAt = 0, 0

function init(args)
  recordBytes, records, again = tonumber(args[2]), tonumber(args[3]), args[4] == "1"
  connections, runMs = tonumber(args[5]), tonumber(args[6])
  local READ_ONLY, PROT_READ, MAP_SHARED = 0, 1, 1
  local file = ffi.C.open(args[1], READ_ONLY)
  data = ffi.cast("char *", ffi.C.mmap(nil, recordBytes * records, PROT_READ, MAP_SHARED, file, 0))
end

-- Nothing more is sent when the time is over, so that all that was sent gets answered, and nothing is in flight at the end.
local function nextRequest()
  local isOver = nowMs() >= beganAt + runMs
  ranOut = not isOver and sent == records and not again or ranOut
  if isOver or ranOut then
    silent = silent + 1
    if silent == connections then
      endedAt = nowMs()
      stop()
    end
    return ""
  end
  sent = sent + 1
  return ffi.string(data + (sent - 1) % records * recordBytes, recordBytes)
end

-- All connections are open by now, but a server accepts them one by one.
local function firstRequest()
  ffi.C.usleep((10 + connections / 8) * 1000)
  beganAt = nowMs()
  request = nextRequest
  return nextRequest()
end

-- wrk looks at one request before it connects.
function request()
  request = firstRequest
  return ffi.string(data, recordBytes)
end

local thread

function setup(first)
  thread = first
end

function done(summary, latency)
  local errors = summary.errors
  io.write("\n", string.format(
    '{"sent":%d,"requests":%d,"seconds":%.6f,"p50Ms":%.3f,"p99Ms":%.3f,"refused":%d,"socketErrors":%d,"ranOut":%s}',
    thread:get("sent"),
    summary.requests,
    (thread:get("endedAt") - thread:get("beganAt")) / 1000,
    latency:percentile(50) / 1000,
    latency:percentile(99) / 1000,
    errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    tostring(thread:get("ranOut"))
  ), "\n")
end
