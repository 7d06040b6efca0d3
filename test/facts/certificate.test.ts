import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Server, createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { questions, readFact } from '../../src/core/fact.ts';
import type { Json } from '../../src/core/json.ts';
import { servedCertificate } from '../../src/facts/certificate.ts';

const has = (program: string): boolean => {
  try {
    execFileSync(program, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Asks the real openssl, as a node would. */
const ask = async (endpoint: string, ca: string, name?: string): Promise<Json> => {
  const fact = servedCertificate(endpoint, ca, ...(name === undefined ? [] : [name]));
  const [question] = questions(fact);
  if (question?.via !== 'ssh') throw new Error('it asks no node');
  const command = await new Promise<{ exitCode: number; stdout: string; stderr: string; durationMs: number }>((resolve) => {
    const child = execFile('sh', ['-c', question.text], (_error, stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? 1, stdout, stderr, durationMs: 1 }),
    );
  });
  return readFact(fact, [{ command }]);
};

if (has('openssl'))
  describe('a certificate that a real server serves to a real openssl', () => {
    const folder = mkdtempSync(join(tmpdir(), 'drover-tls-'));
    const pem = (name: string): string => join(folder, name);
    const openssl = (...words: readonly string[]): unknown => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    let server: Server;
    let port = 0;
    beforeAll(async () => {
      for (const ca of ['new', 'old'])
        openssl('req', '-x509', ...key, '-keyout', `${ca}.key`, '-out', `${ca}.pem`, '-subj', `/CN=${ca}`, '-days', '2');
      openssl(
        'req',
        ...key,
        '-keyout',
        'leaf.key',
        '-out',
        'leaf.csr',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost,IP:127.0.0.1',
      );
      openssl(
        'x509',
        '-req',
        '-in',
        'leaf.csr',
        '-CA',
        'new.pem',
        '-CAkey',
        'new.key',
        '-set_serial',
        '1',
        '-out',
        'leaf.pem',
        '-days',
        '1',
        '-copy_extensions',
        'copyall',
      );
      server = createServer({ cert: readFileSync(pem('leaf.pem')), key: readFileSync(pem('leaf.key')) });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const at = server.address();
      port = typeof at === 'object' && at !== null ? at.port : 0;
    });
    afterAll(() => {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test('verifies by the authority that made it, for its name and its address', async () => {
      expect(await ask(`localhost:${port}`, pem('new.pem'))).toEqual({ is: 'verified' });
      expect(await ask(`127.0.0.1:${port}`, pem('new.pem'))).toEqual({ is: 'verified' });
    });

    test('does not verify by the authority of before its renewal, nor for another name', async () => {
      expect(await ask(`localhost:${port}`, pem('old.pem'))).toMatchObject({ is: 'refused', why: [{ code: 20 }, { code: 21 }] });
      expect(await ask(`localhost:${port}`, pem('new.pem'), 'shop.example.org')).toMatchObject({ is: 'refused', why: [{ code: 62 }] });
    });

    test('is told apart from a file that holds none, one that is missing, and from nobody', async () => {
      expect(await ask(`localhost:${port}`, pem('new.key'))).toMatchObject({
        is: 'no-ca',
        why: expect.stringContaining('holds no certificate'),
      });
      expect(await ask(`localhost:${port}`, pem('missing.pem'))).toMatchObject({
        is: 'no-ca',
        why: expect.stringContaining('cannot be read'),
      });
      expect(await ask('127.0.0.1:1', pem('new.pem'))).toEqual({ is: 'silent', why: 'Connection refused' });
    });
  });
