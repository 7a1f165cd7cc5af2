// One frame of the picture of the mesh:
//   1. circles of the round trip
//   2. the lines to those that are seen, by their way; ticks where packets are lost
//   3. nodes, all of one look at once (marks.ts)
//   4. above them those that attack, in a diamond with the blast radius as an arc
//   5. this node
//   6. names, as many as have room, the important first (labels.ts)
// How much of it is drawn depends on how many are seen: a line of dashes costs more than it says among thousands.

import { toScreen, type Camera, type Size } from './camera';
import type { Ink } from './ink';
import { drawLabels } from './labels';
import { kCircles, radiusOf } from './layout';
import { drawBars, drawMarks, radiusAt } from './marks';
import { kLossShown, type Look, type MapNode, type MeshMap } from './mesh_map';

export interface Focus {
  /** -1: none */
  selected: number;
  hovered: number;
  /** By index, 1 for those that a search finds; null where nothing is searched for. */
  found: Uint8Array | null;
}

export interface Scene {
  map: MeshMap;
  camera: Camera;
  size: Size;
  focus: Focus;
  ink: Ink;
  selfName: string;
}

export interface Seen {
  index: number;
  node: MapNode;
  x: number;
  y: number;
}

// With more lines than these in sight they are thin, and not dashed.
const kDashedMax = 150;
const kLossTicks = [kLossShown, 0.05, 0.2];
const kDim = 0.16;

export function paint(context: CanvasRenderingContext2D, scene: Scene): void {
  const { size, ink } = scene;
  context.clearRect(0, 0, size.width, size.height);
  context.font = `12px ${ink.sans}`;
  const seen = inSight(scene);
  drawCircles(context, scene);
  drawLines(context, scene, seen);
  drawNodes(context, scene, seen);
  drawAttackers(context, scene, seen);
  drawSelf(context, scene);
  drawLabels(context, scene, seen);
}

function inSight({ map, camera, size }: Scene): Seen[] {
  const margin = 30;
  const seen: Seen[] = [];
  map.nodes.forEach((node, index) => {
    const x = (node.x - camera.x) * camera.zoom + size.width / 2;
    const y = (node.y - camera.y) * camera.zoom + size.height / 2;
    if (x > -margin && y > -margin && x < size.width + margin && y < size.height + margin) seen.push({ index, node, x, y });
  });
  return seen;
}

function drawCircles(context: CanvasRenderingContext2D, { map, camera, size, ink }: Scene): void {
  const middle = toScreen(camera, size, 0, 0);
  context.strokeStyle = ink.line;
  context.fillStyle = ink.faint;
  context.lineWidth = 1;
  context.textAlign = 'center';
  for (const ms of kCircles) {
    const radius = map.scale * radiusOf(ms) * camera.zoom;
    context.beginPath();
    context.arc(middle.x, middle.y, radius, 0, 2 * Math.PI);
    context.stroke();
    context.fillText(`${ms} ms`, middle.x, middle.y - radius - 4);
  }
}

// ---- Lines ----

const kWays = ['direct', 'relay', 'tcp'] as const;
const kDashes: Record<(typeof kWays)[number], number[]> = { direct: [], relay: [7, 4], tcp: [1.5, 4] };

function drawLines(context: CanvasRenderingContext2D, scene: Scene, seen: Seen[]): void {
  const { ink, focus } = scene;
  const linked = seen.filter(({ node }) => node.peer.path !== 'none');
  const isDense = linked.length > kDashedMax;
  context.lineCap = 'butt';
  for (const way of kWays) {
    const of = linked.filter(({ node, index }) => node.peer.path === way && isLitIn(focus, index));
    context.strokeStyle = way === 'direct' ? ink.accent : ink.faint;
    context.lineWidth = isDense ? 0.6 : way === 'direct' ? 2 : 1.5;
    context.globalAlpha = isDense ? Math.max(0.14, 0.7 - of.length / 1_500) : 1;
    context.setLineDash(isDense ? [] : kDashes[way]);
    context.beginPath();
    for (const each of of) traceLine(context, scene, each);
    context.stroke();
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
  if (!isDense) for (const each of linked) drawLoss(context, scene, each);
  drawWayOf(context, scene, focus.hovered);
  drawWayOf(context, scene, focus.selected);
}

function isLitIn(focus: Focus, index: number): boolean {
  return focus.found === null || focus.found[index] === 1;
}

// From whoever hands the packets on: this node, or the one that relays.
function originOf({ map, camera, size }: Scene, node: MapNode): { x: number; y: number } {
  const relay = map.nodes[node.relay];
  return relay ? toScreen(camera, size, relay.x, relay.y) : toScreen(camera, size, 0, 0);
}

// Where it leaves the window it is cut: dashes are laid from end to end, seen or not.
function traceLine(context: CanvasRenderingContext2D, scene: Scene, { node, x, y }: Seen): void {
  const from = originOf(scene, node);
  const length = Math.hypot(from.x - x, from.y - y);
  const kept = Math.min(1, (scene.size.width + scene.size.height) / Math.max(1, length));
  context.moveTo(x, y);
  context.lineTo(x + (from.x - x) * kept, y + (from.y - y) * kept);
}

// One tick across the line for little, three for much.
function drawLoss(context: CanvasRenderingContext2D, scene: Scene, { node, x, y }: Seen): void {
  if (node.loss < kLossShown) return;
  const from = originOf(scene, node);
  const length = Math.hypot(from.x - x, from.y - y) || 1;
  const [alongX, alongY] = [(from.x - x) / length, (from.y - y) / length];
  context.strokeStyle = scene.ink.serious;
  context.lineWidth = 2;
  context.beginPath();
  kLossTicks.forEach((least, index) => {
    if (node.loss < least) return;
    const far = Math.min(length / 2, 34) + 5 * index;
    const [atX, atY] = [x + far * alongX, y + far * alongY];
    context.moveTo(atX - 5 * alongY, atY + 5 * alongX);
    context.lineTo(atX + 5 * alongY, atY - 5 * alongX);
  });
  context.stroke();
}

// All the way from this node, over the relay.
function drawWayOf(context: CanvasRenderingContext2D, scene: Scene, index: number): void {
  const { map, camera, size, ink } = scene;
  const node = map.nodes[index];
  if (!node || node.peer.path === 'none') return;
  const middle = toScreen(camera, size, 0, 0);
  const relay = originOf(scene, node);
  const end = toScreen(camera, size, node.x, node.y);
  context.strokeStyle = ink.accent;
  context.lineWidth = 2.5;
  context.beginPath();
  context.moveTo(middle.x, middle.y);
  context.lineTo(relay.x, relay.y);
  context.lineTo(end.x, end.y);
  context.stroke();
}

// ---- Nodes ----

const kLooks: Look[] = ['idle', 'gone', 'stock', 'open', 'safe'];

function drawNodes(context: CanvasRenderingContext2D, { map, camera, focus, ink }: Scene, seen: Seen[]): void {
  const radius = radiusAt(camera.zoom, map.scale);
  const calm = seen.filter(({ node }) => node.risk === 0);
  for (const isLit of [false, true]) {
    const of = calm.filter(({ index }) => isLitIn(focus, index) === isLit);
    context.globalAlpha = isLit ? 1 : kDim;
    for (const look of kLooks) drawMarks(context, ink, look, radius, of.filter(({ node }) => node.look === look));
    drawBars(context, ink, radius, of.filter(({ node }) => node.isBlocked));
  }
  for (const { index, x, y } of seen) {
    if (index !== focus.selected && index !== focus.hovered) continue;
    context.strokeStyle = ink.ink;
    context.lineWidth = index === focus.selected ? 2.5 : 1.5;
    context.beginPath();
    context.arc(x, y, Math.max(6, radius) * 1.8, 0, 2 * Math.PI);
    context.stroke();
  }
}

function drawAttackers(context: CanvasRenderingContext2D, { map, camera, ink, focus }: Scene, seen: Seen[]): void {
  const radius = Math.max(5, radiusAt(camera.zoom, map.scale));
  const side = radius * 2.1;
  for (const each of seen) {
    const { node, index, x, y } = each;
    if (node.risk === 0) continue;
    context.globalAlpha = isLitIn(focus, index) ? 1 : kDim;
    context.fillStyle = ink['serious-ground'];
    context.strokeStyle = ink.serious;
    context.lineWidth = 2;
    context.beginPath();
    context.moveTo(x, y - side);
    context.lineTo(x + side, y);
    context.lineTo(x, y + side);
    context.lineTo(x - side, y);
    context.closePath();
    context.fill();
    context.stroke();
    drawReach(context, ink, x, y, side + 7, node.reach);
    drawMarks(context, ink, node.look, radius, [each]);
    if (node.isBlocked) drawBars(context, ink, radius, [each]);
  }
  context.globalAlpha = 1;
}

// The whole ring is all that matters; the part in colour is within reach.
function drawReach(context: CanvasRenderingContext2D, ink: Ink, x: number, y: number, radius: number, reach: number): void {
  context.lineWidth = 4;
  context.lineCap = 'butt';
  context.strokeStyle = ink.line;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
  context.strokeStyle = ink.serious;
  context.beginPath();
  context.arc(x, y, radius, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * reach);
  context.stroke();
}

function drawSelf(context: CanvasRenderingContext2D, { map, camera, size, ink }: Scene): void {
  const { x, y } = toScreen(camera, size, 0, 0);
  const radius = radiusAt(camera.zoom, map.scale);
  for (const [colour, far] of [[ink.surface, Math.max(8, 2.4 * radius)], [ink.accent, Math.max(6, 2 * radius)]] as const) {
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, far, 0, 2 * Math.PI);
    context.fill();
  }
}
