// What the signs of the picture mean.

import type { ReactNode } from 'react';

export function Legend() {
  return (
    <ul className="legend">
      <Sign text="post-quantum keys">
        <circle className="safe" cx="16" cy="8" r="4" />
        <circle className="safe-ring" cx="16" cy="8" r="6.5" />
      </Sign>
      <Sign text="no such keys yet">
        <circle className="open" cx="16" cy="8" r="5" />
      </Sign>
      <Sign text="stock WireGuard">
        <rect className="stock" x="11.5" y="3.5" width="9" height="9" />
      </Sign>
      <Sign text="no link open">
        <circle className="idle" cx="16" cy="8" r="3.5" />
      </Sign>
      <Sign text="cannot be reached">
        <path className="gone" d="M12 4l8 8M20 4l-8 8" />
      </Sign>
      <Sign text="direct">
        <path className="line direct" d="M0 8H32" />
      </Sign>
      <Sign text="relayed">
        <path className="line relay" d="M0 8H32" />
      </Sign>
      <Sign text="over TCP">
        <path className="line tcp" d="M0 8H32" />
      </Sign>
      <Sign text="ticks: packets lost">
        <path className="line direct" d="M0 8H32" />
        <path className="lost" d="M13 4v8M18 4v8" />
      </Sign>
      <Sign text="attacks; arc: its blast radius">
        <path className="attack" d="M16 4l4 4-4 4-4-4z" />
        <path className="reach" d="M16 1a7 7 0 0 1 0 14" />
      </Sign>
      <Sign text="blocked">
        <circle className="blocked" cx="16" cy="8" r="5" />
        <path className="bar" d="M13 8h6" />
      </Sign>
      <li>Distance from the middle: the round trip.</li>
    </ul>
  );
}

function Sign({ text, children }: { text: string; children: ReactNode }) {
  return (
    <li>
      <svg viewBox="0 0 32 16" width="32" height="16" aria-hidden="true">
        {children}
      </svg>
      {text}
    </li>
  );
}
