import { expect, it } from 'vitest';
import { lineCount, offsetOf } from './place';

it('finds the place that the node names', () => {
  expect(offsetOf('ab\ncd\n', 2, 2)).toBe(4);
  expect(offsetOf('ab\ncd\n', 1, 1)).toBe(0);
  expect('{"grants": [}'[offsetOf('{"grants": [}', 1, 13)]).toBe('}');
});

it('stays within the text', () => {
  expect(offsetOf('ab', 9, 9)).toBe(2);
  expect(offsetOf('ab\ncd', 1, 99)).toBe(2);
  expect(offsetOf('', 1, 1)).toBe(0);
  expect(offsetOf('ab', 0, 0)).toBe(0);
});

it('counts lines as an editor does', () => expect(['', 'a', 'a\n', 'a\nb'].map(lineCount)).toEqual([1, 1, 2, 2]));
