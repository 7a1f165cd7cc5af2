import { expect, it } from 'vitest';
import { readMarkdown } from './markdown';

it('reads a post-mortem', () => {
  const text = `# Incident 1: it \\<tried\\> ports

Subject birch; risk 7.3.
Two lines.

| when | what |
|---|---|
| 17:24 | new -\\> triage |
| 17:25 | a \\| b |

- one
- two
`;
  expect(readMarkdown(text)).toEqual([
    { kind: 'heading', level: 1, text: 'Incident 1: it <tried> ports' },
    { kind: 'paragraph', text: 'Subject birch; risk 7.3. Two lines.' },
    { kind: 'table', head: ['when', 'what'], rows: [['17:24', 'new -> triage'], ['17:25', 'a | b']] },
    { kind: 'list', items: ['one', 'two'] },
  ]);
});

it('keeps a cell of "-" that is no ruler', () => {
  expect(readMarkdown('| a | b |\n|---|---|\n| x | - |\n|  | - |')).toEqual([{ kind: 'table', head: ['a', 'b'], rows: [['x', '-'], ['', '-']] }]);
});

it('reads nothing out of nothing', () => expect(readMarkdown('\n\n')).toEqual([]));
