// A mesh of any size, from a seed, as a node would tell of it: so many machines are at no test's disposal. Only what the
// page asks of `peers`, `alerts` and `actions` is made here; everything else a real node answers.

const kPieceMax = 500;

function randomFrom(seed) {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

const pick = (random, of) => of[Math.floor(random() * of.length)];
const kPlaces = ['ams', 'ber', 'bom', 'cdg', 'fra', 'gru', 'hel', 'iad', 'lhr', 'mad', 'nrt', 'prg', 'sfo', 'sin', 'syd', 'waw'];
const addressOf = (index) => `100.${64 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;

/** Everybody has a link, as a busy relay has: no mesh is harder to draw. */
export function generatedPeers(count, seed = 7) {
  const random = randomFrom(seed);
  const names = Array.from({ length: count }, (_, index) => `${pick(random, kPlaces)}-${String(index + 1).padStart(4, '0')}`);
  const relays = names.filter((_, index) => index % 40 === 0);
  return names.map((name, index) => {
    const path = index % 40 === 0 ? 'direct' : pick(random, ['direct', 'direct', 'direct', 'direct', 'direct', 'relay', 'relay', 'relay', 'tcp', 'direct']);
    const isGone = random() < 0.01 && index % 40 !== 0;
    const isSafe = random() < 0.97;
    return {
      name,
      id: index.toString(16).padStart(32, '0'),
      addresses: [addressOf(index + 2)],
      path: isGone ? 'none' : path,
      endpoint: isGone ? null : `198.51.${index >> 8}.${index & 255}:51820`,
      ...(path === 'relay' && !isGone ? { relays: [pick(random, relays)] } : {}),
      rtt_ms: isGone ? null : Number((0.4 * 600 ** random()).toFixed(2)),
      state: isGone ? 'dead' : 'alive',
      neighbour: index % 40 === 0,
      loss: random() < 0.05 ? Number((random() ** 3).toFixed(3)) : 0,
      post_quantum: { established: isSafe && !isGone, since: isSafe && !isGone ? '2026-11-29T12:00:00Z' : null },
      sent_bytes: Math.floor(1e9 * random() ** 4),
      received_bytes: Math.floor(1e9 * random() ** 4),
      keys_since: '2026-10-01T00:00:00Z',
      expires: '2027-10-01T00:00:00Z',
    };
  });
}

/** Every so many peers one attacks. */
export function generatedAlerts(peers, every = 400) {
  return peers.filter((_, index) => index % every === 5).map((peer, index) => {
    const risk = 35 + ((index * 37) % 60);
    return {
      number: index + 1, state: index % 4 === 3 ? 'acknowledged' : 'firing', priority: risk >= 70 ? 'P2' : 'P3', risk_tenths: risk, confidence: 0.93,
      rule: index % 2 ? 'behaviour:port-scan' : 'behaviour:password-guessing', text: `${peer.name} tried 300 ports`, subject: peer.addresses[0],
      subject_name: peer.name, object: '100.64.0.1', technique: 'T1046', feeds: [], count: 3, first: '2026-11-29T12:00:00Z', last: '2026-11-29T12:30:00Z',
      incident: index + 1, action: index % 2 ? index + 1 : 0, measure: index % 2 ? 'firewall' : null, proposal: 0, proposed: null,
      assessment: `risk ${(risk / 10).toFixed(1)} (P2) = 1 + 9 x 0.93 x 0.72: confidence 0.93; severity 6.5 of 10, to the power 0.75 as ${10 + ((index * 17) % 80)} % of what matters is within reach\nwithin reach: ${12 + index} peers, 3 prefixes, 40 flows, 8 sessions\n`,
    };
  });
}

export function generatedActions(peers, every = 400) {
  return generatedAlerts(peers, every).filter((each) => each.action !== 0).map((each) => ({
    number: each.action, executor: 'firewall', target: each.subject, address: each.subject, state: 'active', until: '2026-11-29T23:00:00Z',
    remaining_s: 3600, renews: false, depends_on: [], confirm_by: null, reason: `alert ${each.number}: ${each.rule}`,
  }));
}

/** One piece of a list, as the API gives it. */
export function pieceOf(url, name, all, more = {}) {
  const query = new URL(url).searchParams;
  const from = Number(query.get('cursor') ?? 0);
  const to = from + Math.min(kPieceMax, Number(query.get('limit') ?? 100));
  return { ...more, [name]: all.slice(from, to), next_cursor: to < all.length ? String(to) : null };
}

/** Answers for the node what it has too few of. */
export async function answerFor(page, count, every) {
  const peers = generatedPeers(count);
  const lists = { peers: [peers, {}], alerts: [generatedAlerts(peers, every), { dropped: 0, telling: {} }], actions: [generatedActions(peers, every), {}] };
  for (const [name, [all, more]] of Object.entries(lists)) {
    await page.route(new RegExp(`/api/v1/${name}\\?`), (route) => route.fulfill({ json: pieceOf(route.request().url(), name, all, more) }));
  }
  return peers;
}
