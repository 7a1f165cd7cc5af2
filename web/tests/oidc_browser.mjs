// People who sign in at an issuer, played by Chromium; tests/netns/oidc_test.py makes node and issuer, and starts this.
// What is seen is written as one JSON object on a line.
//
//     node oidc_browser.mjs PLACE CHROMIUM

import { chromium } from 'playwright-core';
import { axeProblems } from './probe.mjs';

const [place, executablePath] = process.argv.slice(2);
const origin = `https://${place}`;
const check = (held, what, detail = '') => console.log(JSON.stringify({ check: Boolean(held), what, detail: String(detail).slice(0, 600) }));
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });

async function step(what, does) {
  try {
    await does();
    check(true, what);
  } catch (error) {
    check(false, what, error.message);
  }
}

/** Somebody at a browser of his own. */
async function person() {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  return page;
}

async function toIssuer(page) {
  await page.goto(origin);
  await page.getByRole('link', { name: 'Sign in with Test issuer' }).click();
  await page.locator('input[name=login]').waitFor();
}

async function signInAs(page, name) {
  await toIssuer(page);
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('x');
  await page.locator('button[type=submit]').click();
  // What is asked for is granted.
  await page.locator('button[type=submit]', { hasText: 'Continue' }).click();
}

const overview = (page) => page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
const own = (page) => page.evaluate(async () => (await fetch('/api/v1/sessions/self')).json());

const ann = await person();
await step('the page offers the issuer, beside a token', async () => {
  await ann.goto(origin);
  await ann.getByRole('link', { name: 'Sign in with Test issuer' }).waitFor();
  await ann.getByLabel('Token').waitFor();
});
check((await axeProblems(ann)).length === 0, 'axe finds nothing on it', await axeProblems(ann));
await step('who is in a group of administrators signs in as one', async () => {
  await signInAs(ann, 'ann');
  await overview(ann);
  const { who } = await own(ann);
  if (who.name !== 'ann' || who.role !== 'administrator' || !who.id.startsWith('p')) throw new Error(JSON.stringify(who));
});
await step('with one cookie of the node, which no script can read', async () => {
  const cookies = (await ann.context().cookies()).filter((each) => each.name.startsWith('__Host-'));
  if (cookies.length !== 1 || !cookies[0].httpOnly || cookies[0].sameSite !== 'Strict') throw new Error(JSON.stringify(cookies));
});
await step('and changes what an administrator may', async () => {
  const { csrf } = await own(ann);
  const status = await ann.evaluate(async (word) => {
    const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': word };
    const body = JSON.stringify({ matchers: '{peer="nobody"}', for_s: 60 });
    return (await fetch('/api/v1/silences', { method: 'POST', headers, body })).status;
  }, csrf);
  if (status !== 201) throw new Error(String(status));
});
await step('who is in another group signs in as a viewer', async () => {
  const bob = await person();
  await signInAs(bob, 'bob');
  await overview(bob);
  const { who } = await own(bob);
  if (who.name !== 'bob' || who.role !== 'viewer') throw new Error(JSON.stringify(who));
});
await step('who is in none is told so', async () => {
  const eve = await person();
  await signInAs(eve, 'eve');
  await eve.getByText('You are known, but may do nothing here.').waitFor();
  if (eve.url() !== `${origin}/#/`) throw new Error(eve.url());
  if ((await own(eve)).status !== 401) throw new Error('there is a session');
});
await step('who turns round at the issuer is not signed in', async () => {
  const shy = await person();
  await toIssuer(shy);
  await shy.getByRole('link', { name: 'Cancel' }).click();
  await shy.getByText('The issuer did not let you in.').waitFor();
});
await step('a link that another browser has begun signs nobody in', async () => {
  const mallory = await person();
  let link = '';
  // A page's routes are not asked for what a redirect leads to.
  const client = await mallory.context().newCDPSession(mallory);
  client.on('Fetch.requestPaused', ({ requestId, request }) => {
    link = request.url;
    return client.send('Fetch.failRequest', { requestId, errorReason: 'Aborted' });
  });
  await client.send('Fetch.enable', { patterns: [{ urlPattern: '*/sign-in/openid/done*' }] });
  await signInAs(mallory, 'ann').catch(() => {});
  for (let tries = 0; link === '' && tries < 100; tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  const victim = await person();
  await victim.goto(link);
  await victim.getByText('That took too long, or was begun in another browser.').waitFor();
});
await step('signed out, ann is asked again', async () => {
  await ann.getByRole('button', { name: /^Sign out/ }).click();
  await ann.getByLabel('Token').waitFor();
  if ((await own(ann)).status !== 401) throw new Error('there is a session');
});
await browser.close();
process.exit(0);
