// From what vite built to what the program is linked with: each file as it is, and compressed, beside a table.
//
//     node tools/pack.mjs DIST OUTPUT     writes OUTPUT/page.S, OUTPUT/page.cpp and the compressed files

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

// At first load, gzipped: what has to come before anything is seen.
const kFirstLoadMax = 130_000;

const kTypes = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  json: 'application/json',
  woff2: 'font/woff2',
  png: 'image/png',
};

function filesIn(folder, prefix = '') {
  return readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((each) =>
    each.isDirectory() ? filesIn(folder, `${prefix}${each.name}/`) : [`${prefix}${each.name}`],
  );
}

function squeezed(bytes) {
  return {
    gz: gzipSync(bytes, { level: 9 }),
    br: brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  };
}

function pack(dist, out) {
  const packed = join(out, 'packed');
  mkdirSync(packed, { recursive: true });
  const assembler = ['    .section .rodata'];
  const externs = [];
  const rows = [];
  const index = readFileSync(join(dist, 'index.html'), 'utf8');
  let firstLoad = 0;
  let later = 0;
  const put = (name, bytes) => {
    const path = join(packed, name);
    writeFileSync(path, bytes);
    assembler.push(`    .global pm_page_${name}`, `    .hidden pm_page_${name}`, `pm_page_${name}:`, `    .incbin "${path}"`);
    externs.push(`extern "C" const char pm_page_${name}[];`);
    return `{pm_page_${name}, ${bytes.length}}`;
  };
  filesIn(dist).sort().forEach((file, number) => {
    const type = kTypes[file.split('.').pop()];
    if (!type) throw new Error(`${file}: what type is it?`);
    const bytes = readFileSync(join(dist, file));
    const { gz, br } = squeezed(bytes);
    // What index.html names is loaded at once; pages of their own come when they are looked at.
    const isFirst = file === 'index.html' || index.includes(file);
    if (isFirst) firstLoad += Math.min(gz.length, bytes.length);
    else later += Math.min(gz.length, bytes.length);
    const views = [put(`${number}`, bytes)];
    for (const [coding, small] of [['gz', gz], ['br', br]]) {
      views.push(small.length < bytes.length * 0.9 ? put(`${number}_${coding}`, small) : '{}');
    }
    const etag = createHash('sha256').update(bytes).digest('hex').slice(0, 24);
    const path = file === 'index.html' ? '/' : `/${file}`;
    rows.push(`    Asset{.path = "${path}", .type = "${type}", .etag = "\\"${etag}\\"", .plain = ${views[0]}, .gzip = ${views[1]}, .brotli = ${views[2]}},`);
  });
  if (firstLoad > kFirstLoadMax) throw new Error(`the page is ${firstLoad} bytes gzipped; ${kFirstLoadMax} are allowed`);
  assembler.push('    .section .note.GNU-stack,"",%progbits', '');
  // The table's hash stands in both, so that a change of any file is one of these.
  writeFileSync(join(out, 'page.S'), `/* ${hashOf(rows)} */\n${assembler.join('\n')}`);
  writeTable(out, externs, rows);
  const kB = (bytes) => Math.round(bytes / 1000);
  console.log(`the page: ${rows.length} files, ${kB(firstLoad)} kB gzipped at first load, ${kB(later)} kB later`);
}

function hashOf(rows) {
  return createHash('sha256').update(rows.join('\n')).digest('hex');
}

function writeTable(out, externs, rows) {
  const table = rows.length
    ? `constexpr Asset kAssets[] = {\n${rows.join('\n')}\n};\n`
    : '';
  writeFileSync(
    join(out, 'page.cpp'),
    `// Made by web/tools/pack.mjs.\n#include "api/assets.h"\n\n${externs.join('\n')}\n\nnamespace phantom::api {\n\n` +
      `${table}std::span<const Asset> embedded_assets() { return ${rows.length ? 'kAssets' : '{}'}; }\n\n}  // namespace phantom::api\n`,
  );
}

const [dist, out] = process.argv.slice(2);
mkdirSync(out, { recursive: true });
pack(dist, out);
