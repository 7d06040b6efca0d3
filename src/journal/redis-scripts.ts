import { NOW, luaScript } from './redis-script.ts';

/**
 * Appends one event, and a pointer to it. KEYS stream, feed of the run; ARGV afterSeq, fence, nonce, event, name of the stream.
 *
 * Fields: `e` the event as JSON, `t` epoch ms, `n` the nonce and `f` the fence of its writer. The fence of a stream is that of its last
 * entry, because no lower one was ever let in; so the stream alone is the truth. Time never runs backwards in a stream.
 *
 * @returns `ok`, seq, at | `conflict`, tail seq, tail fence
 */
export const appendScript = luaScript(`
local tail = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local after, seq, fence, at = tonumber(ARGV[1]), 0, 0, 0
if tail then
  local field = {}
  for i = 1, #tail[2], 2 do field[tail[2][i]] = tail[2][i + 1] end
  seq, fence, at = tonumber(string.match(tail[1], '^%d+')), tonumber(field.f), tonumber(field.t)
  if field.n == ARGV[3] and seq == after + 1 then return {'ok', seq, at} end
end
if tonumber(ARGV[2]) < fence or after ~= seq then return {'conflict', seq, fence} end
${NOW}
at = math.max(at, now)
redis.call('XADD', KEYS[1], string.format('%.0f-0', seq + 1), 'e', ARGV[4], 't', string.format('%.0f', at), 'n', ARGV[3], 'f', ARGV[2])
redis.call('XADD', KEYS[2], '*', ARGV[5], string.format('%.0f', seq + 1))
return {'ok', seq + 1, at}`);

/**
 * Appends what somebody said. KEYS stream; ARGV nonce, record.
 *
 * A command that is sent again after a lost reply must not say it twice: the nonce is looked for among the last few.
 *
 * @returns the id
 */
export const controlScript = luaScript(`
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 50)) do
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'n' and entry[2][i + 1] == ARGV[1] then return entry[1] end
  end
end
return redis.call('XADD', KEYS[1], '*', 'n', ARGV[1], 'c', ARGV[2])`);

/** Appends lines of output; old ones fall out. KEYS stream; ARGV cap, step, line… */
export const outputScript = luaScript(`
for i = 3, #ARGV do redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 's', ARGV[2], 'l', ARGV[i]) end
return #ARGV - 2`);

/** Lists a run under the time of its first registration, in microseconds so that no two are equal. KEYS runs; ARGV run */
export const registerScript = luaScript(`
local time = redis.call('TIME')
return redis.call('ZADD', KEYS[1], 'NX', string.format('%.0f', tonumber(time[1]) * 1000000 + tonumber(time[2])), ARGV[1])`);
