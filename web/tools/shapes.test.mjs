import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { shapesIn, typeOf, typescriptOf } from './shapes.mjs';

it.each([
  ['string', 'string'],
  ['int(1..500)', 'number'],
  ['time?', 'string | null'],
  ['[string(1..63)](0..16)', '(string)[]'],
  ['{string}', 'Record<string, string>'],
  ['"a" | "b"', '"a" | "b"'],
  ['Peer?', 'Peer | null'],
  ['any', 'unknown'],
])('takes %s for %s', (text, type) => expect(typeOf(text)).toBe(type));

it('refuses what it does not know', () => {
  expect(() => typeOf('float')).toThrow("'float' is no type");
  expect(() => typescriptOf('A {\n  x = 7\n}')).toThrow('line 2');
});

it('reads shapes with parents and comments', () => {
  expect(typescriptOf('B {              # what it is\n  ...A\n  port?: int?  # "#" of TCP\n}\n')).toBe(
    'export interface B extends A {\n  /** "#" of TCP */\n  port?: number | null;\n}\n',
  );
});

it('reads all that the node has', () => {
  const folder = '../src/daemon/';
  const files = readdirSync(folder).filter((name) => /^api_.*_shapes\.cpp$/.test(name));
  const text = typescriptOf(files.map((name) => shapesIn(readFileSync(folder + name, 'utf8'))).join('\n'));
  for (const name of ['Alert', 'Peer', 'Undone', 'Explained']) expect(text).toContain(`export interface ${name} `);
});
