import type { Plant } from './planted.ts';

/** Bugs about the guard of an address move, in drover and on the node, that the crash test has to find. */
export const guardPlants: readonly Plant[] = [
  {
    name: 'changes the address without a guard',
    file: 'src/engine/guard.ts',
    find: '  if (!group || !hold.session.world.node) return undefined;\n',
    replace: '  return undefined;\n',
    caught: /though no guard was armed|is lost/,
  },
  {
    name: 'confirms a move over the connection that it was proven over',
    file: 'src/engine/guard.ts',
    find: '    node.drop();\n    const { bootId, address }',
    replace: '    const { bootId, address }',
    caught: /confirmed over a connection that was there before it was proven/,
  },
  {
    name: 'confirms a move before it is proven',
    from: 370,
    file: 'src/core/guarded.ts',
    find: 'plan.items.slice(at, at + 1 + (end < 0 ? rest.length : end));\n',
    replace: 'plan.items.slice(at, at + 1);\n',
    also: { file: 'src/engine/guard.ts', find: '    if (await reask(hold, plan, activation)) return undefined;\n', replace: '' },
    caught: /confirmed though its module was not loaded|confirmed at .* and not at/,
  },
  {
    name: 'does not write down that a node has gone back',
    file: 'src/engine/guard.ts',
    find: "    if (status.place === 'old') {\n",
    replace: '    if (status.place === null) {\n',
    caught: /without a word of it/,
  },
  {
    name: 'forgets that a guard may be armed when nobody has heard that it is',
    from: 1960,
    file: 'src/engine/guard.ts',
    find: "    await session.append({ type: 'guard.arming', step: step.id });\n",
    replace: '    void step;\n',
    caught: /its guard is still armed .* nothing of one/,
  },
  {
    name: 'confirms a move and forgets to disarm its guard',
    file: 'src/sim/programs/drover-deadman.ts',
    find: "  return end(call, guard.dir, 'confirmed');\n",
    replace: '  return 0;\n',
    caught: /its guard is still armed/,
  },
  {
    name: 'has a guard that restarts the node once more',
    file: 'src/sim/node/deadman.ts',
    find: "place: 'new', on: machine.bootId, since: uptime(machine, now), why });\n      return 'soon';\n",
    replace: "place: 'new', on: machine.bootId, since: uptime(machine, now), why });\n      return 'restart';\n",
    caught: /its guard has restarted it twice/,
  },
  {
    name: 'has a guard that stays where it has gone back to',
    file: 'src/core/deadman-table.ts',
    find: 'old    *     *       *    *     *     early    *    *  ',
    replace: 'old    *     *       *    *     *     *        *    *  ',
    caught: /is lost/,
  },
];
