// Somebody is on call instead of whose turn it is.

import { useState, type FormEvent } from 'react';
import type { Receiver, Rota } from '../api/shapes';
import { useSession } from '../ui/context';
import { Dialog } from '../ui/dialog';
import { useChange } from './act';

const kLengths: [number, string][] = [[3600, 'an hour'], [28_800, '8 hours'], [86_400, 'a day'], [604_800, 'a week']];

export function StandInDialog({ rota, receivers, onClose }: { rota: Rota; receivers: Receiver[]; onClose: () => void }) {
  const change = useChange();
  const { say } = useSession();
  const [who, setWho] = useState(receivers[0]?.name ?? '');
  const [from, setFrom] = useState('');
  const [length, setLength] = useState(28_800);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const begins = from ? { from: new Date(from).toISOString() } : {};
    change('POST', `/oncall/${encodeURIComponent(rota.rota)}/overrides`, { who, for_s: length, ...begins }, 'oncall').then(
      () => {
        say(`${who} stands in for ${rota.rota}.`);
        onClose();
      },
      (error: Error) => say(error.message, 'serious'),
    );
  };
  return (
    <Dialog title={`Stand in for ${rota.rota}`} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="form">
          <label>
            Who
            <select value={who} onChange={(event) => setWho(event.target.value)}>
              {receivers.map((each) => (
                <option key={each.name}>{each.name}</option>
              ))}
            </select>
          </label>
          <label>
            From (empty: now)
            <input type="datetime-local" value={from} onChange={(event) => setFrom(event.target.value)} />
          </label>
          <label>
            For
            <select value={length} onChange={(event) => setLength(Number(event.target.value))}>
              {kLengths.map(([each, text]) => (
                <option key={each} value={each}>
                  {text}
                </option>
              ))}
            </select>
          </label>
        </div>
        <div className="row end">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={!who}>
            Stand in
          </button>
        </div>
      </form>
    </Dialog>
  );
}
