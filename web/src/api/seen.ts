// What is seen, as the API's shapes have it.

export interface Flow {
  number: number;
  peer: string;
  direction: 'in' | 'out' | 'through';
  protocol: string;
  from: string;
  from_name: string;
  from_port: number;
  to: string;
  to_name: string;
  to_port: number;
  state: 'asked' | 'open' | 'over';
  application: string;
  name: string;
  packets_there: number;
  packets_back: number;
  bytes_there: number;
  bytes_back: number;
  counts_are_all: boolean;
  seen_by: 'watcher' | 'kernel';
  since: string;
  last: string;
  policy: 'none' | 'allowed' | 'denied';
  grant_line: number | null;
}
export interface Flows {
  flows: Flow[];
  count: number;
  is_whole: boolean;
}
export interface Detection {
  number: number;
  at: string;
  kind: 'signature' | 'scenario' | 'anomaly' | 'log' | 'reputation' | 'peer report';
  rule: string;
  text: string;
  subject: string;
  subject_name: string;
  object: string;
  technique: string;
  severity: number;
  evidence: number;
  confidence: number;
  risk_tenths: number;
  feeds: string[];
  alert: number;
  incident: number;
  explanation: string;
}
export interface Detections {
  detections: Detection[];
  judged: number;
  kept: number;
}
