import { describe, expect, it } from 'vitest';
import { kRim, placeAll, radiusOf, type Layout, type Wish } from './layout';

const wish = (name: string, more: Partial<Wish> = {}): Wish => ({ name, rtt_ms: 1, isReached: true, relay: '', ...more });
const at = (layout: Layout, index: number) => ({ x: layout.places[2 * index]!, y: layout.places[2 * index + 1]! });
const far = (layout: Layout, index: number) => Math.hypot(at(layout, index).x, at(layout, index).y);
const angle = (layout: Layout, index: number) => Math.atan2(at(layout, index).y, at(layout, index).x);

describe('radiusOf', () => {
  it('grows with the round trip, and has two ends', () => {
    const radii = [0.01, 0.3, 1, 10, 100, 300, 9000].map(radiusOf);
    expect(radii[0]).toBe(80);
    expect(radii[1]).toBe(80);
    expect(radii[5]).toBe(215);
    expect(radii[6]).toBe(215);
    expect([...radii].sort((a, b) => a - b)).toEqual(radii);
  });
});

describe('placeAll', () => {
  it('puts who has no link on the rim', () => {
    const layout = placeAll([wish('b', { rtt_ms: null, isReached: false }), wish('a')]);
    expect(far(layout, 1)).toBeCloseTo(radiusOf(1), 3);
    expect(far(layout, 0)).toBeCloseTo(kRim, 3);
    expect(layout).toMatchObject({ scale: 1, radius: kRim });
  });
  it('leaves everybody where they are when a round trip changes', () => {
    const wishes = ['a', 'b', 'c'].map((name) => wish(name));
    const before = placeAll(wishes);
    const after = placeAll([wish('a', { rtt_ms: 50 }), ...wishes.slice(1)]);
    expect(after.places.slice(2)).toEqual(before.places.slice(2));
    expect(angle(after, 0)).toBeCloseTo(angle(before, 0));
  });
  it('puts who is relayed beside who relays', () => {
    const layout = placeAll([wish('a'), wish('b'), wish('c'), wish('d'), wish('z', { relay: 'a' }), wish('y', { relay: 'nobody' })]);
    const steps = [0, 1, 4].map((index) => angle(layout, index));
    expect(steps[2]! - steps[0]!).toBeCloseTo((2 * Math.PI) / 6);
    expect(steps[1]! - steps[0]!).toBeCloseTo((4 * Math.PI) / 6);
  });
  it('gives thousands room', () => {
    const wishes = Array.from({ length: 5_000 }, (_, index) => wish(`n${index}`, { isReached: index < 2_500, rtt_ms: 1 + (index % 200) }));
    const layout = placeAll(wishes);
    expect(layout.scale).toBeGreaterThan(3);
    let nearest = Infinity;
    for (let a = 2_500; a < 2_600; a += 1) {
      for (let b = 2_500; b < 5_000; b += 1) {
        if (a !== b) nearest = Math.min(nearest, Math.hypot(at(layout, a).x - at(layout, b).x, at(layout, a).y - at(layout, b).y));
      }
    }
    expect(nearest).toBeGreaterThan(15);
    for (let index = 0; index < 5_000; index += 1) expect(far(layout, index)).toBeLessThanOrEqual(layout.radius + 1);
  });
  it('has room for nobody', () => expect(placeAll([]).places).toHaveLength(0));
});
