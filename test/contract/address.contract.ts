import { describe, expect, test } from 'vitest';
import { questions, readFact } from '../../src/core/fact.ts';
import { addressHolder } from '../../src/facts/address-holder.ts';
import { type ContractNode, out, read } from './calls.ts';

/** An address that no network has (RFC 5737). */
const NOBODY = '198.51.100.77';

const holder = async (node: ContractNode, address: string): Promise<unknown> => {
  const fact = addressHolder(address);
  const [question] = questions(fact);
  if (question?.via !== 'ssh') throw new Error('it asks no node');
  const answer = (await read(node, question.text)).done.get('0');
  return answer && readFact(fact, [{ command: answer }]);
};

/** What every node must tell of who has an address. A node with a `neighbour` is also asked for that one. */
export const addressContract = (name: string, make: () => Promise<ContractNode>): void => {
  describe(`who has an address, asked of ${name}`, () => {
    test('is the node itself, where it has it', async () => {
      await using node = await make();
      expect(await holder(node, '127.0.0.1')).toMatchObject({ own: 'lo' });
    });

    test('is nobody, where nobody answers', async () => {
      await using node = await make();
      expect(await holder(node, NOBODY)).toEqual({ own: null, answers: expect.stringMatching(/^(no|unasked)$/), neighbour: null });
    });

    test('is another machine, where one answers, and unasked only where there is no ping', async () => {
      await using node = await make();
      const has = out(await read(node, 'command -v ping >/dev/null && echo has')) === 'has\n';
      if (node.neighbour === undefined) expect(await holder(node, NOBODY)).toMatchObject({ answers: has ? 'no' : 'unasked' });
      else expect(await holder(node, node.neighbour)).toMatchObject({ own: null, answers: has ? 'yes' : 'unasked' });
    });
  });
};
