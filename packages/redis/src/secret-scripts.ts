import { createScript, type Script } from './script.js';

/**
 * A hook is one string under one key, `{ window?: { id, expiresAt, confirm }, secrets: [{ secret, webhook?, windowId?,
 * expiresAt? }] }`: so that each step is atomic, on Redis Cluster as well, and so that it costs one look-up. The clock
 * is the server's. A key of which all will expire expires with the last of it.
 */
const HOOK = `
local key = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function load()
  local text = redis.call('GET', key)
  local kept = text and cjson.decode(text) or { secrets = {} }
  local hook = { secrets = {} }
  if kept.window and kept.window.expiresAt > now then hook.window = kept.window end
  for _, one in ipairs(kept.secrets) do
    if not one.expiresAt or one.expiresAt > now then table.insert(hook.secrets, one) end
  end
  return hook
end

local function save(hook)
  local last = hook.window and hook.window.expiresAt or 0
  for _, one in ipairs(hook.secrets) do
    if last and one.expiresAt then last = math.max(last, one.expiresAt) else last = nil end
  end
  if last == 0 then
    redis.call('DEL', key)
  elseif last then
    redis.call('SET', key, cjson.encode(hook), 'PXAT', string.format('%.0f', last))
  else
    redis.call('SET', key, cjson.encode(hook))
  end
end

-- In a time that does not depend on where they differ.
local function equal(a, b)
  if #a ~= #b then return false end
  local difference = 0
  for i = 1, #a do difference = bit.bor(difference, bit.bxor(a:byte(i), b:byte(i))) end
  return difference == 0
end
`;

function createHookScript(lua: string): Script {
  return createScript(HOOK + lua);
}

/** What is kept of the hook, and the time. Not decoded here: it is the hot path. */
export const findScript: Script = createScript(`return { redis.call('GET', KEYS[1]), redis.call('TIME') }`);

/** ARGV: the new window's id, how long it stays open in ms, '1' if its secret has to be confirmed. */
export const openScript: Script = createHookScript(`
local hook = load()
if hook.window then return 0 end
hook.window = { id = ARGV[1], expiresAt = now + tonumber(ARGV[2]), confirm = ARGV[3] == '1' }
save(hook)
return 1
`);

/** ARGV: the secret, when, how many secrets a hook may hold, how long an unconfirmed one lives in ms. */
export const acceptScript: Script = createHookScript(`
local hook = load()
for _, one in ipairs(hook.secrets) do
  if equal(one.secret, ARGV[1]) then return 'known' end
end

local window = hook.window
local allowed = window or ARGV[2] == 'always' or (ARGV[2] == 'absent' and #hook.secrets == 0)
if not allowed then return 'refused' end
if #hook.secrets >= tonumber(ARGV[3]) then return 'full' end

local one = { secret = ARGV[1] }
if window and window.confirm then
  one.windowId = window.id
  one.expiresAt = now + tonumber(ARGV[4])
end
table.insert(hook.secrets, one)
hook.window = nil
save(hook)
return 'stored'
`);

/** ARGV: JSON of { windowId, secret?, webhook? }. */
export const settleScript: Script = createHookScript(`
local asked = cjson.decode(ARGV[1])
local hook = load()
local changed = false
if hook.window and hook.window.id == asked.windowId then
  hook.window = nil
  changed = true
end

local result = 'none'
local others = {}
for _, one in ipairs(hook.secrets) do
  if one.windowId ~= asked.windowId then
    table.insert(others, one)
  elseif asked.secret and equal(one.secret, asked.secret) then
    table.insert(others, { secret = one.secret, webhook = asked.webhook })
    result = 'confirmed'
  else
    result = 'mismatch'
  end
end
hook.secrets = others
if changed or result ~= 'none' then save(hook) end
return result
`);

/** ARGV: 'webhook' or 'secret', and which. */
export const forgetOneScript: Script = createHookScript(`
local hook = load()
local others = {}
for _, one in ipairs(hook.secrets) do
  if not (one[ARGV[1]] and equal(one[ARGV[1]], ARGV[2])) then table.insert(others, one) end
end
if #others == #hook.secrets then return end
hook.secrets = others
save(hook)
`);
