import { describe, expect, it } from 'vitest';
import { diffLines } from './diff';

const shown = (before: string, after: string) =>
  diffLines(before, after).map((each) => ({ same: ' ', gone: '-', new: '+' })[each.kind] + each.text);

describe('diffLines', () => {
  it('finds what went and what came', () => {
    expect(shown('a\nb\nc\nd\n', 'a\nc\nx\nd\n')).toEqual([' a', '-b', ' c', '+x', ' d']);
  });
  it('begins from nothing, and ends in nothing', () => {
    expect(shown('', 'a\nb')).toEqual(['+a', '+b']);
    expect(shown('a\n', '')).toEqual(['-a']);
    expect(shown('', '')).toEqual([]);
    expect(shown('a', 'a\n')).toEqual([' a']);
  });
  it('gives both texts back, whatever they are', () => {
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    for (let round = 0; round < 200; round += 1) {
      const make = () => Array.from({ length: random(12) }, () => 'abc'[random(3)]!).join('\n');
      const [before, after] = [make(), make()];
      const lines = diffLines(before, after);
      const side = (kind: string) => lines.filter((each) => each.kind !== kind).map((each) => each.text).join('\n');
      expect([side('new'), side('gone')]).toEqual([before, after]);
    }
  });
});
