import { describe, expect, it } from 'vitest';
import { kRim, placeAll, radiusOf } from './layout';

const far = (at: { x: number; y: number }) => Math.hypot(at.x, at.y);

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
  it('puts who cannot be reached on the rim', () => {
    const [a, b] = placeAll([{ name: 'b', rtt_ms: null, isReached: false }, { name: 'a', rtt_ms: 1, isReached: true }]);
    expect([a!.name, b!.name]).toEqual(['a', 'b']);
    expect(far(a!)).toBeCloseTo(radiusOf(1));
    expect(far(b!)).toBeCloseTo(kRim);
  });
  it('leaves everybody where they are when a round trip changes', () => {
    const wishes = ['a', 'b', 'c'].map((name) => ({ name, rtt_ms: 1, isReached: true }));
    const before = placeAll(wishes);
    const after = placeAll([{ ...wishes[0]!, rtt_ms: 50 }, ...wishes.slice(1)]);
    expect(after.slice(1)).toEqual(before.slice(1));
    expect(Math.atan2(after[0]!.y, after[0]!.x)).toBeCloseTo(Math.atan2(before[0]!.y, before[0]!.x));
  });
  it('has room for nobody', () => expect(placeAll([])).toEqual([]));
});
