import { NOW, Script } from '../../connection/redis/index.js';

// All keys end by themselves when nobody asks about them any more.

/**
 * Takes a request. KEYS: the time by which its owner has paid. ARGV: what one costs and what a burst costs, in
 * milliseconds. @returns whether it is allowed, and how long until all is paid.
 */
export const TAKE = new Script<readonly [number, string]>(`${NOW}
local costMs, allMs = tonumber(ARGV[1]), tonumber(ARGV[2])
local paid = tonumber(redis.call('GET', KEYS[1]) or '0')
-- Further ahead than a burst is by a clock that was set back, or by another rate.
local before = math.min(math.max(paid, now), now + allMs)
local after = before + costMs
local isAllowed = after - now <= allMs + 0.001
if not isAllowed then after = before end
if after ~= paid then redis.call('SET', KEYS[1], text(after), 'PX', math.ceil(after - now) + 1000) end
return { isAllowed and 1 or 0, text(after - now) }
`);

/** Failures of one network or name, kept as a text: how many, when the last, until when it waits, and whose name. */
const FAILURES = `${NOW}
now = math.floor(now)
local function read(all, one)
  local count, at, pausedUntil, name = string.match(redis.call('HGET', all, one) or '', '^(%d+) (%d+) (%d+) (.+)$')
  return tonumber(count or 0), tonumber(at or 0), tonumber(pausedUntil or 0), name
end
`;

/** What `PAUSE` answers for a credential that was right from there before. */
export const KNOWN = -1;

/** KEYS: the networks, and what is there when this credential was right from there before. ARGV: the network, longestMs. */
export const PAUSE = new Script<number>(`${FAILURES}
if redis.call('EXISTS', KEYS[2]) == 1 then return ${KNOWN} end
local _, _, pausedUntil = read(KEYS[1], ARGV[1])
return math.max(0, math.min(pausedUntil - now, tonumber(ARGV[2])))
`);

/**
 * KEYS: the networks, the same by the time of their last failure, the names, and these by that time. ARGV: the network,
 * the name, how many failures are allowed, windowMs, firstMs, longestMs, when a name is under attack, how many are kept.
 */
export const FAILED = new Script<null>(`${FAILURES}
local allowed, windowMs, name = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[2]
local function count(all, one)
  local failures, at, pausedUntil, of = read(all, one)
  if now - at > windowMs then return 1, 0, name end
  return failures + 1, pausedUntil, of == name and name or '*'
end
local function keep(all, order, one, failures, pausedUntil, of)
  redis.call('HSET', all, one, string.format('%d %d %d %s', failures, now, pausedUntil, of))
  redis.call('ZADD', order, now, one)
  local excess = redis.call('ZCARD', order) - tonumber(ARGV[8])
  if excess > 0 then
    local oldest = redis.call('ZPOPMIN', order, excess)
    for place = 1, #oldest, 2 do redis.call('HDEL', all, oldest[place]) end
  end
  for _, key in ipairs({ all, order }) do redis.call('PEXPIRE', key, windowMs + 1000) end
end
local tries, _, _ = count(KEYS[3], name)
keep(KEYS[3], KEYS[4], name, tries, 0, name)
local failures, pausedUntil, of = count(KEYS[1], ARGV[1])
local beyond = failures - (tries > tonumber(ARGV[7]) and 1 or allowed)
if beyond >= 0 then
  pausedUntil = now + math.min(tonumber(ARGV[5]) * 2 ^ beyond, tonumber(ARGV[6]), windowMs)
end
keep(KEYS[1], KEYS[2], ARGV[1], failures, pausedUntil, of)
`);

/** KEYS: the networks, the same by time, and what says that this credential was right. ARGV: the network, the name, knownMs. */
export const SUCCEEDED = new Script<null>(`${FAILURES}
redis.call('SET', KEYS[3], 1, 'PX', ARGV[3])
local _, _, _, name = read(KEYS[1], ARGV[1])
if name == ARGV[2] then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
end
`);
