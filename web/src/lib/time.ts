// Times as people say them, in the viewer's zone. The exact value is always beside it: see ui/time.tsx.

const kMinute = 60;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;

/** A length in seconds: "8 s", "4 min", "3 h 20 min", "12 d". Two parts at most. */
export function lengthText(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < kMinute) return `${s} s`;
  if (s < kHour) return `${Math.floor(s / kMinute)} min`;
  if (s < kDay) return parts(s, kHour, 'h', kMinute, 'min');
  return parts(s, kDay, 'd', kHour, 'h');
}

function parts(s: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((s % large) / small);
  const whole = `${Math.floor(s / large)} ${largeUnit}`;
  return rest === 0 || s >= 7 * kDay ? whole : `${whole} ${rest} ${smallUnit}`;
}

/** Relative to `nowMs`: "just now", "4 min ago", "in 2 h". */
export function agoText(atMs: number, nowMs: number): string {
  const s = (nowMs - atMs) / 1000;
  if (Math.abs(s) < 5) return 'just now';
  return s > 0 ? `${lengthText(s)} ago` : `in ${lengthText(-s)}`;
}

/** The exact instant, in the zone of the viewer and in UTC. */
export function exactText(iso: string, zone?: string): string {
  const local = new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'medium',
    timeStyle: 'long',
    timeZone: zone,
  }).format(new Date(iso));
  return `${local} (${iso})`;
}

/** The time of day to the millisecond, for timelines: "14:03:07.512". */
export function clockText(iso: string, zone?: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    timeZone: zone,
  }).format(new Date(iso));
}

/** Milliseconds since the epoch; null where `iso` is none (the API says "" for never). */
export function parseTime(iso: string | null | undefined): number | null {
  if (!iso) return null;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? null : ms;
}
