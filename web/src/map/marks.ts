// The signs that nodes are drawn with. All of one look are one path where that is large enough to be seen as what it is,
// and squares of a few pixels where it is not: thousands of nodes cost what a few strokes cost.

import type { Ink } from './ink';
import type { Look } from './mesh_map';

export interface At {
  x: number;
  y: number;
}

/** Radius of a node, in pixels. */
export const kLargest = 10;
export const kSmallest = 1.7;
// Below it there is no room for a ring, or for a bar.
const kDetailed = 4.5;
// Below it a circle cannot be told from a square.
const kRound = 2.6;

/** Where many stand close, each is smaller. */
export function radiusAt(zoom: number, scale: number): number {
  return Math.min(kLargest, Math.max(kSmallest, (9 * zoom) / Math.min(2, Math.sqrt(scale))));
}

/** No two looks differ by colour alone. */
export function drawMarks(context: CanvasRenderingContext2D, ink: Ink, look: Look, radius: number, places: At[]): void {
  if (places.length === 0) return;
  context.lineWidth = Math.max(1, radius / 5);
  context.lineCap = 'round';
  switch (look) {
    case 'safe':
      context.fillStyle = context.strokeStyle = ink.good;
      fill(context, radius >= kDetailed ? radius * 0.9 : radius, places);
      if (radius >= kDetailed) ring(context, radius * 1.35, places);
      return;
    case 'open':
      context.fillStyle = ink.surface;
      context.strokeStyle = ink.warning;
      fill(context, radius, places);
      return ring(context, radius, places);
    case 'stock':
      context.fillStyle = ink.info;
      return squares(context, radius * 0.85, places);
    case 'idle':
      context.fillStyle = ink.surface;
      context.strokeStyle = ink.faint;
      fill(context, radius * 0.7, places);
      return ring(context, radius * 0.7, places);
    case 'gone':
      context.strokeStyle = ink.serious;
      context.lineWidth *= 1.4;
      return crosses(context, radius * 0.8, places);
  }
}

/** Across those that are blocked. */
export function drawBars(context: CanvasRenderingContext2D, ink: Ink, radius: number, places: At[]): void {
  if (radius < kDetailed || places.length === 0) return;
  context.strokeStyle = ink.surface;
  context.lineWidth = radius / 3;
  context.beginPath();
  for (const { x, y } of places) {
    context.moveTo(x - radius * 0.6, y);
    context.lineTo(x + radius * 0.6, y);
  }
  context.stroke();
}

function fill(context: CanvasRenderingContext2D, radius: number, places: At[]): void {
  if (radius < kRound) return squares(context, radius * 0.9, places);
  circles(context, radius, places);
  context.fill();
}

function ring(context: CanvasRenderingContext2D, radius: number, places: At[]): void {
  if (radius < kRound) {
    for (const { x, y } of places) context.strokeRect(x - radius, y - radius, 2 * radius, 2 * radius);
    return;
  }
  circles(context, radius, places);
  context.stroke();
}

function circles(context: CanvasRenderingContext2D, radius: number, places: At[]): void {
  context.beginPath();
  for (const { x, y } of places) {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
}

function squares(context: CanvasRenderingContext2D, half: number, places: At[]): void {
  for (const { x, y } of places) context.fillRect(x - half, y - half, 2 * half, 2 * half);
}

function crosses(context: CanvasRenderingContext2D, half: number, places: At[]): void {
  context.beginPath();
  for (const { x, y } of places) {
    context.moveTo(x - half, y - half);
    context.lineTo(x + half, y + half);
    context.moveTo(x - half, y + half);
    context.lineTo(x + half, y - half);
  }
  context.stroke();
}
