// Where peers stand in the picture of the mesh: this node in the middle, each peer as far from it as its round trip is
// long, on a logarithmic scale. Who is relayed stands beside who relays. Those without a link stand outside, close together.

export interface Wish {
  name: string;
  rtt_ms: number | null;
  isReached: boolean;
  /** Who relays; "" where nobody does. */
  relay: string;
}

export interface Layout {
  /** In the order of the wishes: x, y of the first, x, y of the second ... */
  places: Float32Array;
  /** How much larger than radiusOf() it is, so that all have room. */
  scale: number;
  /** Nobody stands farther out, and the circles do not either. */
  radius: number;
}

export const kRim = 250;
const kInner = 80;
const kOuter = 215;
/** Round trips that circles are drawn for, in ms. */
export const kCircles = [1, 10, 100] as const;
const kNearestMs = 0.3;
const kFarthestMs = 300;

// From one to the next, where many have to have room: those with names, and those outside.
const kApart = 60;
const kApartOutside = 26;
const kRoom = (Math.PI * (kOuter ** 2 - kInner ** 2)) / kApart ** 2;
// A sunflower's: turned by this from one to the next, none hides another.
const kGoldenAngle = Math.PI * (3 - Math.sqrt(5));

export function radiusOf(rtt_ms: number): number {
  const share = Math.log(rtt_ms / kNearestMs) / Math.log(kFarthestMs / kNearestMs);
  return kInner + (kOuter - kInner) * Math.min(1, Math.max(0, share));
}

/** By name around the clock, so that nobody jumps when a round trip changes. */
export function placeAll(wishes: Wish[]): Layout {
  const reached = aroundTheClock(wishes);
  const scale = Math.max(1, Math.sqrt(reached.length / kRoom));
  const places = new Float32Array(2 * wishes.length);
  reached.forEach((at, index) => {
    const angle = (2 * Math.PI * (index + 0.3)) / reached.length - Math.PI / 2;
    put(places, at, scale * radiusOf(wishes[at]!.rtt_ms ?? kFarthestMs), angle);
  });
  const others = byName(wishes, wishes.flatMap((each, at) => (each.isReached ? [] : [at])));
  let radius = scale * kOuter;
  others.forEach((at, index) => {
    radius = Math.hypot(scale * kRim, kApartOutside * Math.sqrt(index / Math.PI));
    put(places, at, radius, index * kGoldenAngle - Math.PI / 2);
  });
  return { places, scale, radius };
}

function put(places: Float32Array, at: number, radius: number, angle: number): void {
  places[2 * at] = radius * Math.cos(angle);
  places[2 * at + 1] = radius * Math.sin(angle);
}

// Those who are reached directly, each followed by those for whom it relays.
function aroundTheClock(wishes: Wish[]): number[] {
  const isThere = new Set(wishes.filter((each) => each.isReached && each.relay === '').map((each) => each.name));
  const behind = new Map<string, number[]>();
  const first: number[] = [];
  wishes.forEach((each, at) => {
    if (!each.isReached) return;
    const others = behind.get(each.relay);
    if (!isThere.has(each.relay)) first.push(at);
    else if (others) others.push(at);
    else behind.set(each.relay, [at]);
  });
  return byName(wishes, first).flatMap((at) => [at, ...byName(wishes, behind.get(wishes[at]!.name) ?? [])]);
}

function byName(wishes: Wish[], at: Iterable<number>): number[] {
  return [...at].sort((a, b) => (wishes[a]!.name < wishes[b]!.name ? -1 : 1));
}
