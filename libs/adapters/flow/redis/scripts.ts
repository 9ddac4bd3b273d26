import { NOW, Script } from '../../connection/redis/index.js';

export type Answer = readonly (string | number)[];

/*
 * What Redis runs, each script at once and by its own clock. Keys end by themselves: what nobody asks about any more is
 * forgotten when it no longer matters.
 */

/**
 * The gate of one Spec. KEYS: the bucket (when it would be full), the permits, the reservations, and the lines, the last
 * three with the ends of each. ARGV: everyMs, burst, concurrency, holdMs, lineMs, lateMs, then for each ask its trace id and key.
 */
const GATE = `${NOW}
local everyMs, burst, concurrency = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local holdMs, lineMs, lateMs = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
for place = 2, 4, 2 do redis.call('ZREMRANGEBYSCORE', KEYS[place], '-inf', now) end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - lateMs)
local function fill(at)
  redis.call('SET', KEYS[1], text(at), 'PX', math.max(1, math.ceil(at - now)) + 1000)
end
local function fullAt()
  local at = tonumber(redis.call('GET', KEYS[1]) or '0')
  -- Fuller than full is by a clock that was set back, or by other limits.
  local most = now + burst * everyMs
  if at <= most then return at end
  fill(most)
  return most
end
local function waitMs(traceId)
  if concurrency > 0 and redis.call('ZCARD', KEYS[2]) >= concurrency and not redis.call('ZSCORE', KEYS[2], traceId) then
    return nil
  end
  if everyMs == 0 then return 0 end
  local wait = fullAt() - now - (burst - 1) * everyMs
  return wait > 0.01 and wait or 0
end
local function take(traceId)
  if everyMs > 0 then fill(math.max(fullAt(), now) + everyMs) end
  if concurrency > 0 then redis.call('ZADD', KEYS[2], text(now + holdMs), traceId) end
end
local function join(key, wait)
  redis.call('ZADD', KEYS[4], text(now + lineMs + (wait or 0)), key)
end
local function forget()
  local ttl = math.ceil(math.max(holdMs, lineMs, lateMs, burst * everyMs)) * 2 + 60000
  for place = 2, 4 do
    if redis.call('PTTL', KEYS[place]) < ttl then redis.call('PEXPIRE', KEYS[place], ttl) end
  end
end
`;

/** Of one ask. @returns whether it is granted, and how long to wait; an empty text: for a permit. */
export const ENTER = new Script<Answer>(`${GATE}
local traceId, key = ARGV[7], ARGV[8]
local reservedUntil = redis.call('ZSCORE', KEYS[3], traceId)
reservedUntil = reservedUntil and tonumber(reservedUntil)
if reservedUntil then redis.call('ZREM', KEYS[3], traceId) end
if reservedUntil and reservedUntil > now then
  if concurrency > 0 then redis.call('ZADD', KEYS[2], text(now + holdMs), traceId) end
  forget()
  return { 1, '0' }
end
if not reservedUntil and redis.call('ZSCORE', KEYS[4], key) then return { 0, '0' } end
local wait = waitMs(traceId)
if wait == 0 then take(traceId) else join(key, wait) end
forget()
return { wait == 0 and 1 or 0, wait and text(wait) or '' }
`);

/** Of many. @returns how long to wait for the next, as above, and then the trace ids of those granted. */
export const RESERVE = new Script<Answer>(`${GATE}
local answer = { '0' }
local wait = 0
for place = 7, #ARGV, 2 do
  local traceId, key = ARGV[place], ARGV[place + 1]
  local isReserved = tonumber(redis.call('ZSCORE', KEYS[3], traceId) or '0') > now
  if not isReserved and not redis.call('ZSCORE', KEYS[2], traceId) then
    if wait == 0 then wait = waitMs(traceId) end
    if wait == 0 then
      take(traceId)
      redis.call('ZADD', KEYS[3], text(now + holdMs), traceId)
      answer[#answer + 1] = traceId
    else
      join(key, wait)
    end
  end
end
forget()
answer[1] = wait and text(wait) or ''
return answer
`);

/** KEYS: the permits. ARGV: leaseMs, trace ids. */
export const RENEW = new Script<Answer>(`${NOW}
for place = 2, #ARGV do redis.call('ZADD', KEYS[1], text(now + tonumber(ARGV[1])), ARGV[place]) end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[1]) + 60000) end
`);

/** KEYS: a breaker, and the names of those that are not closed. */
const BREAKER = `${NOW}
local function read(key)
  local found = redis.call('HMGET', key, 'until', 'for', 'probe', 'probeUntil')
  return tonumber(found[1]), tonumber(found[2]), found[3], tonumber(found[4])
end
local function view(key)
  local openUntil, openFor, probe, probeUntil = read(key)
  if not openUntil then return { 'closed', '0' } end
  local wait = math.min(openUntil - now, openFor)
  if wait > 0 then return { 'open', text(wait) } end
  return { 'half-open', text(math.max(0, (probe and probeUntil or now) - now)) }
end
`;

/** ARGV: the Spec, the trace id, probeMs. @returns whether it is granted, the state, how long to wait. */
export const PROBE = new Script<Answer>(`${BREAKER}
local state = view(KEYS[1])
if state[1] == 'closed' then return { 1, state[1], state[2] } end
local _, _, probe = read(KEYS[1])
if tonumber(state[2]) > 0 and probe ~= ARGV[2] then return { 0, state[1], state[2] } end
redis.call('HSET', KEYS[1], 'probe', ARGV[2], 'probeUntil', text(now + tonumber(ARGV[3])))
redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[3]) + 600000)
state = view(KEYS[1])
return { 1, state[1], state[2] }
`);

/** ARGV: the Spec, the trace id, the verdict, failures, openMs, longestOpenMs, countMs. @returns the state, the wait. */
export const REPORT = new Script<Answer>(`${BREAKER}
local openUntil, openFor, probe = read(KEYS[1])
local verdict = ARGV[3]
local function open(forMs)
  redis.call('HDEL', KEYS[1], 'probe', 'probeUntil')
  redis.call('HSET', KEYS[1], 'until', text(now + forMs), 'for', forMs)
  redis.call('PEXPIRE', KEYS[1], forMs + 600000)
  redis.call('ZADD', KEYS[2], text(now), ARGV[1])
  redis.call('PEXPIRE', KEYS[2], forMs + 86400000)
end
if openUntil and probe ~= ARGV[2] then return view(KEYS[1]) end
if verdict == 'success' then
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
elseif openUntil and verdict == 'none' then
  redis.call('HDEL', KEYS[1], 'probe', 'probeUntil')
elseif openUntil then
  open(math.min(openFor * 2, tonumber(ARGV[6])))
elseif verdict == 'failure' then
  local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
  redis.call('PEXPIRE', KEYS[1], tonumber(ARGV[7]))
  if failures >= tonumber(ARGV[4]) then open(tonumber(ARGV[5])) end
end
return view(KEYS[1])
`);

/** KEYS: the names. ARGV: what the key of a breaker begins with. @returns for each its Spec, state and wait. */
export const BREAKERS = new Script<Answer>(`${BREAKER}
local answer = {}
for _, spec in ipairs(redis.call('ZREVRANGE', KEYS[1], 0, 999)) do
  local state = view(ARGV[1] .. spec)
  if state[1] == 'closed' then
    redis.call('ZREM', KEYS[1], spec)
  else
    answer[#answer + 1] = spec
    answer[#answer + 1] = state[1]
    answer[#answer + 1] = state[2]
  end
end
return answer
`);
