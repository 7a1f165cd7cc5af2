import { describe, expect, it } from 'vitest';
import { matches, sorted } from './search';

describe('matches', () => {
  it('wants every word somewhere', () => {
    expect(matches('birch SCAN', ['behaviour:port-scan', 'birch', null])).toBe(true);
    expect(matches('birch flood', ['behaviour:port-scan', 'birch'])).toBe(false);
    expect(matches('', [])).toBe(true);
    expect(matches('7', [7])).toBe(true);
  });
  it('does not find a word across two fields', () => expect(matches('ab', ['a', 'b'])).toBe(false));
});

describe('sorted', () => {
  const items = [{ a: 2 }, { a: null }, { a: 10 }, { a: 1 }];
  it('counts numbers, and leaves what has none to the end', () => {
    expect(sorted(items, 'a', (item) => item.a).map((item) => item.a)).toEqual([1, 2, 10, null]);
    expect(sorted(items, '-a', (item) => item.a).map((item) => item.a)).toEqual([10, 2, 1, null]);
  });
  it('sorts node2 before node10', () => {
    expect(sorted(['node10', 'node2'], 'x', (item) => item)).toEqual(['node2', 'node10']);
  });
  it('leaves equals as they came', () => {
    const same = [{ n: 'x', k: 1 }, { n: 'y', k: 1 }];
    expect(sorted(same, '-k', (item) => item.k).map((item) => item.n)).toEqual(['x', 'y']);
  });
});
