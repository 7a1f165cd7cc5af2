// From the API's shapes (src/daemon/api_*_shapes.cpp, in the notation of src/api/shape.h) to TypeScript types: what the page
// expects is what the node publishes as its contract, and a field that goes away is a fault of compilation here.
//
//     node tools/shapes.mjs OUTPUT SHAPES_FILE ...

import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** @param {string} text one type of the notation, without constraints */
export function typeOf(text) {
  const bare = text.trim();
  if (bare.endsWith('?')) return `${typeOf(bare.slice(0, -1))} | null`;
  if (bare.startsWith('"')) return bare;
  if (bare.startsWith('[')) return `(${typeOf(bare.slice(1, bare.lastIndexOf(']')))})[]`;
  if (bare.startsWith('{')) return `Record<string, ${typeOf(bare.slice(1, bare.lastIndexOf('}')))}>`;
  const word = bare.replace(/\(.*\)$/, '');
  switch (word) {
    case 'int':
    case 'number':
      return 'number';
    case 'bool':
      return 'boolean';
    case 'string':
    case 'time':
      return 'string';
    case 'any':
      return 'unknown';
    default:
      if (!/^[A-Z]\w*$/.test(word)) throw new Error(`'${text}' is no type`);
      return word;
  }
}

/** @param {string} notation */
export function typescriptOf(notation) {
  const out = [];
  let parents = [];
  let fields = [];
  let name = '';
  notation.split('\n').forEach((line, index) => {
    const [code, comment] = split(line);
    const text = code.trim();
    const said = comment ? `  /** ${comment.replaceAll('*/', '')} */\n` : '';
    let found;
    if (text === '') return;
    if ((found = /^(\w+) \{$/.exec(text))) {
      [name, parents, fields] = [found[1], [], []];
    } else if (text === '}') {
      const base = parents.length ? ` extends ${parents.join(', ')}` : '';
      out.push(`export interface ${name}${base} {\n${fields.join('')}}\n`);
    } else if ((found = /^\.\.\.(\w+)$/.exec(text))) {
      parents.push(found[1]);
    } else if ((found = /^(\w+)(\??): (.+)$/.exec(text))) {
      fields.push(`${said}  ${found[1]}${found[2]}: ${typeOf(found[3])};\n`);
    } else {
      throw new Error(`line ${index + 1}: '${line}'`);
    }
  });
  return out.join('\n');
}

// A "#" inside quotes begins no comment.
function split(line) {
  const at = line.search(/#(?=(?:[^"]*"[^"]*")*[^"]*$)/);
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1).trim()];
}

export function shapesIn(source) {
  const found = /R"\((?:\n)?([\s\S]*?)\)"/.exec(source);
  if (!found) throw new Error('there are no shapes in it');
  return found[1];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [output, ...inputs] = process.argv.slice(2);
  const text =
    '// Made by tools/shapes.mjs from the shapes of the API. Not to be edited.\n\n' +
    typescriptOf(inputs.map((input) => shapesIn(readFileSync(input, 'utf8'))).join('\n'));
  if (!existsSync(output) || readFileSync(output, 'utf8') !== text) writeFileSync(output, text);
}
