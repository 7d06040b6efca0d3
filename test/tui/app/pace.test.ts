import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { pace } from '../../../src/tui/app/pace.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** Draws for so many milliseconds of the processor, and notes when. */
const drawing = (cpuMs: number) => {
  const at: number[] = [];
  vi.spyOn(process, 'cpuUsage').mockImplementation((before) => ({ user: before ? cpuMs * 1000 : 0, system: 0 }));
  const start = performance.now();
  return { at, paced: pace(() => void at.push(performance.now() - start)) };
};
const busyFor = (ms: number, often: () => void): void => {
  for (let passed = 0; passed < ms; passed += 5) {
    often();
    vi.advanceTimersByTime(5);
  }
};

describe('the pace of frames', () => {
  test('is at most ten a second, however often somebody presses a key', () => {
    const { at, paced } = drawing(1);
    busyFor(5000, paced.pressed);
    expect(at.length).toBeLessThanOrEqual(51);
    expect(at.length).toBeGreaterThan(45);
  });

  test('leaves the processor to others where frames are dear, and still shows what was told within a second', () => {
    const { at, paced } = drawing(20);
    busyFor(5000, paced.told);
    expect(at.length).toBeLessThanOrEqual(11);
    expect(at.length).toBeGreaterThanOrEqual(9);
    const dear = drawing(500);
    busyFor(5000, dear.paced.told);
    expect(dear.at.length).toBeGreaterThanOrEqual(4);
  });

  test('answers a key at once although frames are dear', () => {
    const { at, paced } = drawing(40);
    paced.told();
    vi.advanceTimersByTime(1);
    paced.told();
    vi.advanceTimersByTime(300);
    expect(at).toHaveLength(1);
    paced.pressed();
    vi.advanceTimersByTime(1);
    expect(at).toHaveLength(2);
  });

  test('draws nothing when nothing was told, and nothing after the end', () => {
    const { at, paced } = drawing(1);
    vi.advanceTimersByTime(5000);
    expect(at).toEqual([]);
    paced.told();
    paced.stop();
    vi.advanceTimersByTime(5000);
    expect(at).toEqual([]);
  });
});
