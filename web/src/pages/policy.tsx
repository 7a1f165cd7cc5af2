// Who may reach whom: read, tried, and signed; and which grant decides.

import { useEffect, useRef, useState, type FormEvent } from 'react';
import { problemIn, type Answer, type Problem } from '../api/client';
import type { Explained, Policy as PolicyShape, PolicyCheck } from '../api/shapes';
import type { Source } from '../api/store';
import { diffLines, type DiffLine } from '../lib/diff';
import { countText } from '../lib/format';
import { lineCount, offsetOf } from '../lib/place';
import { useData, useMay, useParam, useSession } from '../ui/context';
import { Dialog } from '../ui/dialog';
import { Badge, Do, Loaded, Page, Section, Time, ToneIcon } from '../ui/parts';

interface Versioned {
  policy: PolicyShape;
  /** What a change has to name, so that nobody's is lost. */
  etag: string;
}

const kSource: Source<Versioned> = {
  key: '/policy with its version',
  topics: ['policy'],
  everyMs: 0,
  load: async (client) => {
    const answer = (await client.get<PolicyShape>('/policy')) as Answer<PolicyShape>;
    return { value: { policy: answer.value, etag: answer.etag }, etag: '' };
  },
};

const kExample = `// Who may reach whom. What no grant covers is denied.
{
    "grants": [
        {"src": ["*"], "dst": ["*"], "ip": ["*"]},
    ],
    "tests": [
    ],
}
`;

export default function Policy() {
  const view = useData(kSource);
  return (
    <Page title="Policy">
      <Loaded view={view} what="the policy">
        {({ policy, etag }) => (
          <>
            <p className="lead">
              {policy.active ? (
                <>
                  Version {policy.sequence}, signed <Time at={policy.signed} />. What no grant covers is denied.
                </>
              ) : (
                'There is no policy: everybody reaches everybody.'
              )}
            </p>
            <Explain text={policy.text} />
            <Editor policy={policy} etag={etag} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Explain({ text }: { text: string }) {
  const { store } = useSession();
  const [src, setSrc] = useParam('src');
  const [dst, setDst] = useParam('dst');
  const [port, setPort] = useParam('port');
  const [answer, setAnswer] = useState<Explained | null>(null);
  const [problem, setProblem] = useState('');
  const ask = () => {
    const query = new URLSearchParams({ src: src.trim(), dst: dst.trim(), port: port.trim() });
    store.client.get<Explained>(`/policy/explain?${query}`).then(
      (said) => {
        setAnswer(said?.value ?? null);
        setProblem('');
      },
      (error) => {
        setAnswer(null);
        setProblem(problemIn(error).message);
      },
    );
  };
  const isWhole = Boolean(src.trim() && dst.trim() && port.trim());
  // A link to a question brings its answer along; a new policy, a new answer.
  useEffect(() => {
    if (isWhole) ask();
  }, [text]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask();
  };
  const line = answer?.line ? text.split('\n')[answer.line - 1]?.trim() : undefined;
  return (
    <Section title="May it?">
      <form className="row explain" onSubmit={submit}>
        <label>
          From
          <input value={src} spellCheck={false} placeholder="birch" onChange={(event) => setSrc(event.target.value)} />
        </label>
        <label>
          To
          <input value={dst} spellCheck={false} placeholder="amber" onChange={(event) => setDst(event.target.value)} />
        </label>
        <label>
          Port
          <input value={port} spellCheck={false} placeholder="22, udp:53, icmp" onChange={(event) => setPort(event.target.value)} />
        </label>
        <button type="submit" disabled={!isWhole}>
          Explain
        </button>
      </form>
      <div role="status">
        {problem && (
          <p className="note serious">
            <ToneIcon tone="serious" />
            <span>{problem}</span>
          </p>
        )}
        {answer && (
          <div className={`note ${answer.allowed ? 'good' : 'serious'}`}>
            <ToneIcon tone={answer.allowed ? 'good' : 'serious'} />
            <div>
              <p>
                <b>{answer.allowed ? 'Allowed.' : 'Denied.'}</b> {answer.text}
              </p>
              {line && (
                <pre>
                  {answer.line}: {line}
                </pre>
              )}
            </div>
          </div>
        )}
      </div>
    </Section>
  );
}

type Verdict = { kind: 'none' } | { kind: 'good'; check: PolicyCheck } | { kind: 'bad'; problem: Problem };

function Editor({ policy, etag }: { policy: PolicyShape; etag: string }) {
  const { store } = useSession();
  const mayWrite = useMay('policy:write');
  const [draft, setDraft] = useState<string | null>(null);
  // What the draft began from: if somebody else signs meanwhile, this one is refused and not theirs lost.
  const [base, setBase] = useState({ text: policy.text, etag });
  const [verdict, setVerdict] = useState<Verdict>({ kind: 'none' });
  const [isAsked, setAsked] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const isEditing = draft !== null;
  const text = draft ?? policy.text;

  const begin = () => {
    setBase({ text: policy.text, etag });
    setDraft(policy.text || kExample);
    setVerdict({ kind: 'none' });
  };
  const edit = (value: string) => {
    setDraft(value);
    setVerdict({ kind: 'none' });
  };
  const check = async () => {
    try {
      const answer = await store.client.change<PolicyCheck>('PUT', '/policy?dry_run=true', { body: { text }, ifMatch: base.etag });
      setVerdict({ kind: 'good', check: answer.value });
    } catch (error) {
      refuse(problemIn(error));
    }
  };
  const refuse = (problem: Problem) => {
    setVerdict({ kind: 'bad', problem });
    const at = area.current;
    if (problem.line !== null && at) {
      const offset = offsetOf(text, problem.line, problem.column ?? 1);
      at.focus();
      at.setSelectionRange(offset, offset + 1);
    }
  };
  const sign = async () => {
    setAsked(false);
    try {
      await store.client.change('PUT', '/policy', { body: { text }, ifMatch: base.etag });
      setDraft(null);
      setVerdict({ kind: 'none' });
      store.refresh('policy', 'audit');
    } catch (error) {
      refuse(problemIn(error));
    }
  };
  return (
    <Section
      title={isEditing ? 'Draft' : 'Text'}
      aside={
        isEditing ? (
          <span className="row">
            <button type="button" onClick={() => setDraft(null)}>
              Discard
            </button>
            <Do label="Check" tone="primary" scope="policy:write" action={check} />
            <button type="button" className="danger" disabled={verdict.kind !== 'good'} onClick={() => setAsked(true)}>
              Sign…
            </button>
          </span>
        ) : (
          <button type="button" disabled={!mayWrite} title={mayWrite ? undefined : 'This token has not the scope policy:write.'} onClick={begin}>
            Edit
          </button>
        )
      }
    >
      <div role="status">
        <VerdictNote verdict={verdict} />
      </div>
      {isEditing || policy.text ? (
        <div className="editor">
          <pre className="gutter" aria-hidden="true">
            {numbers(text, verdict)}
          </pre>
          <textarea
            ref={area}
            aria-label="Policy"
            value={text}
            readOnly={!isEditing}
            rows={Math.max(8, lineCount(text))}
            spellCheck={false}
            onChange={(event) => edit(event.target.value)}
          />
        </div>
      ) : null}
      {isEditing && text !== base.text && <Diff before={base.text} after={text} />}
      {isAsked && (
        <Dialog title="Sign this policy?" onClose={() => setAsked(false)}>
          <p>Every node is told, and enforces it at once. What no grant covers will be denied.</p>
          <Diff before={base.text} after={text} />
          <div className="row end">
            <button type="button" onClick={() => setAsked(false)}>
              Not yet
            </button>
            <Do label="Sign" tone="danger" scope="policy:write" action={sign} />
          </div>
        </Dialog>
      )}
    </Section>
  );
}

function VerdictNote({ verdict }: { verdict: Verdict }) {
  if (verdict.kind === 'none') return null;
  if (verdict.kind === 'good') {
    return (
      <p className="note good">
        <ToneIcon tone="good" />
        <span>
          It can be signed: {countText(verdict.check.grants, 'grant')}, and {countText(verdict.check.tests, 'test')} that hold.
        </span>
      </p>
    );
  }
  const { problem } = verdict;
  return (
    <p className="note serious">
      <ToneIcon tone="serious" />
      <span>
        <b>Refused{problem.line !== null && ` at line ${problem.line}, column ${problem.column ?? 1}`}.</b> {problem.message}
      </span>
    </p>
  );
}

function numbers(text: string, verdict: Verdict): string {
  const wrong = verdict.kind === 'bad' ? verdict.problem.line : null;
  return Array.from({ length: lineCount(text) }, (_, index) => (index + 1 === wrong ? `▸ ${index + 1}` : `${index + 1}`)).join('\n');
}

const kMarks: Record<DiffLine['kind'], string> = { same: ' ', gone: '−', new: '+' };
// Of lines that are the same, those next to a change.
const kAround = 2;

function Diff({ before, after }: { before: string; after: string }) {
  const lines = diffLines(before, after);
  const isNear = (at: number) => lines.slice(Math.max(0, at - kAround), at + kAround + 1).some((each) => each.kind !== 'same');
  const gone = lines.filter((each) => each.kind === 'gone').length;
  const added = lines.filter((each) => each.kind === 'new').length;
  return (
    <>
      <p>
        <Badge>{countText(added, 'line')} more</Badge> <Badge>{countText(gone, 'line')} less</Badge>
      </p>
      <pre className="diff" tabIndex={0} role="region" aria-label="What changes">
        {lines.map((each, index) =>
          isNear(index) ? (
            <div key={index} className={each.kind}>
              {kMarks[each.kind]} {each.text}
            </div>
          ) : null,
        )}
      </pre>
    </>
  );
}
