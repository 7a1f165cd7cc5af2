// The little of Markdown that post-mortems are written in (src/incident): headings, tables, lists, paragraphs, and a
// backslash before what would mean something. It becomes values; nothing of it is ever taken for HTML.

export type Block =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'table'; head: string[]; rows: string[][] }
  | { kind: 'list'; items: string[] }
  | { kind: 'paragraph'; text: string };

export function readMarkdown(text: string): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  let at = 0;
  const take = (wanted: (line: string) => boolean): string[] => {
    const begin = at;
    while (at < lines.length && wanted(lines[at]!)) at += 1;
    return lines.slice(begin, at);
  };
  while (at < lines.length) {
    const line = lines[at]!;
    const heading = /^(#{1,6}) (.*)$/.exec(line);
    if (line.trim() === '') {
      at += 1;
    } else if (heading) {
      blocks.push({ kind: 'heading', level: heading[1]!.length, text: plain(heading[2]!) });
      at += 1;
    } else if (line.startsWith('|')) {
      const rows = take((each) => each.startsWith('|')).map(cells);
      blocks.push({ kind: 'table', head: rows[0]!, rows: rows.slice(isRuler(rows[1]) ? 2 : 1) });
    } else if (line.startsWith('- ')) {
      blocks.push({ kind: 'list', items: take((each) => each.startsWith('- ')).map((each) => plain(each.slice(2))) });
    } else {
      const said = take((each) => each.trim() !== '' && !/^(#{1,6} |\||- )/.test(each));
      blocks.push({ kind: 'paragraph', text: plain(said.join(' ')) });
    }
  }
  return blocks;
}

// "\|" is a bar, and ends no cell.
function cells(line: string): string[] {
  return line.split(/(?<!\\)\|/).slice(1, -1).map((part) => plain(part.trim()));
}

function isRuler(row: string[] | undefined): boolean {
  return row !== undefined && row.every((cell) => /^:?-{3,}:?$/.test(cell));
}

function plain(text: string): string {
  return text.replace(/\\([!-/:-@[-`{-~])/g, '$1');
}
