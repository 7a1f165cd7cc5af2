// What is done about an incident step by step: runs under way, what they wait for, and the start of another.

import { useState, type FormEvent } from 'react';
import type { PlaybookChanged, PlaybookInfo, PlaybookRun, WaitingStep } from '../api/shapes';
import * as sources from '../api/sources';
import { countText, sentence, type Tone } from '../lib/format';
import { useData, useMay, useSession } from '../ui/context';
import { Dialog } from '../ui/dialog';
import { Badge, Clock, Do, Empty, Loaded, Mono, Section, Time } from '../ui/parts';
import { useChange } from './act';

const kTones: Record<PlaybookRun['state'], Tone> = { running: 'info', done: 'good', failed: 'serious', stopped: 'quiet' };

export function PlaybooksOf({ incident }: { incident: number }) {
  return useMay('playbooks:read') ? <Runs incident={incident} /> : null;
}

function Runs({ incident }: { incident: number }) {
  const view = useData(sources.runs);
  const [isAsked, setAsked] = useState(false);
  const mayWrite = useMay('playbooks:write');
  return (
    <Section
      title="Playbooks"
      aside={
        <button type="button" disabled={!mayWrite} onClick={() => setAsked(true)}>
          Run one…
        </button>
      }
    >
      <Loaded view={view} what="the playbooks">
        {({ runs }) => {
          const mine = runs.filter((each) => each.incident === incident).sort((a, b) => b.run - a.run);
          if (mine.length === 0) return <p className="calm faint">None has run for it.</p>;
          return mine.map((each, index) => <Run key={each.run} run={each} isOpen={index === 0} />);
        }}
      </Loaded>
      {isAsked && <RunDialog incident={incident} onClose={() => setAsked(false)} />}
    </Section>
  );
}

function Run({ run, isOpen }: { run: PlaybookRun; isOpen: boolean }) {
  const change = useChange();
  return (
    <article className="detection">
      <header>
        <h3>{run.name}</h3>
        <Badge tone={kTones[run.state]} icon={run.state === 'done' ? 'good' : undefined}>
          {sentence(run.state)}
        </Badge>
        <span className="faint">
          run {run.run}, began <Time at={run.started} />
        </span>
        {run.state === 'running' && (
          <Do label="Stop" scope="playbooks:write" done={`Run ${run.run} has ended.`} action={() => change('POST', `/playbook-runs/${run.run}/stop`, undefined, 'run', 'incident')} />
        )}
      </header>
      {run.waiting.map((each) => (
        <Waiting key={each.step} run={run.run} step={each} />
      ))}
      <Progress number={run.run} isOpen={isOpen} />
    </article>
  );
}

function Waiting({ run, step }: { run: number; step: WaitingStep }) {
  const change = useChange();
  const { say } = useSession();
  const mayWrite = useMay('playbooks:write');
  const [text, setText] = useState('');
  const end = (failed: boolean) => {
    change('POST', `/playbook-runs/${run}/steps/${step.step}/done`, { text: text.trim(), failed }, 'run', 'incident').then(
      () => say(failed ? 'It goes on by the way for what failed.' : 'It goes on.'),
      (error: Error) => say(error.message, 'serious'),
    );
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    end(false);
  };
  return (
    <form className="note warning waiting" onSubmit={submit}>
      <div>
        <p>
          <b>It waits for a person.</b> {step.command}
        </p>
        <div className="row">
          <label className="grow">
            <span className="sr-only">What came of it</span>
            <input value={text} maxLength={2000} placeholder="What came of it" onChange={(event) => setText(event.target.value)} />
          </label>
          <button type="submit" className="primary" disabled={!mayWrite}>
            Done
          </button>
          <button type="button" disabled={!mayWrite} onClick={() => end(true)}>
            It could not be done
          </button>
        </div>
      </div>
    </form>
  );
}

// The log is what has been done, as it was done.
function Progress({ number, isOpen }: { number: number; isOpen: boolean }) {
  const [isShown, setShown] = useState(isOpen);
  return (
    <details open={isOpen} onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>What it did</summary>
      {isShown && <Log number={number} />}
    </details>
  );
}

function Log({ number }: { number: number }) {
  const view = useData(sources.run(number));
  return (
    <Loaded view={view} what={`run ${number}`}>
      {({ log }) =>
        log.length === 0 ? (
          <p className="faint">Nothing yet.</p>
        ) : (
          <ol className="timeline two">
            {log.map((each, index) => (
              <li key={index}>
                <Clock at={each.at} />
                <span>{each.text}</span>
              </li>
            ))}
          </ol>
        )
      }
    </Loaded>
  );
}

/** Chooses one, and says what it would do before it does it. */
function RunDialog({ incident, onClose }: { incident: number; onClose: () => void }) {
  const view = useData(sources.playbooks);
  const change = useChange();
  const [name, setName] = useState('');
  const [would, setWould] = useState<string[] | null>(null);
  const ask = <T,>(query: string) => change<T>('POST', `/playbooks/${encodeURIComponent(name)}/runs${query}`, { incident }, query ? 'none' : 'run', query ? 'none' : 'incident');
  return (
    <Dialog title={`A playbook for incident ${incident}`} onClose={onClose}>
      <Loaded view={view} what="the playbooks">
        {({ playbooks, folder }) =>
          playbooks.length === 0 ? (
            <Empty title="There is none.">
              Put playbooks (CACAO 2.0) into <Mono>{folder}</Mono>.
            </Empty>
          ) : (
            <Choose
              of={playbooks}
              name={name}
              onName={(next) => {
                setName(next);
                setWould(null);
              }}
            />
          )
        }
      </Loaded>
      <div role="status">
        {would && (
          <>
            <p>It would:</p>
            <pre className="dry-run">{would.join('\n') || 'do nothing'}</pre>
          </>
        )}
      </div>
      <div className="row end">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        {would ? (
          <Do label="Run it" tone="primary" scope="playbooks:write" done="It runs." action={async () => void (await ask('').then(onClose))} />
        ) : (
          <Do
            label="What would it do?"
            tone="primary"
            scope="playbooks:write"
            disabled={!name}
            action={async () => setWould((await ask<PlaybookChanged>('?dry_run=true')).lines ?? [])}
          />
        )}
      </div>
    </Dialog>
  );
}

function Choose({ of, name, onName }: { of: PlaybookInfo[]; name: string; onName: (name: string) => void }) {
  return (
    <fieldset className="choices">
      <legend className="sr-only">Which</legend>
      {of.map((each) => (
        <label key={each.name}>
          <input type="radio" name="playbook" disabled={each.problem !== ''} checked={each.name === name} onChange={() => onName(each.name)} />
          <span>
            <b>{each.title || each.name}</b>
            <span className="faint under">{each.problem || `${each.name}, ${countText(each.steps, 'step')}`}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
