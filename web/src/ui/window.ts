// Of a long list, the rows that are in sight.

import { useEffect, useRef, useState } from 'react';

/** As high as each row of a windowed table is (style/parts.css). */
export const kRowPx = 42;
const kBeyond = 12;

export function windowOf(count: number, top: number, height: number): { from: number; to: number } {
  const first = Math.floor(top / kRowPx);
  const from = Math.max(0, Math.min(first, count) - kBeyond);
  return { from, to: Math.min(count, Math.max(0, first) + Math.ceil(height / kRowPx) + kBeyond) };
}

export function useWindow(count: number, isOn: boolean) {
  const room = useRef<HTMLDivElement>(null);
  const [{ top, height }, setView] = useState({ top: 0, height: 800 });
  useEffect(() => {
    const element = room.current;
    if (!isOn || !element) return;
    const look = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    look();
    return () => {
      sizes.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [isOn]);
  return { room, ...windowOf(count, top, height) };
}
