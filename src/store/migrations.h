#pragma once

// The tables, and how each version is made from the one before. Inside this component only.

#include <array>

namespace phantom::store {

// Never changed once shipped: a new form is a new entry. PRAGMA user_version is the number of those done.
inline constexpr std::array<const char*, 4> kMigrations{
    // Deliveries. `request` is emptied when one is delivered, as it may hold a receiver's secrets.
    R"(
CREATE TABLE delivery (
    key TEXT NOT NULL PRIMARY KEY CHECK (length(key) > 0),
    sequence INTEGER NOT NULL UNIQUE,
    priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 5),
    state TEXT NOT NULL CHECK (state IN ('queued', 'retry', 'delivered', 'dead_letter')),
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    put_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    done_at INTEGER,
    answer TEXT NOT NULL DEFAULT '',
    request TEXT NOT NULL
) STRICT;
CREATE INDEX delivery_pending ON delivery (sequence) WHERE state IN ('queued', 'retry');
CREATE INDEX delivery_done ON delivery (done_at) WHERE done_at IS NOT NULL;
)",
    // What was decided and done: nothing is changed, and nothing taken away but from the front, where
    // audit_start says what the first entry that is left goes on from. Documents: values that others write whole.
    R"(
CREATE TABLE audit (
    sequence INTEGER NOT NULL PRIMARY KEY CHECK (sequence > 0),
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    origin TEXT NOT NULL,
    what TEXT NOT NULL CHECK (length(what) > 0),
    target TEXT NOT NULL,
    why TEXT NOT NULL,
    outcome TEXT NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TABLE audit_start (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TABLE audit_head (
    sequence INTEGER NOT NULL PRIMARY KEY CHECK (sequence > 0),
    at INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    signature BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit
WHEN OLD.sequence > coalesce((SELECT sequence FROM audit_start), 0)
BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
CREATE TABLE document (
    kind TEXT NOT NULL CHECK (length(kind) > 0),
    number INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, number)
) STRICT, WITHOUT ROWID;
)",
    // What a component has to know again after a crash, in its own words.
    R"(
CREATE TABLE record (
    kind TEXT NOT NULL CHECK (length(kind) > 0),
    key TEXT NOT NULL CHECK (length(key) > 0),
    value TEXT NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
)",
    // One table for both: a number is a key of twenty digits, so that the order of keys is that of numbers
    // (number_key in records.h).
    R"(
INSERT INTO record (kind, key, value) SELECT kind, printf('%020d', number), body FROM document;
DROP TABLE document;
)",
};

}  // namespace phantom::store
