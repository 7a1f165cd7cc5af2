// Where peers stand in the picture of the mesh: this node in the middle, each peer as far from it as its round trip is
// long, on a logarithmic scale. Who cannot be reached stands on the rim.

export interface Placed {
  name: string;
  x: number;
  y: number;
  /** Where its name is written, seen from the point. */
  side: 'left' | 'right' | 'middle';
}

export interface Wish {
  name: string;
  rtt_ms: number | null;
  isReached: boolean;
}

export const kRim = 250;
const kInner = 80;
const kOuter = 215;
/** Round trips that circles are drawn for, in ms. */
export const kCircles = [1, 10, 100] as const;
const kNearestMs = 0.3;
const kFarthestMs = 300;

export function radiusOf(rtt_ms: number): number {
  const share = Math.log(rtt_ms / kNearestMs) / Math.log(kFarthestMs / kNearestMs);
  return kInner + (kOuter - kInner) * Math.min(1, Math.max(0, share));
}

/** By name around the clock, so that nobody jumps when a round trip changes. */
export function placeAll(wishes: Wish[]): Placed[] {
  const byName = [...wishes].sort((a, b) => (a.name < b.name ? -1 : 1));
  return byName.map(({ name, rtt_ms, isReached }, index) => {
    const angle = (2 * Math.PI * (index + 0.3)) / byName.length - Math.PI / 2;
    const radius = isReached ? radiusOf(rtt_ms ?? kFarthestMs) : kRim;
    const x = radius * Math.cos(angle);
    return { name, x, y: radius * Math.sin(angle), side: Math.abs(x) < 40 ? 'middle' : x < 0 ? 'left' : 'right' };
  });
}
