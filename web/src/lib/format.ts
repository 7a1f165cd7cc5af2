// Numbers and names as people read them.

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function rttText(ms: number | null): string {
  if (ms === null) return '–';
  return ms < 10 ? `${ms.toFixed(2)} ms` : ms < 100 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** 71 -> "7.1". */
export function riskText(tenths: number): string {
  return (tenths / 10).toFixed(1);
}

export type Tone = 'critical' | 'serious' | 'warning' | 'good' | 'info' | 'quiet';

/** The same borders as those of the priorities (docs/response.md). */
export function riskTone(tenths: number): Tone {
  if (tenths >= 90) return 'critical';
  if (tenths >= 70) return 'serious';
  if (tenths >= 50) return 'warning';
  return tenths >= 30 ? 'info' : 'quiet';
}

export function riskWord(tenths: number): string {
  if (tenths >= 90) return 'critical';
  if (tenths >= 70) return 'high';
  if (tenths >= 50) return 'medium';
  return tenths >= 30 ? 'low' : 'slight';
}

/** "behaviour:port-scan" -> "Port scan"; "suricata:9000002" stays what it is. */
export function ruleText(rule: string): string {
  const found = /^(?:behaviour|api):([a-z0-9-]+)$/.exec(rule);
  return found ? sentence(found[1]!.replaceAll('-', ' ')) : rule;
}

/** "false_positive" -> "False positive". */
export function sentence(word: string): string {
  const text = word.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A subject: the member's name where it is known, else its address. */
export function subjectText(of: { subject: string; subject_name: string }): string {
  return of.subject_name || of.subject;
}
