// A line and a column of a text, as the node tells where a policy is wrong.

/** The offset of line and column (from 1), within the text. */
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split('\n');
  const before = lines.slice(0, Math.max(0, line - 1)).reduce((sum, each) => sum + each.length + 1, 0);
  const width = lines[line - 1]?.length ?? 0;
  return Math.min(text.length, before + Math.min(Math.max(0, column - 1), width));
}

export function lineCount(text: string): number {
  return text.split('\n').length;
}
