// What part of the picture is seen: which point is in the middle, and how large it is.

export interface Camera {
  x: number;
  y: number;
  /** Pixels of one unit of the layout. */
  zoom: number;
}

export interface Size {
  width: number;
  height: number;
}

export const kZoomMax = 40;
const kMargin = 48;

/** All of it. */
export function fit(radius: number, size: Size): Camera {
  const room = Math.max(40, Math.min(size.width, size.height) - 2 * kMargin);
  return { x: 0, y: 0, zoom: Math.min(1.6, room / (2 * radius)) };
}

/** Not farther out than twice all of it, not farther in than is of use, and never beside it. */
export function bounded(camera: Camera, radius: number, size: Size): Camera {
  const zoom = Math.min(kZoomMax, Math.max(fit(radius, size).zoom / 2, camera.zoom));
  const within = (value: number) => Math.min(radius, Math.max(-radius, value));
  return { x: within(camera.x), y: within(camera.y), zoom };
}

export function toScreen(camera: Camera, size: Size, x: number, y: number): { x: number; y: number } {
  return { x: (x - camera.x) * camera.zoom + size.width / 2, y: (y - camera.y) * camera.zoom + size.height / 2 };
}

export function toLayout(camera: Camera, size: Size, x: number, y: number): { x: number; y: number } {
  return { x: (x - size.width / 2) / camera.zoom + camera.x, y: (y - size.height / 2) / camera.zoom + camera.y };
}

/** What is at the pixel stays there. */
export function zoomedAt(camera: Camera, size: Size, factor: number, x: number, y: number): Camera {
  const zoom = Math.min(kZoomMax, camera.zoom * factor);
  const held = toLayout(camera, size, x, y);
  return { x: held.x - (x - size.width / 2) / zoom, y: held.y - (y - size.height / 2) / zoom, zoom };
}

export function panned(camera: Camera, dx: number, dy: number): Camera {
  return { ...camera, x: camera.x - dx / camera.zoom, y: camera.y - dy / camera.zoom };
}

/** As it stands in the place: "12,-340,0.5". */
export function cameraText(camera: Camera): string {
  return `${Math.round(camera.x)},${Math.round(camera.y)},${Number(camera.zoom.toPrecision(3))}`;
}

export function readCamera(text: string): Camera | null {
  const found = /^(-?\d{1,6}),(-?\d{1,6}),(\d{1,2}(?:\.\d{1,6})?)$/.exec(text);
  if (!found || Number(found[3]) === 0) return null;
  return { x: Number(found[1]), y: Number(found[2]), zoom: Number(found[3]) };
}
