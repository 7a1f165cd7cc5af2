// The page: signed out or signed in, the frame, and which page is in it.

import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Client } from './api/client';
import type { TokenSelf } from './api/shapes';
import { Store } from './api/store';
import { tokenIn } from './lib/route';
import { pageOf } from './pages';
import { SignIn } from './pages/sign_in';
import { SessionContext, useRoute, type Session } from './ui/context';
import { Frame } from './ui/frame';

// Of this tab, and gone with it. No cookie: nothing is sent by itself, so that no other page can use it.
const kTokenKey = 'phantom.token';

function keptToken(): string {
  const given = tokenIn(location.hash);
  if (given) {
    sessionStorage.setItem(kTokenKey, given);
    history.replaceState(null, '', '#/');
  }
  return sessionStorage.getItem(kTokenKey) ?? '';
}

interface Note {
  id: number;
  text: string;
  tone: 'good' | 'serious';
}

const kNoteMs = 8_000;

export function App() {
  const [token, setToken] = useState(keptToken);
  const [who, setWho] = useState<TokenSelf | null>(null);
  const [farewell, setFarewell] = useState('');
  const leave = useCallback((why: string) => {
    sessionStorage.removeItem(kTokenKey);
    setWho(null);
    setToken('');
    setFarewell(why);
  }, []);
  const enter = useCallback((good: string, self: TokenSelf) => {
    sessionStorage.setItem(kTokenKey, good);
    setWho(self);
    setToken(good);
    setFarewell('');
  }, []);
  if (!who) {
    const refused = () => leave('This token is none, or its time is over, or it was revoked.');
    return <SignIn token={token} farewell={farewell} onSignedIn={enter} onRefused={refused} onForget={() => leave('')} />;
  }
  return <SignedIn token={token} who={who} onLeave={leave} />;
}

function SignedIn({ token, who, onLeave }: { token: string; who: TokenSelf; onLeave: (why: string) => void }) {
  const [store, setStore] = useState<Store | null>(null);
  const [notes, setNotes] = useState<Note[]>([]);
  useEffect(() => {
    const made = new Store(new Client(token), () => onLeave('The token is not good any more.'));
    setStore(made);
    return () => made.close();
  }, [token, onLeave]);
  const say = useCallback((text: string, tone: Note['tone'] = 'good') => {
    const note = { id: Date.now() + Math.random(), text, tone };
    setNotes((all) => [...all.slice(-2), note]);
    setTimeout(() => setNotes((all) => all.filter((each) => each.id !== note.id)), kNoteMs);
  }, []);
  const session = useMemo<Session | null>(
    () => store && { store, who, say, signOut: () => onLeave('') },
    [store, who, say, onLeave],
  );
  if (!session) return null;
  return (
    <SessionContext.Provider value={session}>
      <Frame>
        <CurrentPage />
      </Frame>
      <div className="notes" role="status" aria-live="polite">
        {notes.map((note) => (
          <p key={note.id} className={`toast ${note.tone}`}>
            {note.text}
          </p>
        ))}
      </div>
    </SessionContext.Provider>
  );
}

function CurrentPage() {
  const { path } = useRoute();
  const place = path.join('/');
  const { title, page } = pageOf(path);
  const before = useRef(place);
  useEffect(() => {
    document.title = `${title} - PhantomMesh`;
    // Another page: who reads with a keyboard or hears it begins at its title.
    if (before.current !== place) {
      before.current = place;
      scrollTo(0, 0);
      document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
    }
  }, [title, place]);
  return <div key={place}>{page}</div>;
}
