import { expect, it } from 'vitest';
import { kRowPx, windowOf } from './window';

it('has the rows in sight, and some beyond', () => {
  expect(windowOf(5_000, 0, 420)).toEqual({ from: 0, to: 22 });
  expect(windowOf(5_000, 100 * kRowPx, 420)).toEqual({ from: 88, to: 122 });
});

it('ends where the list ends, also where it has become shorter', () => {
  expect(windowOf(5_000, 4_995 * kRowPx, 420).to).toBe(5_000);
  expect(windowOf(10, 4_995 * kRowPx, 420)).toEqual({ from: 0, to: 10 });
  expect(windowOf(0, 0, 420)).toEqual({ from: 0, to: 0 });
});
