/*
 * The ratchet of src/pq and the hitless switch-over of WireGuard's pre-shared key (psk_set.h).
 *
 * Two peers hold three keys each. Either may begin an exchange at any moment; WireGuard handshakes
 * come in between, and peers crash. First a storm, in which timers fire whenever they like; then
 * calm, in which they fire only when nothing else can happen. README.md says what is left out.
 *
 * The network is the set of all messages ever sent: any of them may be received, at any time, in any
 * order, or never. A repetition changes nothing at its receiver, so it is no step here.
 *
 * A key is the number of the exchange that made it; NONE is the bootstrap value, which everybody
 * holds. Numbers grow, as the sequence numbers of one node's offers do.
 *
 *   -DSTORM=n -DCRASHES=n -DHANDSHAKES=n   bounds: exchanges in the storm, crashes, WireGuard's
 *   -DLOSE_STATE                           a crash may lose everything, not the exchange alone
 *   -DMUTANT_...                           a rule broken on purpose: the checks must notice
 */

#ifndef STORM
#define STORM 3
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef HANDSHAKES
#define HANDSHAKES 2
#endif

#define CALM 6              /* exchanges that the calm may need; running out is an error */
#define LAST (STORM + CALM)

#define NONE 0
#define A 0
#define B 1
#define OTHER(p) (1 - (p))

/* ---- One peer's memory (PskSet, Outgoing, Incoming) ---- */
byte pending[2], current[2], previous[2];
bool retiring[2];                       /* the peer is known to be past `previous` */
byte pending_sequence[2], confirmed_sequence[2];
byte outgoing[2];                       /* the exchange begun here, NONE: no */
bool answered[2];                       /* ...has its answer, and waits for the acknowledgement */
byte incoming[2];                       /* the exchange answered here and not confirmed */
byte born[2];                           /* exchanges up to this one were before the last crash */
bool lost[2];                           /* lost its keys, and has not agreed on one since */
short held[2];                          /* every key it ever held, a bit each */

/* ---- The network ---- */
bool offered[LAST + 1], answer_sent[LAST + 1], confirm_sent[LAST + 1], ack_sent[LAST + 1];
bool by_b[LAST + 1];                    /* who began it */
byte offer_names[LAST + 1];             /* what the initiator responds with, and its salt */
byte answer_names[LAST + 1];            /* what the responder responds with */
byte response_to[2];                    /* WireGuard's message 2: its key + 1 */
byte first_packet_to[2];                /* the session's first packet: its key + 1 */

byte begun, crashes, handshakes, calm_from;
bool calm;

#define HOLDS(p, key) \
    ((key) == NONE || pending[p] == (key) || current[p] == (key) || previous[p] == (key))
#define BIT(key) (1 << (key))

/* What one side responds with, the other can open, unless one of them lost its state. */
inline check() {
    if
    :: current[A] == current[B] && current[A] != NONE -> lost[A] = false; lost[B] = false
    :: else
    fi;
    assert(lost[A] || lost[B] || (HOLDS(A, current[B]) && HOLDS(B, current[A])))
}

/* A key is confirmed only when the other side has made it too. */
inline confirmed(p, key) { assert(held[OTHER(p)] & BIT(key)) }

inline retire(p) {
    if
    :: previous[p] != NONE -> retiring[p] = true
    :: else
    fi
}

inline confirm_pending(p) {
    confirmed(p, pending[p]);
    if
    :: pending_sequence[p] > confirmed_sequence[p] -> confirmed_sequence[p] = pending_sequence[p]
    :: else
    fi;
    previous[p] = current[p];
    current[p] = pending[p];
    pending[p] = NONE;
    retiring[p] = false;
    retire(p)
}

/* A WireGuard session stands on this key. */
inline psk_used(p, key) {
    if
    :: key != NONE && pending[p] == key -> confirm_pending(p)
    :: key != NONE && current[p] == key -> retire(p)
    :: else
    fi
}

/* ---- The exchange ---- */

inline start(p) {
    begun++;
    outgoing[p] = begun;
    answered[p] = false;
    offered[begun] = true;
    by_b[begun] = p;
    offer_names[begun] = current[p]
}

#ifdef MUTANT_NO_SEQUENCE
#define SEQUENCE_OK(p, e) true
#else
#define SEQUENCE_OK(p, e) \
    ((e) > confirmed_sequence[p] && (pending[p] == NONE || (e) > pending_sequence[p]))
#endif

/* Simultaneous offers: A has the smaller id, and its offer stands. */
#define WILL_ANSWER(p, e) \
    (offered[e] && !answer_sent[e] && by_b[e] == OTHER(p) && (e) > born[p] && SEQUENCE_OK(p, e) && \
     (p == B || outgoing[p] == NONE || answered[p]))

inline receive_offer(p, e) {
    if
    :: outgoing[p] != NONE && !answered[p] -> outgoing[p] = NONE
    :: else
    fi;
#ifndef MUTANT_NO_EVIDENCE
    psk_used(p, offer_names[e]);
#endif
    incoming[p] = e;
    pending[p] = e;
    pending_sequence[p] = e;
    held[p] = held[p] | BIT(e);
#ifdef MUTANT_RESPOND_EARLY
    previous[p] = current[p];
    current[p] = e;
    pending[p] = NONE;
#endif
    answer_names[e] = current[p];
    answer_sent[e] = true
}

inline receive_answer(p) {
    held[p] = held[p] | BIT(outgoing[p]);
    if
    :: pending[p] != NONE && pending[p] == answer_names[outgoing[p]] -> confirm_pending(p)
    :: else
    fi;
    pending[p] = NONE;
    incoming[p] = NONE;
    confirmed(p, outgoing[p]);
#ifdef MUTANT_DROP_EARLY
    previous[p] = NONE;
#else
    previous[p] = current[p];
#endif
    current[p] = outgoing[p];
    retiring[p] = false;
    confirm_sent[outgoing[p]] = true;
    answered[p] = true
}

inline receive_confirm(p) {
    if
    :: pending[p] == incoming[p] -> confirm_pending(p)
    :: else
    fi;
    ack_sent[incoming[p]] = true;
    incoming[p] = NONE
}

inline receive_acknowledge(p) {
    if
    :: current[p] == outgoing[p] -> retire(p)
    :: else
    fi;
    outgoing[p] = NONE;
    answered[p] = false
}

inline crash(p) {
    crashes++;
    outgoing[p] = NONE;
    answered[p] = false;
    incoming[p] = NONE;
    retiring[p] = false;
    response_to[p] = 0;
    first_packet_to[p] = 0;
    born[p] = begun;
    /* The session that comes next makes the other begin its unanswered offer anew. */
    if
    :: outgoing[OTHER(p)] != NONE && !answered[OTHER(p)] -> outgoing[OTHER(p)] = NONE
    :: else
    fi
}

inline lose_state(p) {
    pending[p] = NONE;
    current[p] = NONE;
    previous[p] = NONE;
    pending_sequence[p] = 0;
    confirmed_sequence[p] = 0;
    lost[p] = true
}

/* In the storm a timer is as quick as it likes; in the calm it is slower than everything else, and
 * of two exchanges the one that began first is given up first. */
#define TIMER (!calm || timeout)
#define FIRST(p) (!calm || outgoing[OTHER(p)] == NONE || outgoing[p] < outgoing[OTHER(p)])
#define OFFER(e) :: atomic { WILL_ANSWER(p, e) -> receive_offer(p, e); check() }

proctype Peer(byte p) {
end:
    do
    /* The owner begins an exchange: in the calm, where none has succeeded in it. */
    :: atomic { outgoing[p] == NONE && incoming[p] == NONE && !calm && begun < STORM -> start(p) }
    :: atomic { outgoing[p] == NONE && incoming[p] == NONE && calm && current[p] <= calm_from ->
           assert(begun < LAST); start(p) }

    OFFER(1)
    OFFER(2)
    OFFER(3)
    OFFER(4)
    OFFER(5)
    OFFER(6)
    OFFER(7)
#if STORM >= 2
    OFFER(8)
#endif
#if STORM >= 3
    OFFER(9)
#endif
    :: atomic { outgoing[p] != NONE && !answered[p] && answer_sent[outgoing[p]] ->
           receive_answer(p); check() }
    :: atomic { incoming[p] != NONE && confirm_sent[incoming[p]] -> receive_confirm(p); check() }
    :: atomic { outgoing[p] != NONE && answered[p] && ack_sent[outgoing[p]] ->
           receive_acknowledge(p); check() }

    /* Timers: an exchange given up, an answer forgotten, an old key gone. */
    :: atomic { outgoing[p] != NONE && FIRST(p) && TIMER -> outgoing[p] = NONE; answered[p] = false }
    :: atomic { incoming[p] != NONE && TIMER -> incoming[p] = NONE }
    :: atomic { retiring[p] -> retiring[p] = false; previous[p] = NONE; check() }

    /* WireGuard: p initiated, and the other responds; either message may be lost. */
    :: atomic { handshakes < HANDSHAKES && response_to[p] == 0 && first_packet_to[OTHER(p)] == 0 ->
           handshakes++; response_to[p] = current[OTHER(p)] + 1 }
    :: atomic { response_to[p] != 0 && HOLDS(p, response_to[p] - 1) ->
           psk_used(p, response_to[p] - 1);
           first_packet_to[OTHER(p)] = response_to[p];
           response_to[p] = 0;
           check() }
    :: atomic { response_to[p] != 0 -> response_to[p] = 0 }
    :: atomic { first_packet_to[p] != 0 ->
           psk_used(p, first_packet_to[p] - 1); first_packet_to[p] = 0; check() }
    :: atomic { first_packet_to[p] != 0 -> first_packet_to[p] = 0 }

    :: atomic { !calm && crashes < CRASHES -> crash(p); check() }
#ifdef LOSE_STATE
    :: atomic { !calm && crashes < CRASHES -> crash(p); lose_state(p); check() }
#endif
    od
}

#define AT_REST (outgoing[A] == NONE && outgoing[B] == NONE && \
                 incoming[A] == NONE && incoming[B] == NONE)

/* The storm ends at any moment; and in the end both have one key, made in the calm. */
proctype Weather() {
    atomic { calm_from = begun; calm = true };
    atomic { AT_REST && timeout ->
        assert(current[A] == current[B]);
        assert(current[A] > calm_from) }
}

init {
    atomic { run Peer(A); run Peer(B); run Weather() }
}
