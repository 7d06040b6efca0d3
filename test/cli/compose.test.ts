import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

// the compose schema is not to be had offline: what matters here is held by this one, which refuses any key that it does not know
const service = z.strictObject({
  image: z.string().regex(/^[a-z]+:[a-z0-9.]+$/),
  command: z.array(z.string()),
  profiles: z.array(z.string()).optional(),
  init: z.boolean().optional(),
  hostname: z.string().optional(),
  working_dir: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/)).optional(),
  volumes: z.array(z.string().regex(/^[^:]+(?::-[^:]+)?:\/[^:]+(:ro)?$/)).optional(),
  networks: z.record(z.string(), z.strictObject({ ipv4_address: z.ipv4() })).optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  healthcheck: z.strictObject({ test: z.array(z.string()), interval: z.string(), timeout: z.string(), retries: z.int() }).optional(),
  restart: z.literal('unless-stopped').optional(),
  stop_grace_period: z.string().optional(),
});
const compose = z.strictObject({
  name: z.literal('drover'),
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.unknown()),
  volumes: z.record(z.string(), z.null()),
});
const file = compose.parse(parse(readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8'), { merge: true }));
const { redis, worker, ...others } = file.services;

test('keeps every write of the journal, and evicts nothing', () => {
  const flags = redis?.command.join(' ');
  expect(flags).toContain('--appendonly yes');
  expect(flags).toContain('--appendfsync always');
  expect(flags).toContain('--maxmemory-policy noeviction');
  expect(redis?.volumes).toEqual(['redis:/data']);
});

test('starts the worker with a Redis that answers, on the port that its command serves', () => {
  expect(worker?.environment?.['REDIS_URL']).toBe('redis://redis:6379');
  expect(worker?.depends_on).toEqual({ redis: { condition: 'service_healthy' } });
  expect(worker?.command.join(' ')).toContain('worker --port 8080');
  expect(worker?.ports).toEqual(['127.0.0.1:8080:8080']);
});

test('shows nothing to other machines, and starts nodes to play with only when asked to', () => {
  for (const one of Object.values(file.services)) for (const port of one.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  expect(Object.keys(others)).toEqual(['node-1', 'node-2']);
  for (const one of Object.values(others)) expect(one.profiles).toEqual(['play']);
  expect(new Set(Object.values(others).map((one) => one.networks?.['default']?.ipv4_address)).size).toBe(2);
});

test('declares every volume that a service names', () => {
  const named = Object.values(file.services).flatMap((one) =>
    (one.volumes ?? []).map((volume) => volume.split(':')[0] ?? '').filter((name) => /^[a-z]+$/.test(name)),
  );
  expect([...new Set(named)].sort()).toEqual(Object.keys(file.volumes).sort());
});
