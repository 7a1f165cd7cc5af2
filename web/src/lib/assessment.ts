// The judgement of an alert is a text in which every term can be read (docs/response.md). Here it becomes values, so that
// it can be drawn. What is not understood is shown as it came.

export interface Term {
  name: string;
  value: number;
}

export interface Judgement {
  risk: number;
  priority: string;
  confidence: number;
  /** of 90 %; null where the text has none */
  interval: [number, number] | null;
  severity: number;
  /** share of what matters that is within reach, 0 to 1 */
  reach: number;
  /** of the log-odds: the prior, then each kind of evidence */
  terms: Term[];
  logOdds: number | null;
  calibration: string;
  within: string;
  technique: string;
}

const kNumber = String.raw`(-?\d+(?:\.\d+)?)`;
const kRisk = new RegExp(
  `^risk ${kNumber} \\((P[1-5])\\) = 1 \\+ 9 x ${kNumber} x ${kNumber}: confidence ${kNumber}; severity ${kNumber} of 10, ` +
    `to the power ${kNumber} as ${kNumber} % of what matters is within reach`,
);
const kConfidence = new RegExp(`^confidence ${kNumber}, 90 % between ${kNumber} and ${kNumber} \\(calibration (\\S+)\\): (.*)$`);

export function readAssessment(text: unknown): Judgement | null {
  if (typeof text !== 'string') return null;
  const lines = text.split('\n');
  const risk = kRisk.exec(lines[0] ?? '');
  if (!risk) return null;
  const confidence = find(lines, kConfidence);
  const evidence = confidence?.[5] ?? '';
  return {
    risk: Number(risk[1]),
    priority: risk[2]!,
    confidence: Number(risk[3]),
    severity: Number(risk[6]),
    reach: Number(risk[8]) / 100,
    interval: confidence ? [Number(confidence[2]), Number(confidence[3])] : null,
    calibration: confidence?.[4] ?? '',
    terms: readTerms(evidence),
    logOdds: readNumber(evidence, new RegExp(`^log-odds ${kNumber} =`)),
    within: find(lines, /^within reach: (.*)$/)?.[1] ?? '',
    technique: find(lines, /^technique (.*)$/)?.[1] ?? '',
  };
}

// "log-odds 2.61 = prior -4.60 + signature 4.11 - reputation 0.10"
function readTerms(text: string): Term[] {
  const sum = text.slice(text.indexOf('=') + 1);
  return [...sum.matchAll(new RegExp(`(^| [+-]) ?([a-z][a-z ]*?) ${kNumber}`, 'g'))].map((found) => ({
    name: found[2]!,
    value: Number(found[3]) * (found[1]!.includes('-') ? -1 : 1),
  }));
}

function readNumber(text: string, pattern: RegExp): number | null {
  const found = pattern.exec(text);
  return found ? Number(found[1]) : null;
}

function find(lines: string[], pattern: RegExp): RegExpExecArray | null {
  for (const line of lines) {
    const found = pattern.exec(line);
    if (found) return found;
  }
  return null;
}
