// The page: signed out or signed in, the frame, and which page is in it.

import { Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Client } from './api/client';
import type { Session as SignedSession } from './api/shapes';
import { Store } from './api/store';
import { signInProblemIn, tokenIn } from './lib/route';
import { pageOf } from './pages';
import { SignIn } from './pages/sign_in';
import { SessionContext, useRoute, type Session } from './ui/context';
import { Frame } from './ui/frame';
import { Loading } from './ui/parts';

/** Of a link, once; it is kept nowhere. */
function given(): { token: string; problem: string } {
  const found = { token: tokenIn(location.hash) ?? '', problem: signInProblemIn(location.hash) };
  if (found.token || found.problem) history.replaceState(null, '', '#/');
  return found;
}

interface Note {
  id: number;
  text: string;
  tone: 'good' | 'serious';
}

const kNoteMs = 8_000;

export function App() {
  const [{ token, problem }] = useState(given);
  const [session, setSession] = useState<SignedSession | null>(null);
  const [farewell, setFarewell] = useState<string | null>(problem || null);
  const leave = useCallback((why: string) => {
    setSession(null);
    setFarewell(why);
  }, []);
  if (!session) return <SignIn token={farewell === null ? token : ''} farewell={farewell} onSignedIn={setSession} />;
  return <SignedIn key={session.id} session={session} onLeave={leave} />;
}

function SignedIn({ session: signed, onLeave }: { session: SignedSession; onLeave: (why: string) => void }) {
  const [store, setStore] = useState<Store | null>(null);
  const [notes, setNotes] = useState<Note[]>([]);
  useEffect(() => {
    const made = new Store(new Client(signed.csrf), () => onLeave('You were signed out. Sign in again.'));
    setStore(made);
    return () => made.close();
  }, [signed, onLeave]);
  const say = useCallback((text: string, tone: Note['tone'] = 'good') => {
    const note = { id: Date.now() + Math.random(), text, tone };
    setNotes((all) => [...all.slice(-2), note]);
    setTimeout(() => setNotes((all) => all.filter((each) => each.id !== note.id)), kNoteMs);
  }, []);
  const session = useMemo<Session | null>(() => {
    if (!store) return null;
    // Where the node cannot be told, the session ends by itself.
    const signOut = () => void store.client.change('DELETE', '/sessions/self').catch(() => {}).then(() => onLeave(''));
    return { store, who: signed.who, say, signOut };
  }, [store, signed, say, onLeave]);
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
  return (
    <div key={place}>
      <Suspense fallback={<Loading what="the page" />}>{page}</Suspense>
    </div>
  );
}
