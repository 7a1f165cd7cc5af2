// What a person can do about an action: a word on it, or taking it back. Taking it back says first what that means.

import { useEffect, useState } from 'react';
import { problemIn } from '../api/client';
import type { Action, ActionDone, ActionEffect, Undone } from '../api/shapes';
import * as sources from '../api/sources';
import { countText } from '../lib/format';
import { actionText } from '../lib/state';
import { useData, useMay, useSession } from '../ui/context';
import { Dialog } from '../ui/dialog';
import { Do, ToneIcon } from '../ui/parts';

export function useChange() {
  const { store } = useSession();
  return async <T,>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, ...topics: string[]): Promise<T> => {
    const answer = await store.client.change<T>(method, path, { body });
    store.refresh(...topics);
    return answer.value;
  };
}

export function ActionButtons({ action }: { action: Action }) {
  const change = useChange();
  const number = action.number;
  if (number === null) return null;
  const word = (verb: string) => () => change('POST', `/actions/${number}/${verb}`, undefined, 'action', 'alert');
  if (action.state === 'proposed') {
    return (
      <span className="row">
        <ApproveButton action={action} number={number} />
        <Do label="Deny" scope="actions:write" done={`Action ${number} is not done.`} action={word('deny')} />
      </span>
    );
  }
  return (
    <span className="row">
      {action.confirm_by && <Do label="It stays" tone="primary" scope="actions:write" done={`Action ${number} stays.`} action={word('confirm')} />}
      <UndoButton action={action} number={number} />
    </span>
  );
}

function ApproveButton({ action, number }: { action: Action; number: number }) {
  const change = useChange();
  const [isAsked, setAsked] = useState(false);
  const peers = useData(sources.peers).value?.peers;
  const isAllowed = useMay('actions:write');
  const approve = async () => {
    await change('POST', `/actions/${number}/approve`, undefined, 'action', 'alert', 'incident');
    setAsked(false);
  };
  return (
    <>
      <button type="button" className="primary" disabled={!isAllowed} onClick={() => setAsked(true)}>
        Approve…
      </button>
      {isAsked && (
        <Dialog title={`Approve action ${number}?`} onClose={() => setAsked(false)}>
          <p>
            <b>{actionText(action, peers)}.</b> {action.reason}
          </p>
          <EffectFacts of={action.effect} />
          <div className="row end">
            <button type="button" onClick={() => setAsked(false)}>
              Not yet
            </button>
            <Do label="Approve" tone="primary" scope="actions:write" done={`Action ${number} is done.`} action={approve} />
          </div>
        </Dialog>
      )}
    </>
  );
}

export function AcknowledgeButton({ number, tone }: { number: number; tone?: 'primary' | 'plain' }) {
  const change = useChange();
  return (
    <Do
      label="Acknowledge"
      tone={tone}
      scope="alerts:write"
      done={`You look at alert ${number}: nobody else is told.`}
      action={() => change('POST', `/alerts/${number}/ack`, undefined, 'alert', 'incident')}
    />
  );
}

function UndoButton({ action, number }: { action: Action; number: number }) {
  const [isAsked, setAsked] = useState(false);
  const isAllowed = useMay('actions:write');
  return (
    <>
      <button type="button" disabled={!isAllowed} title={isAllowed ? undefined : 'This token has not the scope actions:write.'} onClick={() => setAsked(true)}>
        Undo
      </button>
      {isAsked && <UndoDialog action={action} number={number} onClose={() => setAsked(false)} />}
    </>
  );
}

function UndoDialog({ action, number, onClose }: { action: Action; number: number; onClose: () => void }) {
  const { store } = useSession();
  const change = useChange();
  const peers = useData(sources.peers).value?.peers;
  const [would, setWould] = useState<Undone | null>(null);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    store.client
      .change<Undone>('POST', `/actions/${number}/undo?dry_run=true`, { body: {} })
      .then((answer) => setWould(answer.value), (error) => setProblem(problemIn(error).message));
  }, [store, number]);
  const dependents = would?.dependents ?? [];
  const undo = async () => {
    await change('POST', `/actions/${number}/undo`, { cascade: dependents.length > 0 }, 'action', 'alert', 'incident');
    onClose();
  };
  return (
    <Dialog title={`Undo action ${number}?`} onClose={onClose}>
      {problem ? (
        <p className="note serious" role="alert">
          <ToneIcon tone="serious" />
          <span>{problem}</span>
        </p>
      ) : (
        <>
          <p>“{actionText(action, peers)}” is taken back to exactly what was before.</p>
          {dependents.length > 0 && <p>These depend on it and go as well: {dependents.join(', ')}.</p>}
        </>
      )}
      <div className="row end">
        <button type="button" onClick={onClose}>
          Leave it
        </button>
        <Do label="Undo" tone="primary" scope="actions:write" done={`Action ${number} is undone.`} disabled={!would} action={undo} />
      </div>
    </Dialog>
  );
}

export function BlockButton({ address, reason }: { address: string; reason: string }) {
  const [isAsked, setAsked] = useState(false);
  const isAllowed = useMay('actions:write');
  return (
    <>
      <button type="button" className="danger" disabled={!isAllowed} onClick={() => setAsked(true)}>
        Block…
      </button>
      {isAsked && <ActDialog target={address} reason={reason} onClose={() => setAsked(false)} />}
    </>
  );
}

const kExecutors: [Action['executor'], string, string][] = [
  ['firewall', 'Drop all its packets', 'an address'],
  ['rate-limit', 'Limit its packets', 'an address'],
  ['isolation', 'Isolate a member', 'a member'],
  ['tunnel', 'Close the tunnel', 'a member'],
  ['rekey', 'New keys', 'a member'],
];
const kLengths: [number, string][] = [[600, '10 minutes'], [3600, 'an hour'], [86_400, 'a day'], [604_800, 'a week']];

/** Asks what is to be done; what it would cut is said before it is done. */
export function ActDialog({ target, reason, onClose }: { target: string; reason: string; onClose: () => void }) {
  const change = useChange();
  const [executor, setExecutor] = useState<Action['executor']>('firewall');
  const [at, setAt] = useState(target);
  const [length, setLength] = useState(3600);
  const [rate, setRate] = useState(100);
  const [would, setWould] = useState<ActionDone | null>(null);
  const wish = { executor, target: at.trim(), for_s: length, reason, ...(executor === 'rate-limit' ? { rate } : {}) };
  const renew = <T,>(set: (value: T) => void) => (value: T) => {
    set(value);
    setWould(null);
  };
  return (
    <Dialog title="Act" onClose={onClose}>
      <div className="form">
        <label>
          What
          <select value={executor} onChange={(event) => renew(setExecutor)(event.target.value as Action['executor'])}>
            {kExecutors.map(([each, text]) => (
              <option key={each} value={each}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <label>
          Against {kExecutors.find(([each]) => each === executor)?.[2]}
          <input value={at} onChange={(event) => renew(setAt)(event.target.value)} spellCheck={false} />
        </label>
        {executor === 'rate-limit' && (
          <label>
            Packets in a second
            <input type="number" min={1} value={rate} onChange={(event) => renew(setRate)(Number(event.target.value))} />
          </label>
        )}
        <label>
          For
          <select value={length} onChange={(event) => renew(setLength)(Number(event.target.value))}>
            {kLengths.map(([each, text]) => (
              <option key={each} value={each}>
                {text}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div role="status">{would && <Effect of={would} />}</div>
      <div className="row end">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        {would ? (
          <Do
            label="Do it"
            tone="danger"
            scope="actions:write"
            done="It is done."
            action={async () => {
              await change('POST', '/actions', wish, 'action', 'alert', 'incident');
              onClose();
            }}
          />
        ) : (
          <Do
            label="What would it do?"
            tone="primary"
            scope="actions:write"
            disabled={!at.trim()}
            action={async () => setWould(await change<ActionDone>('POST', '/actions?dry_run=true', wish, 'none'))}
          />
        )}
      </div>
    </Dialog>
  );
}

function Effect({ of }: { of: ActionDone }) {
  return (
    <>
      <p>
        <b>{actionText(of)}.</b> It can be undone at any time.
      </p>
      <EffectFacts of={of.effect} />
    </>
  );
}

/** What it would cut, or has cut. */
export function EffectFacts({ of }: { of: ActionEffect | undefined }) {
  if (!of) return null;
  const isNothing = of.flows === 0 && of.members_count === 0 && of.routes_count === 0 && of.tunnels_count === 0;
  if (isNothing) return <p className="calm">It cuts nothing that is there now.</p>;
  return (
    <div className="effect">
      <p>It cuts:</p>
      <ul>
        <Cut count={of.flows} one="flow" of={of.flow_list} isLeast={!of.flows_are_all} />
        <Cut count={of.members_count} one="member" of={of.members} />
        <Cut count={of.routes_count} one="route by them" many="routes by them" of={of.routes} />
        <Cut count={of.tunnels_count} one="tunnel" of={of.tunnels} />
      </ul>
    </div>
  );
}

function Cut({ count, one, many, of, isLeast }: { count: number; one: string; many?: string; of: string[]; isLeast?: boolean }) {
  if (count === 0) return null;
  return (
    <li>
      <b>
        {isLeast && 'at least '}
        {countText(count, one, many)}
      </b>
      {of.map((each) => (
        <span key={each} className="under mono">
          {each}
        </span>
      ))}
      {count > of.length && of.length > 0 && <span className="under faint">and {count - of.length} more</span>}
    </li>
  );
}
