// Invitations with which machines join the mesh. Only where the root key is held can one be made.

import { useState, type FormEvent } from 'react';
import type { Invitation, NewInvitation } from '../api/shapes';
import * as sources from '../api/sources';
import { countText } from '../lib/format';
import { useData, useMay, useSession } from '../ui/context';
import { Dialog } from '../ui/dialog';
import { Do, Empty, Loaded, Mono, Section, Time } from '../ui/parts';
import { ShownOnce } from '../ui/shown_once';
import { Table, type Column } from '../ui/table';
import { useChange } from './act';

export function Invitations() {
  const view = useData(sources.invitations);
  const change = useChange();
  const [isAsked, setAsked] = useState(false);
  const mayWrite = useMay('tokens:write');
  const columns: Column<Invitation>[] = [
    { key: 'id', title: 'Invitation', cell: (each) => <Mono>{each.id.slice(0, 12)}</Mono> },
    { key: 'uses', title: 'For', cell: (each) => countText(each.uses_left, 'machine'), by: (each) => each.uses_left, isNumber: true },
    { key: 'tags', title: 'Tags', cell: (each) => each.tags.join(', ') || '–', isMinor: true },
    { key: 'used', title: 'Used by', cell: (each) => each.used_by || '–', isMinor: true },
    { key: 'ends', title: 'Ends', cell: (each) => <Time at={each.expires} />, by: (each) => each.expires },
    { key: 'do', title: '', cell: (each) => <Do label="Revoke" scope="tokens:write" done="Nobody joins with it any more." action={() => change('DELETE', `/tokens/${each.id}`, undefined, 'token')} /> },
  ];
  return (
    <Section
      title="Invitations to the mesh"
      aside={
        <button type="button" disabled={!mayWrite} onClick={() => setAsked(true)}>
          Invite…
        </button>
      }
    >
      {view.problem?.status === 409 ? (
        <p className="faint">{view.problem.message}</p>
      ) : (
        <Loaded view={view} what="the invitations">
          {({ tokens }) => (
            <Table caption="Invitations" param="invitations" rows={tokens} columns={columns} rowKey={(each) => each.id} order="ends" empty={<Empty title="There are none." />} />
          )}
        </Loaded>
      )}
      {isAsked && <InviteDialog onClose={() => setAsked(false)} />}
    </Section>
  );
}

const kLengths: [number, string][] = [[3600, 'an hour'], [86_400, 'a day'], [604_800, 'a week']];

function InviteDialog({ onClose }: { onClose: () => void }) {
  const change = useChange();
  const { say } = useSession();
  const [uses, setUses] = useState(1);
  const [length, setLength] = useState(86_400);
  const [tags, setTags] = useState('');
  const [made, setMade] = useState<NewInvitation | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wish = { uses, lifetime_s: length, tags: tags.split(/[\s,]+/).filter(Boolean) };
    change<NewInvitation>('POST', '/tokens', wish, 'token').then(setMade, (error: Error) => say(error.message, 'serious'));
  };
  if (made) {
    return (
      <ShownOnce title="The invitation" secret={`phantom join ${made.token}`} onClose={onClose}>
        Run this on the machine, as root. It is shown this once, and lets {countText(made.uses, 'machine')} in.
      </ShownOnce>
    );
  }
  return (
    <Dialog title="Invite machines" onClose={onClose}>
      <form onSubmit={submit}>
        <div className="form">
          <label>
            How many
            <input type="number" min={1} max={255} value={uses} onChange={(event) => setUses(Number(event.target.value))} />
          </label>
          <label>
            Within
            <select value={length} onChange={(event) => setLength(Number(event.target.value))}>
              {kLengths.map(([each, text]) => (
                <option key={each} value={each}>
                  {text}
                </option>
              ))}
            </select>
          </label>
          <label>
            Tags, for the policy
            <input value={tags} spellCheck={false} placeholder="db web" onChange={(event) => setTags(event.target.value)} />
          </label>
        </div>
        <div className="row end">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={!(uses >= 1 && uses <= 255)}>
            Invite
          </button>
        </div>
      </form>
    </Dialog>
  );
}
