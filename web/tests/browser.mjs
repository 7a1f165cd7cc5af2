// A person at the page of a real node, played by Chromium. tests/netns/web_test.py makes the mesh and starts this in the
// namespace of the node; what is seen is written as one JSON object on a line, what has to happen outside ("want") is
// asked for in the same way and answered on standard input.
//
//     node browser.mjs PLACE CHROMIUM [SHOTS]     tokens from standard input, as one line of JSON

import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import { answerFor } from './generated_mesh.mjs';
import { axeProblems, watchRequests } from './probe.mjs';

const [place, executablePath, shots] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => JSON.parse((await lines.next()).value ?? '{}');
const write = (said) => console.log(JSON.stringify(said));
const check = (held, what, detail = '') => write({ check: Boolean(held), what, detail: String(detail).slice(0, 600) });

async function want(what) {
  write({ want: what });
  return read();
}

/** A step of its own: what is not seen in time is a failure with the step's name, and the next goes on. */
async function step(what, does) {
  try {
    await does();
    check(true, what);
  } catch (error) {
    check(false, what, error.message);
    await page.screenshot({ path: `${shots || '/tmp'}/failed.png` }).catch(() => {});
  }
}

const tokens = await read();
const origin = `https://${place}`;
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const newPage = async (options = {}) => {
  // The node signs its certificate itself; whoever looks at it compares the fingerprint.
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 860 }, ...options });
  const made = await context.newPage();
  made.setDefaultTimeout(15_000);
  return made;
};
const page = await newPage({ colorScheme: 'light' });
const seen = watchRequests(page, origin);
const go = async (hash) => {
  await page.evaluate((to) => (location.hash = to), hash);
  await page.waitForFunction(() => !document.querySelector('main .loading'));
};
const title = (text) => page.getByRole('heading', { level: 1, name: text });
const toast = (text) => page.locator('.toast', { hasText: text }).waitFor();

// ---- Signing in ----

await step('the page is there, and asks for a token', async () => {
  await page.goto(origin);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
});
check((await axeProblems(page)).length === 0, 'axe finds nothing on the sign-in', await axeProblems(page));
await step('a token that is none is refused, with the reason', async () => {
  await page.getByLabel('Token').fill(`pm_${'x'.repeat(43)}`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').filter({ hasText: 'token' }).waitFor();
});
await step('a token signs in', async () => {
  await page.getByLabel('Token').fill(tokens.administrator);
  await page.keyboard.press('Enter');
  await title('Overview').waitFor();
});
await step('it is a session that no script can read, and that asks nothing without its word', async () => {
  const cookies = await page.context().cookies();
  const [one] = cookies;
  const isHidden = one && one.httpOnly && one.secure && one.sameSite === 'Strict' && one.path === '/';
  if (cookies.length !== 1 || !isHidden || !/^__Host-phantom-[0-9a-f]{8}$/.test(one.name)) throw new Error(JSON.stringify(cookies));
  const seenByScripts = await page.evaluate(() => [document.cookie, sessionStorage.length, JSON.stringify(localStorage)].join());
  if (seenByScripts !== ',0,{}') throw new Error(seenByScripts);
  const status = await page.evaluate(async () => {
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"matchers":"{peer=\"x\"}","for_s":60}' };
    const silent = await fetch('/api/v1/silences', init);
    const known = await (await fetch('/api/v1/silences')).json();
    return `${silent.status} ${(await silent.json()).type} ${known.silences.length}`;
  });
  if (status !== '403 /api/v1/problems/no-csrf 0') throw new Error(status);
});
await step('another tab is signed in already', async () => {
  const tab = await page.context().newPage();
  await tab.goto(origin);
  await tab.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await tab.close();
});
await step('it is live', () => page.locator('.live', { hasText: 'Live' }).waitFor());
await step('nothing is wrong yet', () => page.getByText('All is quiet.').waitFor());

// ---- The mesh ----

await step('the peer is there, with its path and its keys', async () => {
  await page.getByRole('link', { name: 'Peers', exact: true }).click();
  const row = page.getByRole('row').filter({ hasText: 'birch' });
  await row.getByText('post-quantum').waitFor();
  await row.getByText('direct').waitFor();
});
const inked = () =>
  page.evaluate(() => {
    const canvas = document.querySelector('.map canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, index) => index % 4 === 3 && value > 0).length;
  });
await step('the topology draws it, and the keyboard reaches it', async () => {
  await page.getByRole('link', { name: 'Topology', exact: true }).click();
  await page.getByRole('application', { name: 'The mesh around amber' }).focus();
  await page.keyboard.press('ArrowRight');
  const card = page.getByRole('region', { name: 'Selected: birch' });
  await card.getByText('post-quantum').waitFor();
  if ((await inked()) < 1_000) throw new Error('the picture is empty');
  await page.keyboard.press('Escape');
  await card.waitFor({ state: 'hidden' });
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await title('birch').waitFor();
});
await step('it is searched, and its link restores what was found', async () => {
  await go('#/topology');
  await page.keyboard.press('/');
  await page.keyboard.type('birch');
  await page.getByText('1 found').waitFor();
  await page.getByRole('button', { name: 'Go to the first' }).click();
  await page.getByRole('region', { name: 'Selected: birch' }).waitFor();
  await page.waitForFunction(() => location.hash.includes('at='));
  await page.reload();
  await page.getByRole('region', { name: 'Selected: birch' }).waitFor();
  await page.getByText('1 found').waitFor();
});
await step('it has a table beside the picture', async () => {
  await page.getByText('Table', { exact: true }).click();
  await page.getByRole('row').filter({ hasText: 'birch' }).waitFor();
});

// ---- An attack ----

await go('#/');
await step('an attack arrives by itself', async () => {
  await want('scan');
  await page.getByRole('link', { name: 'Port scan by birch' }).first().waitFor();
  await page.getByText(/^One attacker/).waitFor();
});
await step('and was stopped', () => page.getByText('One attacker, and stopped.').waitFor());
if (shots) await page.screenshot({ path: `${shots}/dashboard-overview.png` });
check((await want('blocked soon')).blocked, 'the kernel drops its packets');
await step('the alert explains its risk', async () => {
  await page.getByRole('link', { name: 'Port scan by birch' }).first().click();
  await title('Port scan by birch').waitFor();
  await page.getByRole('rowheader', { name: 'Confidence' }).waitFor();
  await page.getByRole('rowheader', { name: 'Blast radius' }).waitFor();
  await page.getByRole('rowheader', { name: 'Scenario' }).waitFor();
});
await step('whom the next step tells is said', async () => {
  await page.getByText('Next told: on call in ops').waitFor();
});
if (shots) await page.screenshot({ path: `${shots}/dashboard.png` });
await step('it is acknowledged', async () => {
  await page.getByRole('button', { name: 'Acknowledge' }).click();
  await page.locator('.badge', { hasText: 'acknowledged' }).first().waitFor();
});
await step('the incident has a timeline', async () => {
  await page.getByRole('link', { name: /^Incident \d+$/ }).click();
  await title(/^Incident 1: birch/).waitFor();
  await page.locator('.timeline li', { hasText: 'are dropped until' }).first().waitFor();
  await page.locator('.phases .reached', { hasText: 'Contained' }).waitFor();
});
if (shots) {
  await page.locator('.toast').waitFor({ state: 'hidden' });
  await page.screenshot({ path: `${shots}/dashboard-incident.png` });
}
await step('a note stands in it', async () => {
  await page.getByLabel('A note for the timeline').fill('It was our own <b>scanner</b>.');
  await page.getByRole('button', { name: 'Add' }).click();
  await page.locator('.timeline li', { hasText: 'It was our own <b>scanner</b>.' }).waitFor();
});
await step('evidence was taken, and the post-mortem can be read', async () => {
  await page.getByRole('row').filter({ hasText: 'Packets' }).waitFor();
  await page.getByRole('button', { name: 'Read' }).click();
  await page.getByRole('heading', { name: 'Measured times' }).waitFor();
});
await step('what it shows comes back with its link', async () => {
  await page.reload();
  await page.getByRole('heading', { name: 'Measured times' }).waitFor();
});
await step('the block is undone, once it was said what that means', async () => {
  await go('#/actions');
  await page.getByRole('row').filter({ hasText: 'birch' }).getByRole('button', { name: 'Undo' }).click();
  const dialog = page.getByRole('dialog', { name: /^Undo action/ });
  await dialog.getByText('is taken back to exactly what was before').waitFor();
  await dialog.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Nothing is in force.').waitFor();
});
check(!(await want('blocked')).blocked, 'the kernel lets its packets through again');
await step('a playbook says what it would do, waits for a person, and comes to its end', async () => {
  await go('#/incidents/1');
  await page.getByRole('button', { name: 'Run one…' }).click();
  const dialog = page.getByRole('dialog', { name: 'A playbook for incident 1' });
  await dialog.getByRole('radio').first().check();
  await dialog.getByRole('button', { name: 'What would it do?' }).click();
  await dialog.locator('.dry-run', { hasText: 'block' }).waitFor();
  await dialog.getByRole('button', { name: 'Run it' }).click();
  await page.getByText('It waits for a person.').waitFor();
  await page.getByLabel('What came of it').fill('it is clean');
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await page.locator('.detection .badge', { hasText: 'Done' }).waitFor();
  await page.locator('.timeline.two li').first().waitFor();
});

// ---- Who is told ----

await step('a channel is tested, and what came of it is said', async () => {
  await go('#/alerts/told');
  await page.getByRole('button', { name: 'Send a test to operator' }).click();
  await page.getByText('webhook: delivered').waitFor();
  await page.getByRole('button', { name: 'Send a test to nobody' }).click();
  await page.getByRole('row').filter({ hasText: 'nobody' }).locator('.badge.serious').waitFor();
});
await step('somebody stands in', async () => {
  await page.getByRole('button', { name: 'Stand in…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Stand in for ops' });
  await dialog.getByLabel('Who').selectOption('nobody');
  await dialog.getByRole('button', { name: 'Stand in' }).click();
  await page.getByRole('row').filter({ hasText: 'Europe/Berlin' }).getByText('stands in').waitFor();
});
await step('a silence shows what it would be about, begins and ends', async () => {
  await go('#/alerts/1');
  await page.getByRole('link', { name: 'Silence…' }).click();
  await title('Silences').waitFor();
  await page.locator('.preview', { hasText: '1 open alert' }).waitFor();
  await page.getByLabel('Condition 2: value').fill('cedar');
  await page.locator('.preview', { hasText: '0 open alerts' }).waitFor();
  await page.getByLabel('Condition 2: how').selectOption('is not');
  await page.locator('.preview', { hasText: '1 open alert' }).waitFor();
  await page.getByRole('button', { name: 'Silence', exact: true }).click();
  const row = page.getByRole('row').filter({ hasText: 'peer!="cedar"' });
  await row.getByText('alert 1').waitFor();
  await row.getByRole('button', { name: 'End' }).click();
  await page.getByText('None: whoever has to be told is told.').waitFor();
});

// ---- Over time ----

await step('traffic over time is drawn, read with the keyboard, and stands in a table', async () => {
  await go('#/');
  const chart = page.getByRole('slider', { name: 'Traffic' });
  await chart.waitFor({ timeout: 50_000 });
  await chart.focus();
  await page.keyboard.press('End');
  const said = await chart.getAttribute('aria-valuetext');
  if (!/Received [\d.]+ \w+\/s, Sent/.test(said)) throw new Error(said);
  const figure = page.getByRole('figure', { name: 'Alerts in an hour' });
  await figure.getByText('As a table').click();
  await figure.getByRole('row').filter({ hasText: /[1-9]\d* alerts?$/ }).first().waitFor();
});
await step('who attacks is a threat, with each detection explained', async () => {
  await go('#/threats');
  await page.getByRole('link', { name: 'birch' }).first().click();
  await title('birch').waitFor();
  await page.getByText('What the confidence is made of').first().waitFor();
});

await step('every detection says why it was judged as it was', async () => {
  await go('#/threats/detections');
  await page.getByRole('button', { name: /^Why this risk, of detection/ }).first().click();
  const dialog = page.getByRole('dialog', { name: /by birch$/ });
  await dialog.getByText('Why this risk').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await dialog.waitFor({ state: 'hidden' });
});
await step('what goes through the tunnel is there, searched and added up', async () => {
  await go('#/flows');
  await page.getByRole('table', { name: 'Flows' }).getByRole('row').filter({ hasText: 'birch' }).first().waitFor();
  await page.getByLabel('Search flows').fill('nobody');
  await page.getByText('No flow is like that.').waitFor();
  await page.getByLabel('Search flows').fill('birch');
  await page.getByRole('table', { name: 'Traffic by application' }).waitFor();
  if (!page.url().endsWith('#/flows?q=birch')) throw new Error(page.url());
});

// ---- The policy ----

const draft = (text) => page.getByLabel('Policy', { exact: true }).fill(text);
await step('a bad policy is refused, with its place', async () => {
  await go('#/policy');
  await page.getByRole('button', { name: 'Edit' }).click();
  await draft('{\n    "grants": [}\n}\n');
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByText(/^Refused at line 2, column/).waitFor();
});
check(await page.getByRole('button', { name: 'Sign…' }).isDisabled(), 'and cannot be signed');
await step('a good one is tried, compared and signed', async () => {
  await draft('{\n    "grants": [\n        {"src": ["birch"], "dst": ["amber"], "ip": ["tcp:22"]},\n    ],\n}\n');
  await page.getByRole('button', { name: 'Check' }).click();
  await page.getByText('It can be signed: 1 grant').waitFor();
  await page.getByRole('button', { name: 'Sign…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign this policy?' });
  await dialog.locator('.diff .new', { hasText: '"tcp:22"' }).waitFor();
  await dialog.getByRole('button', { name: 'Sign', exact: true }).click();
  await page.getByText(/^Version \d+, signed/).waitFor();
});
check((await want('policy')).text.includes('"tcp:22"'), 'it is the policy of the node');
await step('what it means is explained, with the line that decides', async () => {
  await page.getByLabel('From').fill('birch');
  await page.getByLabel('To').fill('amber');
  await page.getByLabel('Port').fill('22');
  await page.getByRole('button', { name: 'Explain' }).click();
  await page.getByText('Allowed.', { exact: true }).waitFor();
  await page.locator('pre', { hasText: '3: {"src": ["birch"]' }).waitFor();
  await page.getByLabel('Port').fill('23');
  await page.keyboard.press('Enter');
  await page.getByText('Denied.', { exact: true }).waitFor();
});

// ---- With the keyboard alone ----

await step('the keyboard reaches everything', async () => {
  await go('#/alerts');
  await page.keyboard.press('/');
  await page.keyboard.type('nobody');
  await page.getByText('No alert is like that.').waitFor();
  if (!page.url().endsWith('#/alerts?q=nobody')) throw new Error(page.url());
  await page.reload();
  await page.getByText('No alert is like that.').waitFor();
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement.textContent);
  if (first !== 'Skip to the page') throw new Error(`Tab leads to '${first}'`);
  await page.keyboard.press('Enter');
  if (!(await page.evaluate(() => document.activeElement.id === 'main'))) throw new Error('it does not skip');
  await go('#/actions');
  await page.getByRole('button', { name: 'Act…' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Act' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  if (!(await page.evaluate(() => document.activeElement.textContent === 'Act…'))) throw new Error('the focus is lost');
});

// ---- Every page, in both themes and on a phone ----

const kPlaces = {
  overview: '#/', topology: '#/topology', 'topology-peer': '#/topology?peer=birch', 'topology-table': '#/topology?as=table', peers: '#/peers', peer: '#/peers/birch', threats: '#/threats', detections: '#/threats/detections', flows: '#/flows', alerts: '#/alerts',
  alert: '#/alerts/1', silences: '#/alerts/silences?alert=1', told: '#/alerts/told', incidents: '#/incidents', incident: '#/incidents/1?post-mortem=1', actions: '#/actions',
  policy: '#/policy?src=birch&dst=amber&port=22', feeds: '#/feeds?what=203.0.113.9', audit: '#/audit', settings: '#/settings',
  missing: '#/nothing/here/at/all',
};
await want('scan again');
for (const look of ['light', 'dark', 'phone']) {
  await page.emulateMedia({ colorScheme: look === 'dark' ? 'dark' : 'light', reducedMotion: 'reduce' });
  await page.setViewportSize(look === 'phone' ? { width: 390, height: 844 } : { width: 1280, height: 860 });
  const found = [];
  const wide = [];
  for (const [name, hash] of Object.entries(kPlaces)) {
    await go(hash);
    await page.waitForTimeout(150);
    if (shots) await page.screenshot({ path: `${shots}/${look}-${name}.png`, fullPage: look === 'phone' });
    found.push(...(await axeProblems(page)).map((each) => `${name}: ${each}`));
    if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) wide.push(name);
  }
  check(found.length === 0, `axe finds nothing on ${Object.keys(kPlaces).length} pages, ${look}`, found.join('; '));
  check(wide.length === 0, `no page is wider than the window, ${look}`, wide);
}
await page.setViewportSize({ width: 390, height: 844 });
await step('on a phone the menu opens, and closes behind a page', async () => {
  await go('#/');
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('link', { name: 'Audit', exact: true }).click();
  await title('Audit').waitFor();
  await page.getByRole('link', { name: 'Audit', exact: true }).waitFor({ state: 'hidden' });
});
await page.setViewportSize({ width: 1280, height: 860 });

// ---- Away, and back ----

await step('a node that is away is said to be, and what was known stays', async () => {
  await go('#/alerts');
  await want('kill');
  await page.getByText('The node does not answer. What is shown may be old').waitFor({ timeout: 30_000 });
  await page.getByRole('link', { name: 'Port scan' }).first().waitFor();
});
await step('it goes on when it is back', async () => {
  await want('up');
  await page.locator('.live', { hasText: 'Live' }).waitFor({ timeout: 30_000 });
  await page.getByText('The node does not answer').waitFor({ state: 'hidden' });
});

// ---- A large mesh: its peers are generated, and answered for the node ----

const large = await newPage({ colorScheme: 'dark', reducedMotion: 'reduce' });
await step('5,000 peers are drawn, and searched', async () => {
  await answerFor(large, 5_000);
  await large.goto(`${origin}/#token=${tokens.administrator}`);
  await large.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await large.evaluate(() => (location.hash = '#/topology'));
  await large.getByRole('application').waitFor();
  await large.waitForTimeout(600);
  if (shots) await large.screenshot({ path: `${shots}/dashboard-large.png` });
  await large.evaluate(() => (location.hash = '#/topology?q=attack'));
  await large.getByText('13 found').waitFor();
  await large.getByRole('button', { name: 'Go to the first' }).click();
  await large.getByRole('region', { name: /^Selected: / }).getByText('Blast radius').waitFor();
  await large.waitForTimeout(600);
});
check((await axeProblems(large)).length === 0, 'axe finds nothing on the large map', await axeProblems(large));
await step('its table is there', async () => {
  await large.evaluate(() => (location.hash = '#/topology?as=table&sort=-name'));
  await large.getByRole('table', { name: 'The mesh, as this node sees it' }).waitFor();
});
// Before it is scrolled: a link half below the head is a small one to axe.
check((await axeProblems(large)).length === 0, 'axe finds nothing on the large table', await axeProblems(large));
await step('only what is in sight of it is in the document', async () => {
  const rows = await large.locator('tbody tr').count();
  if (rows > 80) throw new Error(`${rows} rows`);
  await large.locator('.windowed').evaluate((element) => (element.scrollTop = element.scrollHeight));
  await large.locator('tr[aria-rowindex="5001"]').waitFor();
});
await large.context().close();

if (shots) {
  const picture = await newPage({ colorScheme: 'light', reducedMotion: 'reduce' });
  await answerFor(picture, 60, 25);
  await picture.goto(`${origin}/#token=${tokens.administrator}`);
  await picture.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await picture.evaluate(() => (location.hash = '#/topology'));
  await picture.getByRole('application').waitFor();
  await picture.waitForTimeout(500);
  await picture.screenshot({ path: `${shots}/dashboard-topology.png` });
  await picture.context().close();
}

// ---- Who may less ----

const viewer = await newPage();
const viewerSeen = watchRequests(viewer, origin);
await step('the link that a command prints signs in, and leaves no token behind', async () => {
  await viewer.goto(`${origin}/#token=${tokens.viewer}`);
  await viewer.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  if (viewer.url() !== `${origin}/#/`) throw new Error(viewer.url());
});
await step('who may only read is offered nothing else', async () => {
  await viewer.evaluate(() => (location.hash = '#/actions'));
  const button = viewer.getByRole('button', { name: 'Act…' });
  await button.waitFor();
  if (!(await button.isDisabled())) throw new Error('a viewer may act');
  await viewer.evaluate(() => (location.hash = '#/audit'));
  await viewer.getByText('This token may not read the audit log.').waitFor();
});
await step('a token that is revoked is signed out', async () => {
  await want('revoke viewer');
  await viewer.getByText('You were signed out. Sign in again.').waitFor({ timeout: 40_000 });
});

await step('signed out, nothing is left', async () => {
  await page.getByRole('button', { name: /^Sign out/ }).click();
  await page.getByLabel('Token').waitFor();
  const left = await page.evaluate(() => sessionStorage.length);
  const cookies = await page.context().cookies();
  if (left !== 0 || cookies.length !== 0) throw new Error(`${left} ${JSON.stringify(cookies)}`);
  await page.reload();
  await page.getByLabel('Token').waitFor();
});

// ---- What was asked for on the way ----

check(seen.outside.length + viewerSeen.outside.length === 0, 'nobody but the node was asked', seen.outside);
check(seen.complaints.length === 0, 'the browser complains of nothing, its content policy included', seen.complaints.join('; '));
check(![...seen.urls, ...viewerSeen.urls].some((url) => url.includes('pm_')), 'no token is in an address');
const load = await firstLoad();
check(load.bytes <= 130_000, 'the first load is small', `${load.bytes} bytes`);
write({ say: `first load ${load.bytes} bytes as sent, interactive after ${load.interactive_ms} ms` });
await browser.close();
process.exit(0); // standard input is still open

async function firstLoad() {
  const fresh = await newPage();
  const client = await fresh.context().newCDPSession(fresh);
  await client.send('Network.enable');
  let bytes = 0;
  client.on('Network.loadingFinished', (event) => (bytes += event.encodedDataLength));
  const began = Date.now();
  await fresh.goto(origin);
  await fresh.getByRole('button', { name: 'Sign in' }).waitFor();
  return { bytes, interactive_ms: Date.now() - began };
}
