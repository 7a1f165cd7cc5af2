import { describe, expect, it } from 'vitest';
import { areaPath, indexAt, linePath, mostOf, padded, runs, ticksFor, xOf } from './chart';

const frame = { width: 100, height: 50 };

describe('ticksFor', () => {
  it.each([
    [0, [0, 1]], [1, [0, 0.5, 1]], [3, [0, 1, 2, 3]], [10, [0, 5, 10]], [99, [0, 50, 100]], [1_234_567, [0, 500_000, 1_000_000, 1_500_000]], [0.03, [0, 0.01, 0.02, 0.03]],
  ])('has round numbers up to %d', (most, ticks) => expect(ticksFor(most)).toEqual(ticks));
  it('ends above everything, with few steps', () => {
    for (let most = 0.001; most < 1e12; most *= 1.37) {
      const ticks = ticksFor(most);
      expect(ticks.at(-1)!).toBeGreaterThanOrEqual(most * 0.9999);
      expect(ticks.length).toBeLessThanOrEqual(5);
    }
  });
});

describe('paths', () => {
  it('leave gaps where nothing is known', () => {
    expect(runs([1, 2, null, 3, null])).toEqual([[0, 1], [3, 3]]);
    expect(linePath([0, 10, null, 5, null], 10, frame)).toBe('M0.0 50.0L25.0 0.0M75.0 25.0h.01');
    expect(areaPath([0, 10, null, 5, null], 10, frame)).toBe('M0.0 50L0.0 50.0L25.0 0.0L25.0 50Z');
  });
  it('are nothing of nothing', () => expect(linePath([], 1, frame) + linePath([null], 1, frame)).toBe(''));
});

it('finds the value under the pointer', () => {
  expect([-5, 0, 49, 100, 900].map((x) => indexAt(x, 11, frame))).toEqual([0, 0, 5, 10, 10]);
  expect(indexAt(50, 1, frame)).toBe(0);
  expect(xOf(0, 1, frame)).toBe(100);
});

it('leaves room for what was before the first value', () => {
  expect(padded([1, 2], 4)).toEqual([null, null, 1, 2]);
  expect(padded([1, 2, 3], 2)).toEqual([1, 2, 3]);
});

it('knows the largest of all', () => expect(mostOf([[1, null, 7], [3], []])).toBe(7));
