import { describe, expect, it } from 'vitest';
import { bounded, cameraText, fit, kZoomMax, panned, readCamera, toLayout, toScreen, zoomedAt } from './camera';

const size = { width: 800, height: 600 };

describe('the camera', () => {
  it('shows all of it', () => {
    const camera = fit(1000, size);
    const { x, y } = toScreen(camera, size, 0, -1000);
    expect(x).toBe(400);
    expect(y).toBeCloseTo(48);
  });
  it('keeps what is under the pointer there', () => {
    const before = { x: 30, y: -20, zoom: 0.5 };
    const held = toLayout(before, size, 123, 456);
    const after = toScreen(zoomedAt(before, size, 1.7, 123, 456), size, held.x, held.y);
    expect(after.x).toBeCloseTo(123);
    expect(after.y).toBeCloseTo(456);
  });
  it('moves as far as the hand', () => {
    const before = { x: 0, y: 0, zoom: 2 };
    const was = toScreen(before, size, 5, 5);
    const is = toScreen(panned(before, 40, -10), size, 5, 5);
    expect([is.x - was.x, is.y - was.y]).toEqual([40, -10]);
  });
  it('does not leave the picture', () => {
    expect(bounded({ x: 5000, y: -5000, zoom: 1000 }, 250, size)).toEqual({ x: 250, y: -250, zoom: kZoomMax });
    expect(bounded({ x: 0, y: 0, zoom: 0.0001 }, 250, size).zoom).toBeCloseTo(fit(250, size).zoom / 2);
  });
});

describe('a camera in a link', () => {
  it('comes back', () => {
    const camera = { x: -12, y: 340, zoom: 0.525 };
    expect(readCamera(cameraText(camera))).toEqual(camera);
  });
  it.each(['', '1,2', 'a,b,c', '1,2,0', '1,2,3,4', '1,2,Infinity', '9999999,0,1', '1,2,-3'])('is refused: %s', (text) => expect(readCamera(text)).toBeNull());
});
