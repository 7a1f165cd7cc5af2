// What is watched while somebody is at the page.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core has against the page as it stands: "rule: element, element". */
export async function axeProblems(page) {
  // By the debugger, which the content policy does not bind.
  await page.evaluate(axe);
  const found = await page.evaluate(() =>
    globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
  );
  return found.violations.map((each) => `${each.id}: ${each.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(', ')}`);
}

/** Every request, those to others than `origin`, and what the console says. */
export function watchRequests(page, origin) {
  const seen = { urls: [], outside: [], complaints: [] };
  page.on('request', (request) => {
    const url = request.url();
    seen.urls.push(url);
    if (!url.startsWith(`${origin}/`) && !url.startsWith('blob:')) seen.outside.push(url);
  });
  page.on('console', (message) => {
    // That the node refuses, or is away, is a part of the test.
    const isRefusal = message.text().startsWith('Failed to load resource');
    if ((message.type() === 'error' || message.type() === 'warning') && !isRefusal) seen.complaints.push(message.text());
  });
  page.on('pageerror', (error) => seen.complaints.push(error.message));
  return seen;
}
