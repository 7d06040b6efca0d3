import { putFile, textFile } from '../../src/sim/node/files.ts';
import { type Harm, someNode } from './field.ts';
import { MODULE, MODULES_FILE } from './runbook.ts';

export const apiFault: Harm = {
  name: 'the API refuses',
  do: (chance, { fleet }) => {
    const status = chance.pick([429, 500, 503, 409]);
    // a conflict is an answer to a write only
    const method = status === 409 ? 'PATCH' : chance.pick([undefined, 'GET', 'PATCH']);
    const fault = { status, times: chance.int(1, 6), ...(method !== undefined && { method }) };
    fleet.world.cluster.faults.push(fault);
    return () => void (fault.times = 0);
  },
};

export const apiDown: Harm = {
  name: 'the API is down for a while',
  do: (chance, { fleet, time }) => {
    fleet.world.cluster.down = true;
    const up = (): void => void (fleet.world.cluster.down = false);
    time.at(time.now() + chance.ms(500, 8000), up);
    return up;
  },
};

export const somebodyUncordons: Harm = {
  name: 'somebody uncordons a node, or starts what was stopped',
  do: (chance, field) => {
    const { fleet, book } = field;
    const name = someNode(chance, field);
    if (chance.maybe(0.5)) {
      book.personsCordons.delete(name);
      fleet.kubectl(name, { spec: { unschedulable: false } });
    } else {
      const unit = fleet.machine(name).units.get('kubelet.service');
      if (unit && fleet.machine(name).power.state === 'on') Object.assign(unit, { active: 'active', since: field.time.now() });
      fleet.turn(name);
    }
    return undefined;
  },
};

export const somebodyEdits: Harm = {
  name: 'somebody edits a file that drover writes',
  do: (chance, field) => {
    const name = someNode(chance, field);
    field.book.meddled.add(name);
    putFile(field.fleet.machine(name).files, MODULES_FILE, textFile(chance.pick(['# by hand\n', `${MODULE}\n`])));
    field.fleet.turn(name);
    return undefined;
  },
};

export const helmFails: Harm = {
  name: 'helm is cut off, or fails',
  do: (chance, { fleet }) => {
    if (chance.maybe(0.5)) fleet.releases.cutUpgrades += 1;
    else fleet.releases.failUpgrades += 1;
    return () => {
      fleet.releases.cutUpgrades = 0;
      fleet.releases.failUpgrades = 0;
    };
  },
};
