// The canvas of the picture: what hands and keys do to it, and when it is drawn. It draws only when something has changed,
// at most once in a frame. React owns the element, this owns what is on it.

import { bounded, fit, panned, toLayout, zoomedAt, type Camera, type Size } from './camera';
import { readInk, watchInk } from './ink';
import { nearest, nextTowards, type MeshMap } from './mesh_map';
import { paint, type Focus } from './paint';

export interface StageListener {
  selected(index: number): void;
  opened(index: number): void;
  /** After the hand has come to rest. */
  moved(camera: Camera): void;
}

const kRatioMax = 2;
const kPickPx = 14;
const kClickPx = 5;
const kRestMs = 250;
const kStep = 1.25;
const kGlideMs = 220;
const kArrows: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Stage {
  private map: MeshMap = { nodes: [], indexOf: new Map(), scale: 1, radius: 250 };
  private focus: Focus = { selected: -1, hovered: -1, found: null };
  private selfName = '';
  private size: Size = { width: 1, height: 1 };
  private camera: Camera | null;
  private ink;
  private frame = 0;
  private resting: ReturnType<typeof setTimeout> | undefined;
  private readonly hands = new Map<number, { x: number; y: number }>();
  private travelled = 0;
  private readonly ending = new AbortController();

  constructor(
    private readonly canvas: HTMLCanvasElement,
    camera: Camera | null,
    private readonly listener: StageListener,
  ) {
    this.camera = camera;
    this.ink = readInk(canvas);
    const unwatch = watchInk(() => this.inkChanged());
    const sizes = new ResizeObserver(() => this.resized());
    sizes.observe(canvas);
    this.ending.signal.addEventListener('abort', () => {
      unwatch();
      sizes.disconnect();
      cancelAnimationFrame(this.frame);
      clearTimeout(this.resting);
    });
    this.listen();
    this.resized();
  }

  close(): void {
    this.ending.abort();
  }

  show(map: MeshMap, selfName: string, focus: Pick<Focus, 'selected' | 'found'>): void {
    this.map = map;
    this.selfName = selfName;
    this.focus = { ...focus, hovered: this.focus.hovered < map.nodes.length ? this.focus.hovered : -1 };
    this.draw();
  }

  zoom(factor: number): void {
    this.turn(zoomedAt(this.current(), this.size, factor, this.size.width / 2, this.size.height / 2));
  }

  fit(): void {
    this.glide(fit(this.map.radius, this.size));
  }

  /** So near that its name can be read. */
  centreOn(index: number): void {
    const node = this.map.nodes[index];
    if (node) this.glide({ x: node.x, y: node.y, zoom: Math.max(this.current().zoom, 0.9) });
  }

  // ---- Drawing ----

  private current(): Camera {
    return this.camera ?? fit(this.map.radius, this.size);
  }

  private draw(): void {
    if (this.frame === 0 && !this.ending.signal.aborted) this.frame = requestAnimationFrame(() => this.drawNow());
  }

  private drawNow(): void {
    this.frame = 0;
    const context = this.canvas.getContext('2d');
    if (!context) return;
    context.setTransform(ratio(), 0, 0, ratio(), 0, 0);
    const { map, size, focus, ink, selfName } = this;
    paint(context, { map, camera: this.current(), size, focus, ink, selfName });
  }

  private inkChanged(): void {
    this.ink = readInk(this.canvas);
    this.draw();
  }

  private resized(): void {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width === 0 || height === 0) return;
    this.size = { width, height };
    this.canvas.width = width * ratio();
    this.canvas.height = height * ratio();
    this.draw();
  }

  // ---- Moving ----

  private turn(camera: Camera): void {
    this.camera = bounded(camera, this.map.radius, this.size);
    this.draw();
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.camera && this.listener.moved(this.camera), kRestMs);
  }

  private glide(to: Camera): void {
    const from = this.current();
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return this.turn(to);
    const began = performance.now();
    const step = () => {
      const share = Math.min(1, (performance.now() - began) / kGlideMs);
      const eased = 1 - (1 - share) ** 3;
      const between = (a: number, b: number) => a + (b - a) * eased;
      this.turn({ x: between(from.x, to.x), y: between(from.y, to.y), zoom: between(from.zoom, to.zoom) });
      if (share < 1 && !this.ending.signal.aborted) requestAnimationFrame(step);
    };
    step();
  }

  // ---- Hands and keys ----

  private listen(): void {
    const on = <K extends keyof HTMLElementEventMap>(type: K, does: (event: HTMLElementEventMap[K]) => void) =>
      this.canvas.addEventListener(type, does, { signal: this.ending.signal, passive: false });
    on('pointerdown', (event) => this.down(event));
    on('pointermove', (event) => this.moved(event));
    on('pointerup', (event) => this.up(event, true));
    on('pointercancel', (event) => this.up(event, false));
    on('pointerleave', () => this.hover(-1));
    on('dblclick', (event) => this.openAt(event));
    on('wheel', (event) => this.wheel(event));
    on('keydown', (event) => this.key(event));
  }

  private placeOf(event: MouseEvent): { x: number; y: number } {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private pick(event: MouseEvent): number {
    const { x, y } = this.placeOf(event);
    const at = toLayout(this.current(), this.size, x, y);
    return nearest(this.map, at.x, at.y, kPickPx / this.current().zoom);
  }

  private down(event: PointerEvent): void {
    this.canvas.setPointerCapture(event.pointerId);
    this.hands.set(event.pointerId, this.placeOf(event));
    this.travelled = 0;
  }

  // One hand moves it; two zoom it as well.
  private moved(event: PointerEvent): void {
    const before = this.hands.get(event.pointerId);
    if (!before) return this.hover(this.pick(event));
    const now = this.placeOf(event);
    const other = [...this.hands].find(([id]) => id !== event.pointerId)?.[1];
    this.hands.set(event.pointerId, now);
    this.travelled += Math.hypot(now.x - before.x, now.y - before.y);
    if (!other) return this.turn(panned(this.current(), now.x - before.x, now.y - before.y));
    const factor = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
    const held = zoomedAt(this.current(), this.size, factor, (now.x + other.x) / 2, (now.y + other.y) / 2);
    this.turn(panned(held, (now.x - before.x) / 2, (now.y - before.y) / 2));
  }

  private up(event: PointerEvent, isDone: boolean): void {
    const isLast = this.hands.delete(event.pointerId) && this.hands.size === 0;
    if (isDone && isLast && this.travelled < kClickPx) this.listener.selected(this.pick(event));
  }

  private openAt(event: MouseEvent): void {
    const index = this.pick(event);
    if (index >= 0) this.listener.opened(index);
    else this.turn(zoomedAt(this.current(), this.size, 2, this.placeOf(event).x, this.placeOf(event).y));
  }

  private hover(index: number): void {
    if (index === this.focus.hovered) return;
    this.focus = { ...this.focus, hovered: index };
    this.canvas.classList.toggle('pointing', index >= 0);
    this.draw();
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const { x, y } = this.placeOf(event);
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    this.turn(zoomedAt(this.current(), this.size, Math.exp(-event.deltaY * lines * 0.0016), x, y));
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const does = this.keyed(event);
    if (!does) return;
    event.preventDefault();
    does();
  }

  private keyed({ key, shiftKey }: KeyboardEvent): (() => void) | null {
    const arrow = kArrows[key];
    if (arrow && shiftKey) return () => this.turn(panned(this.current(), -60 * arrow[0], -60 * arrow[1]));
    if (arrow) return () => this.goTowards(...arrow);
    const { selected } = this.focus;
    switch (key) {
      case '+':
      case '=':
        return () => this.zoom(kStep);
      case '-':
        return () => this.zoom(1 / kStep);
      case '0':
        return () => this.fit();
      case 'Enter':
        return selected >= 0 ? () => this.listener.opened(selected) : null;
      case 'Escape':
        return selected >= 0 ? () => this.listener.selected(-1) : null;
      default:
        return null;
    }
  }

  private goTowards(dx: number, dy: number): void {
    const from = this.map.nodes[this.focus.selected] ?? { x: 0, y: 0 };
    const next = nextTowards(this.map, from, dx, dy);
    if (next < 0) return;
    this.listener.selected(next);
    this.centreOn(next);
  }
}

function ratio(): number {
  return Math.min(kRatioMax, devicePixelRatio || 1);
}
