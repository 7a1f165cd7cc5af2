// Names in the picture: as many as have room without covering each other, the important first.

import { toScreen } from './camera';
import type { Ink } from './ink';
import { radiusAt } from './marks';
import { underName } from './mesh_map';
import type { Scene, Seen } from './paint';

const kLabelsMax = 90;
// More are not even tried: in a frame there is no time for it.
const kTriedMax = 400;
// Nodes smaller than this have a name only where something is the matter with them.
const kNamedRadius = 4;
const kDetailRadius = 7;
const kLineHeight = 15;
const kNameWeight = 600;
const kDetailWeight = 400;

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

// With more nodes than this in sight names may cover some of them.
const kKeptFreeMax = 120;

export function drawLabels(context: CanvasRenderingContext2D, scene: Scene, seen: Seen[]): void {
  const { map, ink, camera, size, focus } = scene;
  const radius = radiusAt(camera.zoom, map.scale);
  const taken: Box[] = [];
  context.lineJoin = 'round';
  drawSelfName(context, scene, taken);
  const kept = seen.length <= kKeptFreeMax ? seen : seen.filter(({ node }) => node.risk > 0);
  const signs = kept.map((each) => ({ index: each.index, box: around(each, radius) }));
  let left = kLabelsMax;
  for (const each of ordered(scene, seen, radius)) {
    const isShown = each.node.risk > 0 || radius >= kDetailRadius || each.index === focus.selected;
    const detail = isShown ? underName(each.node) : '';
    const places = placesOf(context, scene, each, detail, radius);
    const isFree = ({ box }: Place) => box.left > 0 && box.right < size.width && !taken.some((other) => overlaps(box, other));
    const hidesNone = ({ box }: Place) => !signs.some((other) => other.index !== each.index && overlaps(box, other.box));
    const place = places.find((one) => isFree(one) && hidesNone(one)) ?? places.find(isFree);
    if (!place) continue;
    taken.push(place.box);
    context.textAlign = place.align;
    write(context, ink, each.node.peer.name, place.x, place.box.top + 12, kNameWeight, ink.ink);
    if (detail) write(context, ink, detail, place.x, place.box.top + 12 + kLineHeight, kDetailWeight, each.node.risk > 0 ? ink.serious : ink.faint);
    left -= 1;
    if (left === 0) break;
  }
}

interface Place {
  box: Box;
  x: number;
  align: CanvasTextAlign;
}

// Beside it, away from the middle; else on the other side, below, above.
function placesOf(context: CanvasRenderingContext2D, { map, camera, size, ink }: Scene, { node, x, y }: Seen, detail: string, radius: number): Place[] {
  const gap = node.risk > 0 ? Math.max(5, radius) * 2.1 + 14 : Math.max(6, radius) * 1.4 + 5;
  const width = Math.max(widthOf(context, ink, node.peer.name, kNameWeight), detail ? widthOf(context, ink, detail, kDetailWeight) : 0);
  const height = detail ? 2 * kLineHeight : kLineHeight;
  const right: Place = { box: boxAt(x + gap, y - height / 2, width, height), x: x + gap, align: 'left' };
  const left: Place = { box: boxAt(x - gap - width, y - height / 2, width, height), x: x - gap, align: 'right' };
  const below: Place = { box: boxAt(x - width / 2, y + gap - 2, width, height), x, align: 'center' };
  const above: Place = { box: boxAt(x - width / 2, y - gap - height, width, height), x, align: 'center' };
  const isLeft = x < toScreen(camera, size, 0, 0).x;
  if (map.scale > 1) return isLeft ? [left, right] : [right, left];
  return isLeft ? [left, right, below, above] : [right, left, below, above];
}

function boxAt(left: number, top: number, width: number, height: number): Box {
  return { left, top, right: left + width, bottom: top + height };
}

function around({ node, x, y }: Seen, radius: number): Box {
  const side = node.risk > 0 ? Math.max(5, radius) * 2.1 + 8 : radius * 1.3;
  return boxAt(x - side, y - side, 2 * side, 2 * side);
}

function drawSelfName(context: CanvasRenderingContext2D, scene: Scene, taken: Box[]): void {
  const { map, camera, size, selfName, ink } = scene;
  const middle = toScreen(camera, size, 0, 0);
  const y = middle.y + Math.max(8, 2.4 * radiusAt(camera.zoom, map.scale)) + 14;
  context.textAlign = 'center';
  write(context, ink, selfName, middle.x, y, kNameWeight, ink.ink);
  const half = widthOf(context, ink, selfName, kNameWeight) / 2 + 4;
  taken.push({ left: middle.x - half, right: middle.x + half, top: middle.y - 20, bottom: y + 4 });
}

const kNever = 9;

// The one that is looked at, those that attack, those that are searched for, those that relay, those that fail; then the rest.
function ordered({ focus }: Scene, seen: Seen[], radius: number): Seen[] {
  const relays = new Set(seen.map(({ node }) => node.relay));
  const rankOf = ({ index, node }: Seen): number => {
    if (index === focus.selected || index === focus.hovered) return 0;
    if (focus.found !== null && focus.found[index] !== 1) return kNever;
    if (node.risk > 0) return 1;
    if (focus.found !== null) return 2;
    if (radius < kNamedRadius) return kNever;
    return relays.has(index) ? 3 : node.look === 'gone' ? 4 : 5;
  };
  const ranks = seen.map((each) => ({ each, rank: rankOf(each) })).filter(({ rank }) => rank < kNever);
  return ranks.sort((a, b) => a.rank - b.rank || b.each.node.risk - a.each.node.risk).slice(0, kTriedMax).map(({ each }) => each);
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

const kWidthsMax = 20_000;
const widths = new Map<string, number>();

function widthOf(context: CanvasRenderingContext2D, ink: Ink, text: string, weight: number): number {
  const key = `${weight} ${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  if (widths.size >= kWidthsMax) widths.clear();
  context.font = fontOf(ink, weight);
  const { width } = context.measureText(text);
  widths.set(key, width);
  return width;
}

function fontOf(ink: Ink, weight: number): string {
  return `${weight} ${weight > 500 ? 13 : 12}px ${ink.sans}`;
}

// On a ground of its own colour, so that lines below do not disturb it.
function write(context: CanvasRenderingContext2D, ink: Ink, text: string, x: number, y: number, weight: number, colour: string): void {
  context.font = fontOf(ink, weight);
  context.strokeStyle = ink.surface;
  context.lineWidth = 3.5;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}
