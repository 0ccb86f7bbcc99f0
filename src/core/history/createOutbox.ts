import type { DatabaseSync } from "node:sqlite";

/**
 * Events that are to be sent get their target and their turn. What an earlier version had queued is taken over. What it
 * had begun to send may have reached the handler, and is held; what a person had it send is over.
 */
export function createOutbox(database: DatabaseSync): void {
  database.exec(`
    DROP INDEX forward_job_by_owner;
    ALTER TABLE forward_job RENAME TO former_job;
    ${tables}
    INSERT INTO forward_job (event, owner, target, standing)
      SELECT event, owner, json_extract(owner, '$[3]'), CASE WHEN held = 1 OR tries > 0 THEN 'held' ELSE 'pending' END
      FROM former_job WHERE json_valid(owner) AND json_extract(owner, '$[3]') IS NOT NULL ORDER BY event;
    INSERT INTO forward_lane (lane, event, job)
      SELECT about.record, about.event, job.id FROM event_record AS about JOIN forward_job AS job ON job.event = about.event;
    UPDATE event SET handling = 'held' WHERE id IN (SELECT event FROM forward_job WHERE standing = 'held');
    UPDATE event SET handling = 'stopped' WHERE handling IN ('queued', 'sending', 'waiting')
      AND id IN (SELECT event FROM former_job) AND id NOT IN (SELECT event FROM forward_job);
    DROP TABLE former_job;
  `);
}

/**
 * `forward_job` is one event on its way to one target. `standing` is pending (from `due_at` on), sending (by `window`,
 * with `attempt`), held, or ended, as long as other targets of its event are not: `former` where its rule has that target
 * no more, which may come back. `behind` is a job that has to end before, as far as is known; it is looked for when the
 * job's turn comes. `ends`: it is not tried again. `forward_lane` is what each job waits its turn in.
 *
 * Of `event`, what was caught up with is `backlog`: it came in while no editor may have been there. `forward_window` is until when a window is taken to live that has events under way.
 */
const tables = `
  CREATE TABLE forward_job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event INTEGER NOT NULL,
    owner TEXT NOT NULL,
    by_hand INTEGER NOT NULL DEFAULT 0,
    target TEXT NOT NULL,
    standing TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL DEFAULT 0,
    ends INTEGER NOT NULL DEFAULT 0,
    window TEXT,
    attempt INTEGER,
    behind INTEGER REFERENCES forward_job (id) ON DELETE SET NULL,
    UNIQUE (event, owner, target)
  ) STRICT;
  CREATE INDEX forward_job_by_standing ON forward_job (standing, behind, by_hand, event);
  CREATE INDEX forward_job_by_owner ON forward_job (owner, standing);
  CREATE INDEX forward_job_by_behind ON forward_job (behind) WHERE behind IS NOT NULL;

  CREATE TABLE forward_lane (
    lane TEXT NOT NULL,
    event INTEGER NOT NULL,
    job INTEGER NOT NULL REFERENCES forward_job (id) ON DELETE CASCADE,
    PRIMARY KEY (lane, event, job)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX forward_lane_by_job ON forward_lane (job);

  ALTER TABLE event ADD COLUMN backlog INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX IF NOT EXISTS event_withheld ON event (zoho_channel, id) WHERE handling = 'withheld';

  CREATE TABLE forward_window (
    id TEXT PRIMARY KEY,
    alive_until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
