// How quick the page of a node is, seen by Chromium. bench/page.py starts the node and this in its namespace.
//
//     node page_bench.mjs ORIGIN CHROMIUM TOKEN NODES SECONDS     prints one object of JSON

import { chromium } from 'playwright-core';
import { answerFor } from './generated_mesh.mjs';

const [origin, executablePath, token, nodes, seconds] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });

async function newPage() {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  return page;
}

/** Nothing of it cached: bytes as sent, and how long until the overview says what is wrong. */
async function firstLoad() {
  const page = await newPage();
  const client = await page.context().newCDPSession(page);
  await client.send('Network.enable');
  const api = new Set();
  const sizes = { page: 0, api: 0 };
  client.on('Network.requestWillBeSent', (event) => event.request.url.includes('/api/') && api.add(event.requestId));
  client.on('Network.loadingFinished', (event) => (sizes[api.has(event.requestId) ? 'api' : 'page'] += event.encodedDataLength));
  const began = performance.now();
  await page.goto(`${origin}/#token=${token}`);
  await page.locator('.verdict-text').waitFor();
  const interactive_ms = performance.now() - began;
  await page.waitForLoadState('load');
  await page.context().close();
  return { bytes: sizes.page, interactive_ms };
}

/** The map of a large mesh, moved and zoomed without pause: each frame is another picture. */
async function frames() {
  const page = await newPage();
  await answerFor(page, Number(nodes));
  await page.goto(`${origin}/#token=${token}`);
  await page.locator('.verdict-text').waitFor();
  const began = performance.now();
  await page.evaluate(() => (location.hash = '#/topology'));
  await page.locator('.map canvas').waitFor();
  await page.waitForTimeout(500);
  const drawn_ms = performance.now() - began - 500;
  const times = await page.evaluate(moveFor, Number(seconds) * 1000);
  await page.context().close();
  return { ...summary(times), drawn_ms };
}

// In the page: one step of a hand in each frame, around and in and out again.
async function moveFor(forMs) {
  const canvas = document.querySelector('.map canvas');
  const box = canvas.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const send = (kind, type, more) => canvas.dispatchEvent(new kind(type, { bubbles: true, cancelable: true, clientX: x, clientY: y, ...more }));
  const times = [];
  const begin = performance.now();
  await new Promise((done) => {
    const step = (now) => {
      times.push(now);
      if (now - begin > forMs) return done();
      send(WheelEvent, 'wheel', { deltaY: 60 * Math.sin((now - begin) / 500), clientX: x + 120 * Math.cos((now - begin) / 900), clientY: y + 90 * Math.sin((now - begin) / 700) });
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });
  return times;
}

function summary(times) {
  const gaps = times.slice(1).map((each, index) => each - times[index]).sort((a, b) => a - b);
  const total = times.at(-1) - times[0];
  return { frames_per_s: (1000 * gaps.length) / total, frame_ms_p95: gaps[Math.floor(0.95 * gaps.length)], frame_ms_max: gaps.at(-1) };
}

const loads = [await firstLoad(), await firstLoad(), await firstLoad()];
const middle = loads.map((each) => each.interactive_ms).sort((a, b) => a - b)[1];
const moved = await frames();
console.log(JSON.stringify({ first_load_bytes: loads[0].bytes, interactive_ms: middle, nodes: Number(nodes), ...moved }));
await browser.close();
