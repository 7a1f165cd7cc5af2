// Drawn with one pen: 24 units, a line of 1.75, no fill. Beside a word, never instead of one.

const kPaths = {
  overview: 'M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-4H4zM14 8h6V4h-6z',
  topology: 'M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM18 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM12 21a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM8.5 5.5h7M7.3 7.8l3.6 8.4M16.7 7.8l-3.6 8.4',
  peers: 'M4 5h16v6H4zM4 15h16v5H4zM7.5 8h.01M7.5 17.5h.01',
  flows: 'M4 8h13M13 4l4 4-4 4M20 16H7M11 12l-4 4 4 4',
  threats: 'M12 3l8 3v6c0 4.5-3.2 7.7-8 9-4.8-1.3-8-4.5-8-9V6zM12 8v5M12 16h.01',
  alerts: 'M6 16V11a6 6 0 1 1 12 0v5l2 2H4zM10 21h4',
  incidents: 'M5 3v18M5 4h12l-2 4 2 4H5',
  actions: 'M13 3L5 13h6l-1 8 9-11h-6z',
  policy: 'M7 3h8l4 4v14H7zM15 3v4h4M10 12h6M10 16h6',
  feeds: 'M5 19h.01M5 12a7 7 0 0 1 7 7M5 5a14 14 0 0 1 14 14',
  audit: 'M4 6h2M4 12h2M4 18h2M9 6h11M9 12h11M9 18h11',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM9 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  menu: 'M4 7h16M4 12h16M4 17h16',
  good: 'M5 12.5l4.5 4.5L19 7.5',
  warning: 'M12 4l9 16H3zM12 10v4M12 17h.01',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8h.01',
  critical: 'M8.5 3h7L21 8.5v7L15.5 21h-7L3 15.5v-7zM12 8v5M12 16h.01',
  quiet: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8 12h8',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  unlock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 6.8-1.2',
  out: 'M14 4h6v16h-6M4 12h11M11 8l4 4-4 4',
  theme: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 3v18M12 7l6 0M12 12h9M12 17h6',
} as const;

export type IconName = keyof typeof kPaths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={kPaths[name]} />
    </svg>
  );
}
