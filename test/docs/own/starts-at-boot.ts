import { type Change, change, gate, reading, sh } from 'drover';

const answers = (verb: 'is-enabled' | 'is-active', unit: string) => () =>
  reading(sh`systemctl ${verb} ${unit}`, ({ stdout }) => stdout.trim());

/** A unit is enabled, and is seen to run on the boot behind that. */
export const startsAtBoot = (unit: string): Change =>
  change<string>({
    id: `starts-at-boot:${unit}`,
    title: `enable ${unit}`,
    wish: unit,
    takesEffect: 'boot',
    observe: answers('is-enabled', unit),
    unmet: (now) => (now === 'enabled' ? [] : [`${unit} is ${now}`]),
    apply: () => [sh`systemctl enable ${unit}`],
    rollback: (before) => (before === 'enabled' ? [] : [sh`systemctl disable ${unit}`]),
    proof: gate<string>({
      id: `starts-at-boot:${unit}:runs`,
      title: `${unit} runs on the new boot`,
      wish: unit,
      within: '1m',
      observe: answers('is-active', unit),
      unmet: (now) => (now === 'active' ? [] : [`${unit} is ${now} on this boot`]),
    }),
  });
