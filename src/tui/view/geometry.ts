import type { Size } from './frame.ts';

/** How many lines each part of the fleet has; what a small terminal has no room for has none. */
export type FleetParts = {
  readonly header: number;
  readonly heading: number;
  readonly body: number;
  readonly detail: number;
  readonly message: number;
  readonly footer: number;
};

/** Shares a terminal's rows out for the fleet. */
export const fleetParts = ({ rows }: Size): FleetParts => {
  const parts =
    rows >= 20
      ? { header: 3, heading: 1, detail: rows >= 30 ? 4 : 3, message: 1, footer: 2 }
      : { header: 2, heading: 0, detail: rows >= 13 ? 2 : 1, message: rows >= 13 ? 1 : 0, footer: 1 };
  const rest = parts.header + parts.heading + parts.detail + parts.message + parts.footer;
  return { ...parts, body: Math.max(1, rows - rest) };
};

/** How many lines each part of a node's view has. */
export type NodeParts = {
  readonly header: number;
  readonly steps: number;
  /** What there is to know of the step under the cursor. */
  readonly detail: number;
  /** With its heading. */
  readonly output: number;
  readonly message: number;
  readonly footer: number;
};

/** Shares a terminal's rows out for one node with `count` steps; where the keys go has more room, on a small terminal all of it. */
export const nodeParts = ({ rows }: Size, count: number, pane: 'steps' | 'output'): NodeParts => {
  if (rows < 20) {
    const bottom = { message: rows >= 13 ? 1 : 0, footer: 1 };
    const detail = rows >= 13 && pane === 'steps' ? 3 : 0;
    const body = Math.max(1, rows - 2 - detail - bottom.message - bottom.footer);
    return { header: 2, steps: pane === 'steps' ? body : 0, detail, output: pane === 'steps' ? 0 : body, ...bottom };
  }
  const detail = rows >= 30 ? 6 : 4;
  const body = rows - 4 - detail - 3;
  const steps = Math.min(count, pane === 'steps' ? Math.floor(body * 0.65) : Math.max(3, Math.floor(body * 0.3)));
  return { header: 4, steps, detail, output: body - steps, message: 1, footer: 2 };
};

/** How many lines each part of the plan has; `told` is what speaks against it. */
export type PlanParts = { readonly header: number; readonly body: number; readonly told: number; readonly bottom: number };

/** Shares a terminal's rows out for the plan that is confirmed. */
export const planParts = ({ rows }: Size, told: number): PlanParts => {
  const [header, bottom] = rows >= 20 ? [4, 3] : [1, 3];
  const room = Math.min(told, Math.max(1, Math.floor((rows - header - bottom) / 2)));
  return { header, bottom, told: room, body: Math.max(1, rows - header - bottom - room) };
};
