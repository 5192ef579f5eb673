/**
 * What the Redis registry does to one swarm, each in one step: Lua that Redis runs whole. All keys of a swarm carry
 * it as their hash tag, so that a cluster keeps them together. Times are Redis' own clock, in milliseconds, unless
 * a test brings one: the clocks of the instances need not agree.
 *
 * Keys: 1 `age` (sorted set: member → time of its last announce), 2 `seeds` and 3 `leechers` (sets), 4 `where`
 * (hash: member → its instance's 16 digits, `+` behind them once it completed), 5 `downloaded` (a number).
 */
import { createHash } from 'node:crypto';
import type { SwarmId } from '../shared/ids.ts';

export interface Script {
  readonly lua: string;
  readonly sha1: string;
}

export function swarmKeys(swarm: SwarmId): string[] {
  return ['age', 'seeds', 'leechers', 'where', 'downloaded'].map((part) => `shoal:{${swarm}}:${part}`);
}

/** ARGV 1: life in milliseconds, 2: the time now, or empty for Redis' own. Takes out who is over its time. */
const EXPIRE = `
local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
repeat
  local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1], 'LIMIT', 0, 500)
  if #gone > 0 then
    redis.call('ZREM', KEYS[1], unpack(gone))
    redis.call('SREM', KEYS[2], unpack(gone))
    redis.call('SREM', KEYS[3], unpack(gone))
    redis.call('HDEL', KEYS[4], unpack(gone))
  end
until #gone < 500
`;

const COUNTS = `
local function counts()
  if redis.call('ZCARD', KEYS[1]) == 0 then redis.call('DEL', KEYS[5]) end
  return redis.call('SCARD', KEYS[2]), redis.call('SCARD', KEYS[3]), tonumber(redis.call('GET', KEYS[5]) or 0)
end
`;

/**
 * ARGV 3: member, 4: instance, 5: seed, 6: completed, 7: want, 8: take over, 9: a fraction of chance.
 * Answers {instance} when another one holds the member; else {'', complete, incomplete, downloaded, number of seeds
 * among the named, named members…, where each is…}.
 */
const ANNOUNCE = `${EXPIRE}
local member, instance, seed, want = ARGV[3], ARGV[4], ARGV[5] == '1', tonumber(ARGV[7])
local held = redis.call('HGET', KEYS[4], member)
local done = held and string.sub(held, 17) == '+'
if held and string.sub(held, 1, 16) ~= instance and ARGV[8] ~= '1' then return {string.sub(held, 1, 16)} end
if not held and redis.call('ZCARD', KEYS[1]) == 0 then redis.call('DEL', KEYS[5]) end
-- Whether a key may have been made just now, which nothing would take away.
local made = false
if ARGV[6] == '1' and not done then
  redis.call('INCR', KEYS[5])
  done = true
  made = true
end
local to, from = KEYS[3], KEYS[2]
if seed then to, from = from, to end
if redis.call('SADD', to, member) == 1 then
  redis.call('SREM', from, member)
  made = true
end
local place = done and instance .. '+' or instance
if held ~= place then
  redis.call('HSET', KEYS[4], member, place)
  made = true
end
if redis.call('ZADD', KEYS[1], now, member) == 1 then made = true end
if made or redis.call('PTTL', KEYS[1]) < ARGV[1] + 1000 then
  for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, 2 * ARGV[1] + 1000) end
end

local complete, incomplete = redis.call('SCARD', KEYS[2]), redis.call('SCARD', KEYS[3])
local answer = {'', complete, incomplete, tonumber(redis.call('GET', KEYS[5]) or 0), 0}
if want == 0 then return answer end
local seeds, leechers = complete, incomplete
if seed then seeds = seeds - 1 else leechers = leechers - 1 end
local ofSeeds = seeds
if seeds + leechers > want then
  local fair = want * seeds / (seeds + leechers)
  ofSeeds = math.floor(fair)
  if tonumber(ARGV[9]) < fair - ofSeeds then ofSeeds = ofSeeds + 1 end
end
local function draw(key, many)
  local drawn = 0
  if many < 1 then return 0 end
  for _, one in ipairs(redis.call('SRANDMEMBER', key, many + 1)) do
    if one ~= member and drawn < many then
      drawn = drawn + 1
      answer[#answer + 1] = one
    end
  end
  return drawn
end
answer[5] = draw(KEYS[2], ofSeeds)
if leechers > 0 then draw(KEYS[3], want - ofSeeds) end
if #answer > 5 then
  for _, place in ipairs(redis.call('HMGET', KEYS[4], unpack(answer, 6))) do
    answer[#answer + 1] = place and string.sub(place, 1, 16) or ''
  end
end
return answer
`;

/** ARGV 3: member, 4: instance. Only the instance that holds a member can take it out. */
const LEAVE = `${EXPIRE}${COUNTS}
local held = redis.call('HGET', KEYS[4], ARGV[3])
if held and string.sub(held, 1, 16) == ARGV[4] then
  redis.call('ZREM', KEYS[1], ARGV[3])
  redis.call('SREM', KEYS[2], ARGV[3])
  redis.call('SREM', KEYS[3], ARGV[3])
  redis.call('HDEL', KEYS[4], ARGV[3])
end
return {counts()}
`;

const SCRAPE = `${EXPIRE}${COUNTS}
return {counts()}
`;

/** ARGV 3: member. */
const LOCATE = `${EXPIRE}
local held = redis.call('HGET', KEYS[4], ARGV[3])
return held and string.sub(held, 1, 16) or ''
`;

/**
 * KEYS 1: the instances. ARGV 1: life, 2: time, 3: instance. Answers who was alive before this beat: an instance that
 * does not find itself among them knows that Redis has lost what it was told.
 */
const BEAT = `
local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1])
local alive = redis.call('ZRANGE', KEYS[1], 0, -1)
redis.call('ZADD', KEYS[1], now, ARGV[3])
return alive
`;

function script(lua: string): Script {
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

export const SCRIPTS = {
  announce: script(ANNOUNCE),
  leave: script(LEAVE),
  scrape: script(SCRAPE),
  locate: script(LOCATE),
  beat: script(BEAT),
};
